"""How fast the app answers: load from another process over loopback, against a page that does nothing on the same server.

    python benchmarks/web/pages.py [--requests 10000]

Prints JSON: the 95th percentile of each page and its ratio to /health, errors with 50 users at once, memory before
and after, and the time from start to the first page.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("/pages/overview", "/pages/baseline", "/pages/path", "/pages/affordability", "/pages/assumptions", "/pages/grades", "/explain/forecast/2030-31")


def start(home: str) -> tuple[subprocess.Popen[bytes], str, float]:
    """Start the app as a user does and give its address and the seconds to its first page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "wpb", "serve", str(ROOT / "examples" / "midshire"), "--port", address.rsplit(":", 1)[1]], stdout=subprocess.DEVNULL, env={**os.environ, "XDG_DATA_HOME": home, "PYTHONUNBUFFERED": "1"})
    while True:
        try:
            if httpx.get(f"{address}/pages/overview", timeout=30).status_code == 200:
                return process, address, time.perf_counter() - began
        except httpx.TransportError:
            time.sleep(0.02)


def resident_mb(process: subprocess.Popen[bytes]) -> float:
    """The memory of the server."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def p95(client: httpx.Client, path: str, times: int = 300) -> float:
    """The 95th percentile of a page in milliseconds, one request after another."""
    client.get(path)
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        client.get(path).raise_for_status()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.quantiles(taken, n=20)[-1]


async def crowd(address: str, users: int, requests: int) -> dict[str, Any]:
    """Send requests from many users at once and count what goes wrong."""
    errors: list[str] = []
    limits = httpx.Limits(max_connections=users, max_keepalive_connections=users)

    async def one(client: httpx.AsyncClient, user: int) -> None:
        for number in range(requests // users):
            try:
                answer = await client.get(PAGES[(user + number) % len(PAGES)])
                if answer.status_code != 200:
                    errors.append(str(answer.status_code))
            except httpx.HTTPError as fault:
                errors.append(type(fault).__name__)

    began = time.perf_counter()
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as client:
        await asyncio.gather(*(one(client, user) for user in range(users)))
    return {"users": users, "requests": requests, "errors": len(errors), "kinds_of_error": sorted(set(errors)), "requests_per_second": round(requests / (time.perf_counter() - began))}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=10_000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        start(home)[0].terminate()
        process, address, seconds = start(home)
        try:
            with httpx.Client(base_url=address, timeout=60) as client:
                nothing = p95(client, "/health")
                pages = {path: p95(client, path) for path in PAGES}
                trial = {"version": 1, "slider": ["scale:care_model_impacts:saving"]}
                taken = []
                for value in range(80, 90):
                    began = time.perf_counter()
                    client.post("/try/figures", data={**trial, "value": [str(value)]}).raise_for_status()
                    taken.append(time.perf_counter() - began)
            asyncio.run(crowd(address, 50, 500))
            before = resident_mb(process)
            crowded = asyncio.run(crowd(address, 50, wanted.requests))
            found = {
                "start_to_first_page_seconds": round(seconds, 2),
                "nothing_p95_ms": round(nothing, 2),
                "pages": {path: {"p95_ms": round(each, 2), "ratio": round(each / nothing, 2)} for path, each in pages.items()},
                "slider_seconds_median": round(statistics.median(taken), 3),
                "crowd": crowded,
                "memory_mb": {"before": round(before), "after": round(resident_mb(process))},
            }
        finally:
            process.terminate()
            process.wait()
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()

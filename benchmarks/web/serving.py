"""Start the app as a user does, in a process of its own, and read what it costs."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass
class Served:
    """The app in its own process: its address, its sign-in link, and what its start took.

    told_seconds: until any page was answered, figures or word of how far they are; seconds: until a
    page with figures.
    """

    process: subprocess.Popen[str]
    address: str
    link: str
    told_seconds: float
    seconds: float
    processor_seconds: float

    def stop(self) -> None:
        """Stop it and wait."""
        self.process.terminate()
        self.process.wait(30)

    def resident_mb(self) -> float:
        """Its resident memory in MB of 1,048,576 bytes."""
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0

    def processor_now(self) -> float:
        """Processor seconds it has used so far."""
        return processor_seconds(self.process.pid)


def processor_seconds(process: int) -> float:
    """Processor seconds a process has used (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def serve(home: str) -> Served:
    """Start the app on Midshire with its data under a folder, and wait for the first page with
    figures.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, began = f"http://127.0.0.1:{port}", time.perf_counter()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "wpb",
            "serve",
            str(ROOT / "examples" / "midshire"),
            "--port",
            str(port),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_DATA_HOME": home, "PYTHONUNBUFFERED": "1"},
    )
    told = 0.0
    while True:
        try:
            status = httpx.get(
                f"{address}/pages/overview", timeout=60, headers={"accept": "text/html"}
            ).status_code
        except httpx.TransportError:
            time.sleep(0.01)
            continue
        told = told or time.perf_counter() - began
        if status == 200:
            break
        time.sleep(0.05)
    seconds, used = time.perf_counter() - began, processor_seconds(process.pid)
    assert process.stdout is not None
    link = next(
        found[0]
        for line in process.stdout
        if (found := re.search(r"http\S+/sign-in/link/\S+", line))
    )
    return Served(process, address, link, told, seconds, used)

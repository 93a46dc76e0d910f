"""The server is killed in the middle of a run, and another takes the run up; the way in is one
command with no set-up.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from wpb.store.database import Database
from wpb.store.trail import verify_store


@contextmanager
def served(model: Path, home: Path) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """Start the app as a user does and sign in by the link it prints."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "wpb", "serve", str(model), "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_DATA_HOME": str(home), "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    assert server.stdout is not None
    link = next(
        found[0]
        for line in server.stdout
        if (found := re.search(r"http\S+/sign-in/link/\S+", line))
    )
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
    for _ in range(400):
        try:
            client.get("/health").raise_for_status()
            break
        except httpx.TransportError:
            time.sleep(0.05)
    assert client.get(link).status_code == 303
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/sign-in").text)
    assert found is not None
    client.headers["x-csrf-token"] = found[1]
    try:
        yield server, client
    finally:
        client.close()
        if server.poll() is None:
            server.terminate()
        server.wait(30)


def until(client: httpx.Client, run: int, *standings: str) -> str:
    for _ in range(900):
        standing = str(client.get(f"/runs/{run}.json").json()["standing"])
        if standing in standings:
            return standing
        time.sleep(0.1)
    raise AssertionError(f"the run stayed {standing}")


def test_a_run_survives_the_death_of_its_server(repo_root: Path, tmp_path: Path) -> None:
    model = repo_root / "tests" / "fixtures" / "tiny"
    with served(model, tmp_path) as (server, client):
        run = client.post("/runs", data={"version": 1}).raise_for_status().json()["run"]
        until(client, run, "running", "done")
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(10)
    store = next((tmp_path / "wpb").glob("*.db"))
    database = Database(f"sqlite:///{store}")
    with database.reading() as connection:
        assert verify_store(connection) == []
    database.close()
    with served(model, tmp_path) as (_, client):
        assert until(client, run, "done", "failed", "cancelled") == "done"
        assert client.get(f"/runs/{run}.zip").content.startswith(b"PK")

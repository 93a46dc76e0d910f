"""Take the pictures of the app for the docs: starts it on the bundled model, runs a shadow test,
photographs its pages.

python tools/screenshots.py [docs/screenshots]
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "overview": "/pages/overview",
    "workings": "/pages/workings",
    "payments": "/pages/payments",
    "sharing": "/pages/sharing",
    "shadow": "/pages/shadow",
}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 600_000


def main() -> None:
    """Start the app, sign in by its link, run a shadow test, and write one PNG a page."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots"
    out.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as home, (Path(home) / "log").open("w+") as log:
        served = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "wpb",
                "serve",
                str(ROOT / "examples" / "midshire"),
                "--port",
                port,
            ],
            stdout=log,
            env={**os.environ, "XDG_DATA_HOME": home, "PYTHONUNBUFFERED": "1"},
        )
        try:
            while not (
                link := re.search(r"http\S+/sign-in/link/\S+", (Path(home) / "log").read_text())
            ):
                time.sleep(0.1)
            time.sleep(1)
            with sync_playwright() as playwright:
                program = shutil.which("chromium") or shutil.which("google-chrome")
                browser = playwright.chromium.launch(executable_path=program, args=QUIET)
                tab = browser.new_page(viewport={"width": 1200, "height": 820})
                tab.goto(link[0])
                photograph(tab, f"http://127.0.0.1:{port}", out)
                browser.close()
        finally:
            served.terminate()
            served.wait()


def photograph(tab: Any, address: str, out: Path) -> None:
    """Run a shadow test, then write a picture of each page once its figures are there."""
    _open(tab, f"{address}/pages/shadow")
    tab.fill("#runs", "2000")
    tab.click("text=Run a shadow test")
    tab.locator("text=The shadow test is done").wait_for(timeout=PATIENCE_MS)
    for name, path in PAGES.items():
        _open(tab, f"{address}{path}")
        tab.screenshot(path=str(out / f"{name}.png"))
        print(out / f"{name}.png")


def _open(tab: Any, address: str) -> None:
    tab.goto(address)
    tab.locator("h1").filter(has_not_text="Working out the figures").wait_for(timeout=PATIENCE_MS)


if __name__ == "__main__":
    main()

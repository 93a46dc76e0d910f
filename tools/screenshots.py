"""Take the pictures of the app for the docs: starts it on the bundled model and photographs its pages.

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

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"overview": "/pages/overview", "baseline": "/pages/baseline", "path": "/pages/path", "affordability": "/pages/affordability", "explain": "/explain/forecast/2030-31", "try": "/try", "version": "/versions/1", "checklists": "/checklists", "trail": "/trail"}


def main() -> None:
    """Start the app, sign in by its link, and write one PNG a page."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots"
    out.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as home, (Path(home) / "log").open("w+") as log:
        served = subprocess.Popen([sys.executable, "-m", "wpb", "serve", str(ROOT / "examples" / "midshire"), "--port", port], stdout=log, env={**os.environ, "XDG_DATA_HOME": home, "PYTHONUNBUFFERED": "1"})
        try:
            while not (link := re.search(r"http\S+/sign-in/link/\S+", (Path(home) / "log").read_text())):
                time.sleep(0.1)
            time.sleep(1)
            with sync_playwright() as playwright:
                program = shutil.which("chromium") or shutil.which("google-chrome")
                browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
                tab = browser.new_page(viewport={"width": 1280, "height": 900})
                tab.goto(link[0])
                for name, path in PAGES.items():
                    tab.goto(f"http://127.0.0.1:{port}{path}")
                    tab.screenshot(path=str(out / f"{name}.png"))
                    print(out / f"{name}.png")
                browser.close()
        finally:
            served.terminate()
            served.wait()


if __name__ == "__main__":
    main()

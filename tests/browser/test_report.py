"""The report in a real browser: it opens under its own policy, nothing is cut off, and it fits a
narrow screen.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.examples import budget_of
from wpb.present.results import write_results

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
MEASURE = """<script>
addEventListener('load', () => {
  const cut = [], wide = [], apart = [];
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter(text => text.textContent.trim());
    const boxes = texts.map(text => [text.textContent, text.getBoundingClientRect()]);
    for (const [words, box] of boxes)
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) cut.push(words);
    boxes.forEach(([a, p], i) => boxes.slice(i + 1).forEach(([b, q]) => {
      if (Math.min(p.right, q.right) - Math.max(p.left, q.left) > 2 && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 3) apart.push(a + ' | ' + b);
    }));
  }
  for (const element of document.querySelectorAll('body *'))
    if (!element.closest('.scroll') && !element.closest('.skip') && element.getBoundingClientRect().right > innerWidth + 1) wide.push(element.tagName + ' ' + element.textContent.slice(0, 40));
  const found = {cut, apart, wide, page: document.documentElement.scrollWidth, screen: innerWidth, charts: document.querySelectorAll('svg').length};
  parent.postMessage(JSON.stringify(found), '*');
});
</script>"""


@pytest.fixture(scope="module")
def report(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "results"
    write_results(budget_of("midshire"), folder)
    return folder / "report.html"


def browse(chromium: Path, profile: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Open something without a screen, in a profile of its own."""
    done = subprocess.run(
        [str(chromium), *QUIET, f"--user-data-dir={profile}", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    shutil.rmtree(profile, ignore_errors=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def measured(chromium: Path, report: Path, folder: Path, width: int) -> dict[str, Any]:
    """Measure the report's layout at a width, in a copy that may run a script, framed as wide as
    wanted.
    """
    text = re.sub(
        r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>",
        "",
        report.read_text(encoding="utf-8"),
    )
    (folder / "copy.html").write_text(
        text.replace("</body>", MEASURE + "</body>"), encoding="utf-8"
    )
    frame = (
        f"<body><iframe src='copy.html' width='{width}'"
        " height='900'></iframe><pre></pre><script>addEventListener('message', heard =>"
        " document.querySelector('pre').textContent = heard.data)</script></body>"
    )
    (folder / "frame.html").write_text(
        f"<!DOCTYPE html><meta charset='utf-8'>{frame}", encoding="utf-8"
    )
    done = browse(
        chromium,
        folder / "profile",
        "--virtual-time-budget=8000",
        "--window-size=1600,1000",
        "--dump-dom",
        (folder / "frame.html").as_uri(),
    )
    found = re.search(r"<pre>(\{.*?\})</pre>", done.stdout, re.DOTALL)
    assert found, done.stdout[-500:]
    return dict(
        json.loads(found[1].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))
    )


def test_it_opens_under_its_own_policy(chromium: Path, report: Path, tmp_path: Path) -> None:
    done = browse(
        chromium,
        tmp_path / "profile",
        "--enable-logging=stderr",
        "--v=0",
        "--dump-dom",
        report.as_uri(),
    )
    assert "Content Security Policy" not in done.stderr and "Refused to" not in done.stderr
    assert "Headline figures" in done.stdout and done.stdout.count("<svg") >= 7


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_is_cut_off_and_no_labels_collide(
    chromium: Path, report: Path, tmp_path: Path, width: int
) -> None:
    found = measured(chromium, report, tmp_path, width)
    assert found["charts"] >= 7
    assert found["cut"] == [] and found["apart"] == []
    assert found["wide"] == [] and found["page"] <= found["screen"]


def test_it_draws(chromium: Path, report: Path, tmp_path: Path) -> None:
    picture = tmp_path / "report.png"
    browse(
        chromium,
        tmp_path / "profile",
        f"--screenshot={picture}",
        "--window-size=1280,2400",
        report.as_uri(),
    )
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    assert (width, height) == (1280, 2400)
    assert picture.stat().st_size > 50_000, "a blank page is far smaller"


def test_it_prints(chromium: Path, report: Path, tmp_path: Path) -> None:
    printed = tmp_path / "report.pdf"
    browse(
        chromium,
        tmp_path / "profile",
        f"--print-to-pdf={printed}",
        "--no-pdf-header-footer",
        report.as_uri(),
    )
    pages = len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes()))
    assert 5 <= pages <= 60

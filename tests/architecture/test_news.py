"""News fragments are right, and a release puts them together."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path

import pytest

CHANGELOG = "# Changelog\n\nNewest first.\n\n## 0.1.0 (2026-11-28)\n\n- **Budget**: the first.\n"


def news(repo_root: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", repo_root / "tools" / "news.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def project(folder: Path, **fragments: str) -> Path:
    """Lay a changelog and some fragments; `_` in a name stands for `-`."""
    (folder / "news").mkdir()
    (folder / "news" / "README.md").write_text("# News\n", encoding="utf-8")
    (folder / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    for name, said in fragments.items():
        path = folder / "news" / (name.replace("_", "-") + ".md")
        path.write_text(said, encoding="utf-8")
    return folder


def test_every_fragment_is_right(repo_root: Path) -> None:
    done = news(repo_root, "--check")
    assert done.returncode == 0, done.stderr


def test_a_release_puts_the_fragments_together(repo_root: Path, tmp_path: Path) -> None:
    long = "A share is rounded once, " + "half-up and to the penny, " * 6 + "as all else is.\n"
    project(
        tmp_path, new_totals="Control totals\nare asked for.\n", fixed_b="B.", figures_share=long
    )
    shown = news(repo_root, "--root", tmp_path)
    assert shown.stdout.startswith("## Unreleased\n\n### Figures that move\n\n- A share is")
    assert (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8") == CHANGELOG
    done = news(repo_root, "--root", tmp_path, "--release", "0.2.0")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = f"## 0.2.0 ({datetime.datetime.now(datetime.UTC).date().isoformat()})"
    assert text == CHANGELOG.replace(
        "## 0.1.0", shown.stdout.replace("## Unreleased", heading) + "\n## 0.1.0"
    )
    assert "### New\n\n- Control totals are asked for.\n\n### Fixed\n\n- B.\n" in text
    assert max(map(len, text.splitlines())) <= 125
    assert [path.name for path in (tmp_path / "news").iterdir()] == ["README.md"]


@pytest.mark.parametrize(
    ("name", "said", "refused"),
    [
        ("better_totals", "Totals.", "KIND one of figures, changed, new, fixed"),
        ("new_Totals", "Totals.", "in small letters"),
        ("new_totals", "Totals", "ending in a full stop"),
        ("new_totals", "", "ending in a full stop"),
        ("new_totals", "- Totals.", "leave out the list mark"),
        ("new_totals", "Totals. " * 90, "600 is the most"),
    ],
)
def test_a_fragment_that_is_not_right_stops_the_release(
    repo_root: Path, tmp_path: Path, name: str, said: str, refused: str
) -> None:
    project(tmp_path, **{name: said})
    done = news(repo_root, "--root", tmp_path, "--release", "0.2.0")
    assert done.returncode == 1
    assert refused in done.stderr
    assert (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8") == CHANGELOG


def test_a_release_wants_news_and_a_version(repo_root: Path, tmp_path: Path) -> None:
    project(tmp_path)
    assert "no news" in news(repo_root, "--root", tmp_path, "--release", "0.2.0").stderr
    (tmp_path / "news" / "new-totals.md").write_text("Totals.\n", encoding="utf-8")
    assert news(repo_root, "--root", tmp_path, "--release", "v2").returncode == 2

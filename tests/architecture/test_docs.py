"""Links in the documents lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def documents(repo_root: Path) -> list[Path]:
    """List the Markdown documents of the project."""
    return [
        *sorted(repo_root.glob("*.md")),
        *(
            path
            for folder in ("docs", "news", "benchmarks", "examples")
            for path in sorted((repo_root / folder).rglob("*.md"))
        ),
    ]


def anchors(page: Path) -> set[str]:
    """List the places a link into a page may name: headings as sites write them, and anchors of its
    own.
    """
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    written = {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }
    return written | set(re.findall(r'<a id="([^"]+)"', text))


def test_links_lead_somewhere(repo_root: Path) -> None:
    lost = []
    for page in documents(repo_root):
        for link in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
            if re.match(r"[a-z]+:", link):
                continue
            place, _, anchor = unquote(link).partition("#")
            target = (page.parent / place).resolve() if place else page
            if not target.exists() or (
                anchor and target.suffix == ".md" and anchor not in anchors(target)
            ):
                lost.append(f"{page.relative_to(repo_root).as_posix()}: {link}")
    assert lost == []

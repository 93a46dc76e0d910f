"""Put the fragments of `news/` together into the changelog.

    python tools/news.py                   print what the next release will say
    python tools/news.py --check           say which fragments are not right; exit code 1 if any is
    python tools/news.py --release 0.2.0   write the section into CHANGELOG.md and take the
    fragments away

A fragment is one change a user can notice: a file `news/KIND-a-few-words.md` with a sentence or
two. news/README.md lists the kinds.
"""

from __future__ import annotations

import argparse
import datetime
import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = {
    "figures": "Figures that move",
    "changed": "Changed, with what to do",
    "new": "New",
    "fixed": "Fixed",
}
"""The kinds in the order a reader meets them: what moves a figure comes first."""
NAME = re.compile(rf"({'|'.join(KINDS)})-[a-z0-9]+(-[a-z0-9]+)*\.md")
LONGEST = 600
"""Characters in a fragment: more than that belongs in the documents."""
WIDTH = 125


def fragments(root: Path) -> list[Path]:
    """List the fragments in the order of their names, whether they are right or not."""
    return sorted(path for path in (root / "news").glob("*") if path.name != "README.md")


def words(path: Path) -> str:
    """Read a fragment as one line."""
    return " ".join(path.read_text(encoding="utf-8").split())


def problems(root: Path) -> list[str]:
    """List what is wrong with fragments, each with how to put it right."""
    listed = []
    for path in fragments(root):
        said = words(path)
        if not NAME.fullmatch(path.name):
            listed.append(
                f"news/{path.name}: call it KIND-a-few-words.md in small letters, KIND one of"
                f" {', '.join(KINDS)}"
            )
        if not said.endswith((".", ")", "`")):
            listed.append(f"news/{path.name}: write a sentence or two, ending in a full stop")
        if len(said) > LONGEST:
            listed.append(
                f"news/{path.name}: {len(said)} characters; {LONGEST} is the most, the rest"
                " belongs in docs"
            )
        if said.startswith(("-", "*", "#")) and not said.startswith("**"):
            listed.append(f"news/{path.name}: leave out the list mark or heading, it is added")
    return listed


def section(root: Path, heading: str) -> str:
    """Write one release: its heading, and under each kind its changes as a list."""
    parts = [f"## {heading}"]
    for kind, title in KINDS.items():
        said = [words(path) for path in fragments(root) if path.name.startswith(f"{kind}-")]
        if said:
            items = (
                textwrap.fill(
                    one,
                    WIDTH,
                    initial_indent="- ",
                    subsequent_indent="  ",
                    break_long_words=False,
                    break_on_hyphens=False,
                )
                for one in said
            )
            parts.append(f"### {title}\n\n" + "\n".join(items))
    return "\n\n".join(parts) + "\n"


def release(root: Path, version: str, day: datetime.date) -> None:
    """Put the new section above the last one in CHANGELOG.md and take the fragments away."""
    changelog = root / "CHANGELOG.md"
    before, mark, after = changelog.read_text(encoding="utf-8").partition("\n## ")
    text = f"{before}\n{section(root, f'{version} ({day.isoformat()})')}{mark}{after}"
    changelog.write_text(text, encoding="utf-8", newline="\n")
    for path in fragments(root):
        path.unlink()


def main() -> int:
    """Print, check or release; give the exit code."""
    parser = argparse.ArgumentParser(description="Put the fragments of news/ together.")
    parser.add_argument("--check", action="store_true", help="say what is wrong and write nothing")
    parser.add_argument("--release", metavar="VERSION", help="write the section into CHANGELOG.md")
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of the project")
    arguments = parser.parse_args()
    listed = problems(arguments.root)
    for problem in listed:
        print(problem, file=sys.stderr)
    if listed:
        return 1
    if arguments.release:
        if not re.fullmatch(r"\d+\.\d+\.\d+", arguments.release):
            print("a version is three numbers, such as 0.2.0", file=sys.stderr)
            return 2
        if not fragments(arguments.root):
            print("there is no news to release", file=sys.stderr)
            return 1
        release(arguments.root, arguments.release, datetime.datetime.now(datetime.UTC).date())
    elif not arguments.check:
        print(section(arguments.root, "Unreleased"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())

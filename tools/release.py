"""Make what a release consists of in dist/, and try it as a user would. It publishes nothing.

    python dev.py release          set up, then do all of the below
    python tools/release.py        the same, with the environment's Python

It checks that versions agree, builds the source archive and the wheel, checks what they say of
themselves, and tries the wheel in a fresh environment made from requirements-lock.txt. Then it
writes the licence report, the bill of materials and the checksums, and asks about known
vulnerabilities. An earlier dist/ is replaced only when all of that is done.

Exit code 0: done; 1: something does not fit or does not work; 3: built, but a licence is not
allowed, a vulnerability is known, or a tagged version could not be audited.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Sequence
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

from packaging.requirements import Requirement

from audit import audit, environment_program
from bill_of_materials import bill
from licences import of_lock, report
from locked import LOCK, ROOT, packages

PLACEHOLDER = re.compile(
    r"https?://(?:[\w.-]*\.)?(?:example\.(?:com|org|net)|localhost|127\.0\.0\.1|your[\w.-]*|"
    r"[\w.-]+\.(?:example|invalid|test))(?![\w-])[^\s)>\"]*"
    r"|https?://[^\s)>\"]*(?:<|\{|OWNER|USERNAME|TODO|CHANGEME)[^\s)>\"]*",
    re.IGNORECASE,
)
"""Addresses that lead nowhere until somebody fills them in."""
LINK = re.compile(r"\[[^\]]+\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
TRIED = (
    ("--version",),
    ("doctor",),
    ("new", "handbook", "--example", "handbook"),
    ("check", "handbook"),
    ("run", "handbook"),
)
"""What is asked of the installed wheel, in an empty folder away from the project's."""


class ReleaseStopped(Exception):
    """Something does not fit or does not work; its words say what, and how to put it right."""


def run(command: Sequence[str | Path], folder: Path) -> str:
    """Run a program and give its words; raises ReleaseStopped with the last of them if it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        last = "\n  ".join(done.stdout.splitlines()[-12:])
        named = " ".join([Path(command[0]).name, *map(str, command[1:])])
        raise ReleaseStopped(f"{named} ended with exit code {done.returncode}:\n  {last}")
    return done.stdout


def project_version(root: Path) -> str:
    """Give the version; raises ReleaseStopped where the files that state it differ."""
    stated = {}
    for name, pattern in (
        ("pyproject.toml", r'^version = "([^"]+)"'),
        ("src/wpb/__init__.py", r'^__version__ = "([^"]+)"'),
        ("CITATION.cff", r"^version: (\S+)"),
    ):
        found = re.search(pattern, (root / name).read_text(encoding="utf-8"), re.MULTILINE)
        stated[name] = found[1] if found else "none"
    if len(set(stated.values())) > 1:
        listed = ", ".join(f"{name} {version}" for name, version in stated.items())
        raise ReleaseStopped(f"Versions differ: {listed}. Give all three the same.")
    return stated["pyproject.toml"]


def git(root: Path, *words: str) -> str | None:
    """Ask git; nothing where this is not a checkout of its own."""
    if not (root / ".git").exists() or not shutil.which("git"):
        return None
    done = subprocess.run(
        ["git", *words], cwd=root, capture_output=True, text=True, encoding="utf-8"
    )
    return done.stdout.strip() if done.returncode == 0 else None


def why_rehearsal(root: Path, version: str) -> str:
    """Say why this is a rehearsal and not a version to publish; empty for a tagged version.

    Raises ReleaseStopped where a tagged version's news has not been put into the changelog.
    """
    tags, changed = git(root, "tag", "--points-at", "HEAD"), git(root, "status", "--porcelain")
    if tags is None or changed is None:
        return "this folder is not a git checkout"
    if f"v{version}" not in tags.split():
        return f"this commit has no tag v{version}"
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    waiting = [path.name for path in (root / "news").glob("*.md") if path.name != "README.md"]
    if waiting or not re.search(rf"^## {re.escape(version)} \(", changelog, re.MULTILINE):
        raise ReleaseStopped(
            f"v{version} is tagged, but {len(waiting)} files of news/ are not in CHANGELOG.md or it"
            f" has no section {version}: take the tag away, run `python tools/news.py --release"
            f" {version}`, commit, and tag again."
        )
    return "files differ from the commit" if changed else ""


def metadata_problems(metadata: Message, files: Sequence[str], version: str) -> list[str]:
    """List what is wrong with a package's metadata; `files` are those of the source archive."""
    problems = []
    expected = {"Name": "wpb", "Version": version, "License-Expression": "MIT"}
    for field, value in expected.items():
        if metadata.get(field) != value:
            problems.append(f"{field} is {metadata.get(field)!r}, and should be {value!r}")
    wanted = ("Summary", "Requires-Python", "License-File", "Description-Content-Type")
    problems += [f"{field} is missing" for field in wanted if not metadata.get(field)]
    description = str(metadata.get_payload())
    links = list(metadata.get_all("Project-URL") or ())
    links += [str(metadata.get(field) or "") for field in ("Home-page", "Download-URL")]
    for place, text in (("links", "\n".join(links)), ("description", description)):
        for found in PLACEHOLDER.findall(text):
            problems.append(f"{place}: {found} is a placeholder: give the real address or none")
    for link in sorted(set(LINK.findall(description))):
        if not re.match(r"[a-z]+:", link) and link not in files:
            problems.append(f"description: {link} is not in the source archive")
    for text in metadata.get_all("Requires-Dist") or ():
        if not any(part.operator in {"<", "==", "~="} for part in Requirement(text).specifier):
            problems.append(f"{text} has no upper bound: name the next major version")
    return problems


def built(root: Path, folder: Path) -> tuple[Path, Path]:
    """Build the source archive and the wheel into a folder."""
    run((sys.executable, "-m", "hatchling", "build", "-d", folder), root)
    archive, wheel = list(folder.glob("*.tar.gz")), list(folder.glob("*.whl"))
    if len(archive) != 1 or len(wheel) != 1:
        raise ReleaseStopped(f"The build made {len(archive)} archives and {len(wheel)} wheels.")
    return archive[0], wheel[0]


def check_metadata(archive: Path, wheel: Path, version: str) -> list[str]:
    """Check what both say of themselves, and list the archive's files; raises ReleaseStopped with
    all that is wrong.
    """
    with tarfile.open(archive) as held:
        prefix = f"wpb-{version}/"
        files = [name.removeprefix(prefix) for name in held.getnames()]
        stated = held.extractfile(f"{prefix}PKG-INFO")
        assert stated is not None
        of_archive = BytesParser().parsebytes(stated.read())
    with zipfile.ZipFile(wheel) as zipped:
        of_wheel = BytesParser().parsebytes(zipped.read(f"wpb-{version}.dist-info/METADATA"))
    problems = metadata_problems(of_wheel, files, version)
    if of_archive.as_bytes() != of_wheel.as_bytes():
        problems.append("the archive and the wheel describe themselves differently")
    if problems:
        raise ReleaseStopped("The metadata is not right:\n  " + "\n  ".join(problems))
    return files


def rehearse(lock: Path, wheel: Path, folder: Path) -> None:
    """Install the wheel in a fresh environment made from the lock, and use it from there."""
    environment = folder / "environment"
    venv.create(environment, with_pip=True)
    python = environment_program(environment, "python")
    install = (python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-q")
    run((*install, "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", lock), folder)
    run((*install, "--no-deps", "--no-index", wheel), folder)
    run((python, "-m", "pip", "--disable-pip-version-check", "check"), folder)
    place = folder / "place"
    place.mkdir()
    for words in TRIED:
        said = run((environment_program(environment, "wpb"), *words), place)
        print(f"  wpb {' '.join(words)}: {(said.strip().splitlines() or ['done'])[-1]}", flush=True)
    if not (place / "handbook" / "results" / "report.html").is_file():
        raise ReleaseStopped("`wpb run handbook` wrote no report.")


def checksums(folder: Path) -> str:
    """Write one SHA-256 a line for every file of a folder, as `sha256sum --check` reads them."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
    )


def replace(made: Path, dist: Path) -> None:
    """Put what was made in place of an earlier dist/, which is kept until it is there."""
    earlier = dist.with_name("dist.earlier.tmp")
    shutil.rmtree(earlier, ignore_errors=True)
    incoming = dist.with_name("dist.new.tmp")
    shutil.rmtree(incoming, ignore_errors=True)
    shutil.copytree(made, incoming)
    if dist.exists():
        os.replace(dist, earlier)
    os.replace(incoming, dist)
    shutil.rmtree(earlier, ignore_errors=True)


def release(root: Path, folder: Path) -> int:
    """Do every step in order, saying each; give the exit code."""
    version = project_version(root)
    rehearsal = why_rehearsal(root, version)
    print(f"Building wpb {version}.", flush=True)
    made = folder / "dist"
    archive, wheel = built(root, made)
    check_metadata(archive, wheel, version)
    print("The metadata is right. Trying the wheel in a fresh environment.", flush=True)
    rehearse(root / LOCK.name, wheel, folder)
    licences = of_lock(root / LOCK.name)
    left_out = [package for package in packages(root / LOCK.name) if not package.is_for_here]
    for name, text in (
        ("licences.md", report(licences, left_out)),
        (f"wpb-{version}.cdx.json", bill(root / LOCK.name, root)),
    ):
        (made / name).write_text(text, encoding="utf-8", newline="\n")
    (made / "SHA256SUMS").write_text(checksums(made), encoding="utf-8", newline="\n")
    replace(made, root / "dist")
    print(f"In {root / 'dist'}: {', '.join(sorted(path.name for path in made.iterdir()))}")
    problems = [licence.problem for licence in licences if licence.problem]
    print("\n".join(problems) or f"Licences: all {len(licences)} are allowed.")
    audited, lines = audit(root / LOCK.name)
    print("\n".join(lines))
    if rehearsal:
        print(f"A rehearsal, not to be published: {rehearsal}. docs/releasing.md says what to do.")
    return 3 if problems or audited == 3 or (audited and not rehearsal) else 0


def main() -> int:
    """Make a release; give the exit code."""
    if len(sys.argv) > 1:
        print(__doc__)
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 2
    with tempfile.TemporaryDirectory(prefix="wpb-release-") as folder:
        try:
            return release(ROOT, Path(folder))
        except ReleaseStopped as stopped:
            sys.stdout.flush()
            print(stopped, file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())

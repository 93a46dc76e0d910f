"""What a release holds: bounded dependencies, allowed licences, a bill of materials, an audit that
never takes silence for good news, and metadata that lead somewhere.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from email.message import Message
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import bill_of_materials
import licences
import locked
import release

LOCKS = ("requirements-lock.txt", "requirements-dev-lock.txt")
HASHED = "--hash=sha256:" + "0" * 64


def tool(repo_root: Path, name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", repo_root / "tools" / f"{name}.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def requirements(repo_root: Path) -> list[Requirement]:
    """List everything that pyproject.toml asks for, in every extra and group."""
    settings = tomllib.loads((repo_root / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*settings["build-system"]["requires"], *settings["project"]["dependencies"]]
    for named in (settings["project"]["optional-dependencies"], settings["dependency-groups"]):
        asked += [text for group in named.values() for text in group if isinstance(text, str)]
    return [Requirement(text) for text in asked]


def test_every_requirement_stops_before_the_next_major_version(repo_root: Path) -> None:
    versions = {
        package.name: Version(package.version) for package in locked.packages(repo_root / LOCKS[1])
    }
    wrong = []
    for asked in requirements(repo_root):
        version = versions[re.sub(r"[._]", "-", asked.name)]
        if version not in asked.specifier or Version(f"{version.major + 1}") in asked.specifier:
            wrong.append(f"{asked}: {version} is locked")
    assert wrong == []


def test_every_package_has_an_allowed_licence(repo_root: Path) -> None:
    found = licences.of_lock(repo_root / LOCKS[0])
    assert len(found) > 50
    assert [licence.problem for licence in found if licence.problem] == []


def test_a_licence_that_is_not_allowed_or_not_known_is_named(
    repo_root: Path, tmp_path: Path
) -> None:
    installed = {package.name: package.version for package in locked.packages(repo_root / LOCKS[1])}
    lock = tmp_path / "lock.txt"
    lines = (
        f"beancount=={installed['beancount']}",
        "no-such-package==1.0",
        "click==0.1",
        "elsewhere==1 ; sys_platform == 'nowhere'",
        f"mako=={installed['mako']}",
    )
    lock.write_text("".join(f"{line} \\\n    {HASHED}\n" for line in lines), encoding="utf-8")
    done = tool(repo_root, "licences", "--check", "--lock", lock)
    assert done.returncode == 3
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == [
        f"beancount {installed['beancount']}",
        "click 0.1",
        "no-such-package 1.0",
    ]
    assert "GPL-2.0-only is not among the allowed licences" in done.stderr
    assert "(not installed here)" in done.stderr
    shown = tool(repo_root, "licences", "--lock", lock).stdout
    assert f"| mako | {installed['mako']} | MIT | expression |" in shown
    assert "Not for this platform, so not read: elsewhere 1." in shown


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("MIT OR GPL-3.0-only AND GPL-2.0-only", True),
        ("(MIT OR GPL-3.0-only) AND GPL-2.0-only", False),
        ("(GPL-3.0-only OR MIT) AND (0BSD OR GPL-2.0-only)", True),
        ("GPL-3.0-only WITH GCC-exception-3.1", False),
        ("MIT AND GPL-3.0-only WITH GCC-exception-3.1 OR MIT", True),
    ],
)
def test_a_licence_expression_is_met_or_not(expression: str, allowed: bool) -> None:
    assert licences.is_allowed(expression) is allowed


@pytest.mark.parametrize("text", ["", "click>=8\n", "click==8.1\n", f"click \\\n    {HASHED}\n"])
def test_a_lock_without_versions_or_hashes_is_refused(tmp_path: Path, text: str) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("# made by hand\n" + text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"lock\.txt.* as CONTRIBUTING\.md says"):
        locked.packages(lock)


def test_the_bill_of_materials_is_the_lock(repo_root: Path) -> None:
    lock = repo_root / LOCKS[0]
    text = bill_of_materials.bill(lock, repo_root)
    assert text == bill_of_materials.bill(lock, repo_root)
    bill = json.loads(text)
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    assert not re.search(r"\b20\d\d-\d\d-\d\dT", text), "a time would differ in every release"
    source = lock.read_text(encoding="utf-8")
    held = bill["components"]
    assert {(one["name"], one["version"]) for one in held} == set(
        re.findall(r"^([a-z0-9-]+)==([^\s;]+)", source, re.MULTILINE)
    )
    assert sorted(
        (sha["alg"], sha["content"])
        for one in held
        for reference in one["externalReferences"]
        for sha in reference["hashes"]
    ) == sorted(("SHA-256", sha) for sha in re.findall(r"sha256:(\w+)", source))
    by_name = {one["name"]: one for one in held}
    assert by_name["alembic"]["licenses"] == [{"license": {"id": "MIT"}}]
    assert by_name["cryptography"]["licenses"] == [{"expression": "Apache-2.0 OR BSD-3-Clause"}]
    assert by_name["pycparser"]["properties"][0]["value"] == "implementation_name != 'PyPy'"


def audited(repo_root: Path, folder: Path, *found: object) -> subprocess.CompletedProcess[str]:
    """Read an audit of a lock of two packages."""
    lock, answer = folder / "lock.txt", folder / "found.json"
    lock.write_text(f"one==1.0 \\\n    {HASHED}\ntwo==2.0 \\\n    {HASHED}\n", encoding="utf-8")
    answer.write_text(json.dumps({"dependencies": found, "fixes": []}), encoding="utf-8")
    return tool(repo_root, "audit", "--lock", lock, "--read", answer)


ONE = {"name": "one", "version": "1.0", "vulns": []}
TWO = {"name": "two", "version": "2.0", "vulns": []}


def test_an_audit_is_good_only_if_every_package_was_looked_up(
    repo_root: Path, tmp_path: Path
) -> None:
    done = audited(repo_root, tmp_path, ONE, TWO)
    assert (done.returncode, done.stderr) == (0, "")
    assert "All 2 packages were looked up" in done.stdout
    for other in (
        [{"name": "two", "skip_reason": "not found"}],
        [{**TWO, "version": "2.1"}],
        [],
    ):
        done = audited(repo_root, tmp_path, ONE, *other)
        assert done.returncode == 1
        assert "Not audited: 1 of 2 packages could not be looked up (two 2.0)" in done.stderr


def test_a_known_vulnerability_is_named_with_what_to_do(repo_root: Path, tmp_path: Path) -> None:
    known = {"id": "PYSEC-2026-1", "fix_versions": ["2.0.1"], "aliases": []}
    done = audited(repo_root, tmp_path, {**TWO, "vulns": [known]})
    assert done.returncode == 3
    assert "two 2.0: PYSEC-2026-1, fixed in 2.0.1." in done.stderr
    assert "Not audited: 1 of 2" in done.stderr


def described(version: str = "0.2.0", description: str = "", **more: str) -> Message:
    """Write metadata that are right, but for what a test says."""
    fields = {
        "Name": "wpb",
        "Version": version,
        "Summary": "Budgets",
        "License-Expression": "MIT",
        "License-File": "LICENSE",
        "Requires-Python": ">=3.11",
        "Description-Content-Type": "text/markdown",
        "Requires-Dist": "click<9,>=8.1",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    message = Message()
    for name, value in fields.items():
        if value:
            message[name] = value
    message.set_payload(description)
    return message


def test_metadata_that_are_right_pass() -> None:
    text = "[a](docs/app.md#top), [b](https://www.python.org/downloads/), http://127.0.0.10/"
    assert release.metadata_problems(described(description=text), ["docs/app.md"], "0.2.0") == []


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (described(version="0.1.0"), "Version is '0.1.0', and should be '0.2.0'"),
        (described(License_File=""), "License-File is missing"),
        (described(Project_URL="Home, https://github.com/OWNER/wpb"), "placeholder"),
        (described(Home_page="https://example.com/wpb"), "links: https://example.com/wpb"),
        (described(description="[docs](https://docs.example.org)"), "is a placeholder"),
        (described(description="see http://localhost:8000/"), "is a placeholder"),
        (described(description="[guide](docs/gone.md)"), "docs/gone.md is not in the source"),
        (described(Requires_Dist="click>=8.1"), "click>=8.1 has no upper bound"),
    ],
)
def test_metadata_that_lead_nowhere_are_refused(message: Message, problem: str) -> None:
    found = release.metadata_problems(message, ["docs/app.md"], "0.2.0")
    assert len(found) == 1 and problem in found[0]


def project(folder: Path, version: str = "0.2.0", cited: str = "0.2.0") -> Path:
    """Lay a project of one commit, with its news put together."""
    for name, text in {
        "pyproject.toml": f'[project]\nversion = "{version}"\n',
        "src/wpb/__init__.py": f'__version__ = "{version}"\n',
        "CITATION.cff": f"cff-version: 1.2.0\nversion: {cited}\n",
        "CHANGELOG.md": "# Changelog\n\n## 0.2.0 (2026-12-01)\n\n- New.\n",
        "news/README.md": "# News\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def commit(folder: Path, *more: str) -> None:
    """Commit all there is, and tag it."""
    who = {
        f"GIT_{role}_{what}": "w@wpb"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    for words in (
        ("init", "-q"),
        ("add", "-A"),
        ("commit", "-qm", "all"),
        *(("tag", t) for t in more),
    ):
        subprocess.run(["git", *words], cwd=folder, check=True, env={**os.environ, **who})


def test_versions_that_differ_stop_a_release(tmp_path: Path) -> None:
    assert release.project_version(project(tmp_path)) == "0.2.0"
    project(tmp_path, cited="0.1.0")
    with pytest.raises(release.ReleaseStopped, match=r"CITATION\.cff 0\.1\.0"):
        release.project_version(tmp_path)


def test_only_a_tagged_commit_with_its_news_is_no_rehearsal(tmp_path: Path) -> None:
    project(tmp_path)
    assert release.why_rehearsal(tmp_path, "0.2.0") == "this folder is not a git checkout"
    commit(tmp_path, "v0.1.0")
    assert release.why_rehearsal(tmp_path, "0.2.0") == "this commit has no tag v0.2.0"
    for tag in ("v0.2.0", "v0.3.0"):
        subprocess.run(["git", "tag", tag], cwd=tmp_path, check=True)
    assert release.why_rehearsal(tmp_path, "0.2.0") == ""
    with pytest.raises(release.ReleaseStopped, match=r"no section 0\.3\.0"):
        release.why_rehearsal(tmp_path, "0.3.0")
    (tmp_path / "CITATION.cff").write_text("version: 0.2.0\n", encoding="utf-8")
    assert release.why_rehearsal(tmp_path, "0.2.0") == "files differ from the commit"
    (tmp_path / "news" / "new-totals.md").write_text("Totals.\n", encoding="utf-8")
    with pytest.raises(release.ReleaseStopped, match=r"1 files of news/"):
        release.why_rehearsal(tmp_path, "0.2.0")


def test_an_earlier_dist_goes_only_when_a_new_one_is_there(tmp_path: Path) -> None:
    made, dist = tmp_path / "made", tmp_path / "dist"
    for folder, name in ((made, "new.whl"), (dist, "old.whl")):
        folder.mkdir()
        (folder / name).write_bytes(b"")
    with pytest.raises(FileNotFoundError):
        release.replace(tmp_path / "not-made", dist)
    assert [path.name for path in dist.iterdir()] == ["old.whl"]
    release.replace(made, dist)
    assert [path.name for path in dist.iterdir()] == ["new.whl"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dist", "made"]


def test_dist_has_checksums_that_common_tools_read(tmp_path: Path) -> None:
    (tmp_path / "b.whl").write_bytes(b"")
    (tmp_path / "a.txt").write_bytes(b"wpb")
    assert release.checksums(tmp_path).splitlines()[1] == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b.whl"
    )

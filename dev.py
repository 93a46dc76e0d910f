#!/usr/bin/env python3
"""Set up and run wpb on a machine that has nothing but Python 3.11 or newer and its package index.

    python dev.py demo                 set up, run the bundled model, name the report and open it
    python dev.py test [pytest args]   set up, run every check; pytest's own line is the last
    python dev.py test --deep          the same, with every deep test in place of a sample of them
    python dev.py setup                set up only
    python dev.py release              set up, build a release into dist/ and try it
    python dev.py audit                set up, ask whether a package has a known vulnerability

Standard library only. Packages come from requirements-lock.txt (and, for the tests,
requirements-dev-lock.txt), each checked against its hash, into .venv-dev beside this file; nothing
else on the machine is touched. Once set up, `demo` and `test` work without a network.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv-dev"
LOCK = ROOT / "requirements-lock.txt"
"""What running needs."""
TESTS_LOCK = ROOT / "requirements-dev-lock.txt"
"""What running and testing need; its PySpark, for the tests on a cluster, is a large download."""
LOG = ENVIRONMENT / "setup.log"
READY = {LOCK: ENVIRONMENT / "ready", TESTS_LOCK: ENVIRONMENT / "ready-for-tests"}
OLDEST_PYTHON = (3, 11)
DEMO_MODEL = "examples/midshire"
# Two processes for two cores and some 7 GB of memory. A file's tests stay together, for they share
# what they set up, and files keep their order, so that the longest (the browser, the cluster) come
# first and nobody waits for them at the end.
SIDE_BY_SIDE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


def say(message: str) -> None:
    """Print one line at once, so that it comes before the output of the programs that follow."""
    print(message, flush=True)


def stop(message: str) -> NoReturn:
    """Say what is wrong and how to mend it, and end with exit code 1."""
    sys.stdout.flush()
    sys.stderr.write(message.rstrip() + "\n")
    raise SystemExit(1)


def environment_python() -> Path:
    """Give the path of the environment's own Python."""
    return ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def child_variables() -> "dict[str, str]":
    """Give the variables programs run with: this machine's, without those that reach past the
    environment.
    """
    leave_out = {
        "PYTHONPATH",
        "PYTHONHOME",
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_REQUIREMENT",
        "PIP_CONSTRAINT",
        "VIRTUAL_ENV",
    }
    variables = {name: value for name, value in os.environ.items() if name not in leave_out}
    variables.update(PYTHONNOUSERSITE="1", PYTHONUTF8="1", PIP_USER="0")
    return variables


def fingerprint(lock: Path) -> str:
    """Describe what the environment is made from: the lock, the project's settings, this Python,
    this folder.
    """
    made_from = hashlib.sha256()
    for part in (
        lock.read_bytes(),
        (ROOT / "pyproject.toml").read_bytes(),
        sys.version.encode(),
        str(ROOT).encode(),
    ):
        made_from.update(hashlib.sha256(part).digest())
    return made_from.hexdigest()


def check_python() -> None:
    """Stop with a way forward where this Python is too old or cannot make environments."""
    if sys.version_info < OLDEST_PYTHON:
        stop(
            "wpb needs Python {}.{} or newer; this is {}.\n"
            "Get one from https://www.python.org/downloads/ and run: python3 dev.py {}".format(
                *OLDEST_PYTHON, sys.version.split()[0], " ".join(sys.argv[1:])
            )
        )
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        stop(
            "This Python cannot make environments: its venv or ensurepip part is not installed.\n "
            " Debian, Ubuntu: sudo apt-get install"
            f" python{sys.version_info[0]}.{sys.version_info[1]}-venv\n  elsewhere: install the"
            " package that brings Python's ensurepip, or a Python from"
            " https://www.python.org/downloads/\nThen run this command again."
        )


def run_logged(title: str, command: "Sequence[str | Path]") -> None:
    """Run a program with its words in the set-up log; stop with the last of them if it fails."""
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"\n# {title}\n")
        log.flush()
        done = subprocess.run(
            [str(part) for part in command],
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=str(ROOT),
            env=child_variables(),
            check=False,
        )
    if done.returncode:
        last_words = LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
        stop(
            "{} did not work. Its last words:\n\n  {}\n\nIf it speaks of a connection, check the"
            " network, or the proxy and index settings of pip, and run this again.\nIf it finds no"
            " version of a package, there is none ready built for this machine and Python {}.{}:"
            " try another Python.\nAll of it is in {}.".format(
                title, "\n  ".join(last_words), sys.version_info[0], sys.version_info[1], LOG
            )
        )


def is_ready(lock: Path) -> bool:
    """Tell whether the environment there was made from this lock as it stands now."""
    return (
        READY[lock].is_file()
        and READY[lock].read_text() == fingerprint(lock)
        and environment_python().exists()
    )


def set_up(lock: Path = LOCK) -> None:
    """Make the environment from a lock file, unless the one there was made from the same; one for
    tests serves both.
    """
    check_python()
    if is_ready(lock) or is_ready(TESTS_LOCK):
        say("Environment .venv-dev is ready.")
        return
    packages = sum(
        1
        for line in lock.read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    )
    if not is_ready(LOCK):
        say(f"Making the environment .venv-dev with Python {sys.version.split()[0]}.")
        shutil.rmtree(str(ENVIRONMENT), ignore_errors=True)
        ENVIRONMENT.mkdir(exist_ok=True)
        run_logged("Making the environment", [sys.executable, "-m", "venv", ENVIRONMENT])
    say(
        f"Installing {packages} packages from {lock.name}, each checked against its hash (some"
        " minutes, once)."
    )
    pip = [str(environment_python()), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    # PySpark alone is published as source; building it copies files and compiles nothing.
    run_logged(
        "Installing the packages",
        [
            *pip,
            "install",
            "--require-hashes",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--no-binary",
            "pyspark",
            "-r",
            str(lock),
        ],
    )
    say("Installing wpb from this folder.")
    run_logged(
        "Installing wpb",
        [
            *pip,
            "install",
            "--no-deps",
            "--no-build-isolation",
            "--no-index",
            "--editable",
            str(ROOT),
        ],
    )
    READY[lock].write_text(fingerprint(lock))


def has_desktop() -> bool:
    """Tell whether a report can be opened for somebody to see."""
    if os.environ.get("CI") or not sys.stdout.isatty():
        return False
    return sys.platform in ("win32", "darwin") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def run_in_environment(arguments: "Sequence[str]") -> int:
    """Run the environment's Python in the project's folder and give its exit code."""
    sys.stdout.flush()
    try:
        return subprocess.call(
            [str(environment_python()), *arguments], cwd=str(ROOT), env=child_variables()
        )
    except KeyboardInterrupt:
        return 130


def demo() -> int:
    """Run the bundled model and name its report."""
    set_up()
    say(f"Running wpb run {DEMO_MODEL}")
    exit_code = run_in_environment(["-m", "wpb", "run", DEMO_MODEL])
    if exit_code:
        return exit_code
    results = ROOT / DEMO_MODEL / "results"
    say(f"The results are in {results}")
    for report in sorted(results.glob("*.html")):
        say(f"The report is {report}")
        if has_desktop():
            webbrowser.open(report.as_uri())
    return 0


def test(pytest_arguments: "Sequence[str]") -> int:
    """Run every check; the linters are tests too, in tests/architecture, so one line at the end
    says it all.

    Tests run in two processes; the words `-n 0` run them in one, as a debugger needs.
    """
    set_up(TESTS_LOCK)
    return run_in_environment(["-m", "pytest", "-rfEs", *SIDE_BY_SIDE, *pytest_arguments])


def main(arguments: "Sequence[str]") -> int:
    """Do what the first word asks and give the exit code."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if command == "demo" and not rest:
        return demo()
    if command == "test":
        return test(rest)
    if command == "setup" and not rest:
        set_up()
        return 0
    if command in ("release", "audit") and not rest:
        set_up()
        return run_in_environment([f"tools/{command}.py"])
    asked_for_help = command in ("-h", "--help", "help")
    (sys.stdout if asked_for_help else sys.stderr).write(__doc__)
    return 0 if asked_for_help else 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

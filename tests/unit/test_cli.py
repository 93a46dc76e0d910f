"""The command line: help without imports, problems in words and JSON, exit codes, and no
traceback.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.tiny_model import TinyModel
from wpb.cli import main
from wpb.commands import catalogue, running
from wpb.commands.catalogue import COMMANDS, installed_commands
from wpb.kernel.problems import InputProblems, Problem, UsageProblem


@pytest.fixture
def tiny(tmp_path: Path) -> TinyModel:
    return TinyModel(tmp_path)


def run_wpb(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wpb", *arguments], capture_output=True, text=True, encoding="utf-8"
    )


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_lists_every_installed_command(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    listed = capsys.readouterr().out
    for name in installed_commands():
        assert f"  {name} " in listed and COMMANDS[name][1] in listed


def test_every_installed_command_loads_and_helps(capsys: pytest.CaptureFixture[str]) -> None:
    for name in installed_commands():
        assert main([name, "--help"]) == 0
        assert "Usage: wpb " in capsys.readouterr().out


def test_help_imports_no_command_and_no_library() -> None:
    script = (
        "import sys; from wpb.cli import main; main(['--help']);"
        " print(sorted({name.partition('.')[0] for name in sys.modules} & {'click', 'numpy',"
        " 'rich', 'ruamel', 'pyarrow'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_sound_model_has_no_errors_and_says_what_to_weigh(
    tiny: TinyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tiny.folder)]) == 0
    told = capsys.readouterr().out
    assert "  error" not in told
    assert "  warning, cell G4: The neighbourhood SOUTH has 4,000 people" in told


def test_check_groups_problems_by_file_in_plain_words(
    tiny: TinyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.set("contracts", "G2", "thirty")
    tiny.set("gp_lists", "B2", "")
    tiny.settings("prepared_on: 2030-01-15", "prepared_on: soon")
    assert main(["check", str(tiny.folder)]) == 1
    assert (
        capsys.readouterr().out == "model.yaml\n"
        "  error, line 5: 'soon' in 'prepared_on' is not a date.\n"
        "      Write it as year-month-day, for example 2030-01-15.\n"
        "\n"
        "inputs/gp_lists.csv\n"
        "  error, cell B2: 'name' is blank.\n"
        "      Enter it: Practice or group name.\n"
        "\n"
        "inputs/contracts.csv\n"
        "  error, cell G2: 'thirty' is not a number of pounds.\n"
        "      Enter digits only, for example 30000 or 1,234.50.\n"
        "\n"
        "3 errors.\n"
    )


def test_check_prints_json(tiny: TinyModel, capsys: pytest.CaptureFixture[str]) -> None:
    tiny.set("contracts", "G2", "thirty")
    assert main(["check", str(tiny.folder), "--json"]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert problem == {
        "severity": "error",
        "code": "not_a_number",
        "where": {
            "file": "inputs/contracts.csv",
            "sheet": "contracts",
            "cell": "G2",
            "entered": "thirty",
        },
        "what": "'thirty' is not a number of pounds.",
        "fix": "Enter digits only, for example 30000 or 1,234.50.",
    }


def test_warnings_alone_let_a_check_pass(
    tiny: TinyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.add(
        "primary_care_payments", "P81002", "dispensing", "GMS", "primary_medical", "0", "2029-30"
    )
    assert main(["check", str(tiny.folder)]) == 0
    assert (
        "  warning, cell B8: 1 payment(s) to dispensing doctors are left out"
        in capsys.readouterr().out
    )


def test_new_writes_a_model_to_fill_in_and_refuses_to_overwrite_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "midshire"
    assert main(["new", str(folder), "--json"]) == 0
    assert "model.yaml" in json.loads(capsys.readouterr().out)["files"]
    assert main(["new", str(folder)]) == 2
    assert "nothing was written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chek", "x"), "Did you mean 'check'?"),
        (("check",), "Missing argument 'MODEL'"),
        (("check", "x", "--jsn"), "No such option"),
        (("check", "nowhere-at-all"), "There is no model at nowhere-at-all"),
    ],
)
def test_wrong_usage_says_what_is_right(arguments: tuple[str, ...], words: str) -> None:
    done = run_wpb(*arguments)
    assert done.returncode == 2
    assert words in done.stderr and "Traceback" not in done.stderr and not done.stdout


def test_wrong_usage_is_json_where_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "nowhere-at-all", "--json"]) == 2
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert problem["code"] == "usage" and "no model" in problem["what"]


@pytest.mark.parametrize(
    ("stop", "code", "words"),
    [
        (
            InputProblems([Problem("error", None, "The roof leaks.", "Mend it.", "roof")]),
            1,
            "The roof leaks.",
        ),
        (UsageProblem("There is no such figure."), 2, "There is no such figure."),
        (click.UsageError("No such option."), 2, "No such option."),
        (PermissionError(13, "Permission denied", "results"), 2, "results: Permission denied"),
        (OSError(28, "No space left on device"), 1, "The disk is full."),
        (running.CheckFailed("The totals differ by £1."), 3, "The totals differ by £1."),
        (KeyboardInterrupt(), 130, "Stopped."),
        (click.Abort(), 130, "Stopped."),
    ],
)
def test_each_way_to_stop_has_its_exit_code(
    stop: BaseException, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert running.exit_code_of(stop, ["run", "x"]) == code
    assert words in capsys.readouterr().err


def test_a_fault_inside_leaves_a_report_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setitem(
        catalogue.COMMANDS,
        "check",
        ("catalogue", "A module without a command, as a fault would be."),
    )
    assert main(["check", "x"]) == 4
    shown = capsys.readouterr()
    (report,) = tmp_path.glob("wpb-fault-*.txt")
    assert str(report) in shown.err and "Traceback" not in shown.err + shown.out
    text = report.read_text(encoding="utf-8")
    assert (
        "holds no command called check" in text
        and "Traceback" in text
        and "command: wpb check x" in text
    )


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("wpb ")

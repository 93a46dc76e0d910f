"""Scenarios side by side: named, combined, compared on the same draws, and written whole or not at
all.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import wpb
from tests.models import book
from tests.shadow_models import shadow_budget, uncertain
from wpb.cli import main
from wpb.kernel.problems import InputProblems, UsageProblem
from wpb.present.written_together import write_together
from wpb.shadow.scenario_set import chosen_scenarios, compare_scenarios

MIDSHIRE = Path(wpb.__file__).parents[2] / "examples" / "midshire"
USE = uncertain(
    "USE",
    "activity",
    distribution="normal",
    centre=1.0,
    spread=0.02,
    applies_by="provider",
    applies_to="HOSP",
    persistence=1.0,
)


def changes(**more: dict[str, object]) -> list[dict[str, object]]:
    """Scenarios of one change each, to the hospital's line unless they say otherwise."""
    return [
        {
            "scenario": name,
            "change": "c",
            "kind": "input",
            "target": "direct_spend.value",
            "rows": "budget_line=H_IN",
            "how": "add",
            "value": "1000",
            "reason": "test",
        }
        | change
        for name, change in more.items()
    ]


@pytest.mark.req(300)
def test_a_scenario_differs_by_its_change_and_not_by_chance() -> None:
    """£10,000 more of spend is £10,000 less headroom a year; the hospital's use moves it by its own
    factor, the same in both.
    """
    rows = changes(
        more={"value": "10000"},
        wilder={
            "kind": "uncertainty",
            "target": "USE.spread",
            "rows": "",
            "how": "multiply",
            "value": "2",
        },
    )
    budget = shadow_budget([USE], {"scenario_changes": rows})
    base, more, wilder = compare_scenarios(
        budget.model, book(), (), [(), ("more",), ("wilder",)], 256, 1
    )
    assert (
        base.title == "as it stands"
        and base.apart["headroom"].mean == base.apart["headroom"].principal == 0
    )
    assert more.apart["headroom"].principal == pytest.approx(-3 * 10_000_00)
    assert more.apart["headroom"].mean == pytest.approx(-3 * 10_000_00, rel=0.01)
    assert more.apart["headroom"].half_interval < 0.01 * 3 * 10_000_00
    assert wilder.apart["headroom"].principal == 0
    assert wilder.runs["headroom"].deviation == pytest.approx(2 * base.runs["headroom"].deviation)
    assert [change.reason for change in more.changes] == ["test"]


@pytest.mark.req(300)
def test_grids_take_one_or_none_of_each_axis() -> None:
    model = shadow_budget([USE], {"scenario_changes": changes(a={}, b={}, c={})}).model
    assert chosen_scenarios(model, (), (), False) == [(), ("a",), ("b",), ("c",)]
    assert chosen_scenarios(model, ("a+c", "b"), (), False) == [(), ("a", "c"), ("b",)]
    assert chosen_scenarios(model, (), ("a,b", "c"), False) == [
        (),
        ("c",),
        ("a",),
        ("a", "c"),
        ("b",),
        ("b", "c"),
    ]
    assert len(chosen_scenarios(model, (), (), True)) == 8
    with pytest.raises(UsageProblem, match="no scenario 'd'"):
        chosen_scenarios(model, ("a+d",), (), False)
    with pytest.raises(UsageProblem, match="more than can be set side by side"):
        chosen_scenarios(
            shadow_budget(
                [USE], {"scenario_changes": changes(**{f"s{at}": {} for at in range(7)})}
            ).model,
            (),
            (),
            True,
        )
    with pytest.raises(UsageProblem, match="names no scenarios"):
        chosen_scenarios(shadow_budget([USE]).model, (), (), False)


def test_every_scenario_that_cannot_be_made_is_told_before_any_is_simulated() -> None:
    rows = changes(
        good={}, nowhere={"rows": "budget_line=NONE"}, nothing={"target": "direct_spend.nothing"}
    )
    budget = shadow_budget([USE], {"scenario_changes": rows})
    with pytest.raises(InputProblems) as refused:
        compare_scenarios(
            budget.model, book(), (), [(), ("good",), ("nowhere",), ("nothing",)], 256, 1
        )
    assert [
        problem.what.split(":")[0]
        for problem in refused.value.problems
        if problem.severity == "error"
    ] == ["Scenario nowhere", "Scenario nothing"]


@pytest.mark.req(300, 301)
def test_the_command_compares_saves_and_lists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scenarios"
    assert (
        main(
            [
                "scenarios",
                str(MIDSHIRE),
                "--scenario",
                "slow_start",
                "--runs",
                "256",
                "--workers",
                "1",
                "--out",
                str(out),
                "--json",
            ]
        )
        == 0
    )
    figures = json.loads(capsys.readouterr().out)
    stands, slow = figures["scenarios"]
    assert stands["scenario"] == [] and slow["scenario"] == ["slow_start"]
    assert slow["results"]["margin/MIDPART"]["mean_change_pence"] < 0
    assert slow["results"]["headroom"]["principal_change_pence"] == 0
    assert {change["reason"] for change in slow["changes"]} == {
        "Half the teams are not recruited by 2029",
        "Premises are ready a year late",
    }
    assert sorted(path.name for path in out.iterdir()) == [
        "scenarios.csv",
        "scenarios.html",
        "scenarios.json",
    ]
    assert figures.pop("schema") == "wpb.scenarios/1"
    assert json.loads((out / "scenarios.json").read_text(encoding="utf-8")) == figures
    assert main(["scenarios", str(MIDSHIRE), "--list"]) == 0
    assert "slow_start" in capsys.readouterr().out
    assert main(["scenarios", str(MIDSHIRE), "--scenario", "slow_start", "--grid"]) == 2


def test_files_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "shadow"
    write_together(folder, {"a.txt": "old", "b.txt": "old"})
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_together(folder, {"a.txt": "new", "b.txt": "\ud800"})
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {
        "a.txt": "old",
        "b.txt": "old",
        "mine.txt": "mine",
    }
    assert list(tmp_path.iterdir()) == [folder]
    with pytest.raises(UsageProblem, match="is a file"):
        write_together(folder / "a.txt", {"c.txt": "new"})


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a group are a POSIX matter")
def test_a_stopped_simulation_ends_its_workers_and_leaves_earlier_results(tmp_path: Path) -> None:
    import os

    out = tmp_path / "shadow"
    out.mkdir()
    (out / "shadow.json").write_text("earlier", encoding="utf-8")
    running = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "wpb",
            "shadow",
            str(MIDSHIRE),
            "--runs",
            "200000",
            "--workers",
            "2",
            "--out",
            str(out),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_hear_ctrl_c,
    )
    assert running.stderr is not None
    for line in running.stderr:
        if line.startswith("simulating"):
            break
    os.killpg(running.pid, signal.SIGINT)
    rest = running.stderr.read()
    assert running.wait(timeout=120) == 130
    assert "Traceback" not in rest and "Stopped" in rest
    assert [path.name for path in out.iterdir()] == ["shadow.json"]
    assert (out / "shadow.json").read_text(encoding="utf-8") == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["shadow"]
    assert _gone(running.pid)


def _hear_ctrl_c() -> None:
    """A shell starts what runs behind it deaf to Ctrl-C, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _gone(group: int) -> bool:
    """Whether a process group has nobody left, given time to end."""
    import os

    for _ in range(300):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False

"""Every option of every step is run where it must differ from the others of its step."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.models import Rows, calculated, contract, methods, place
from wpb.baseline.alternatives import Outcome, outcome
from wpb.cli import main
from wpb.run import Budget
from wpb.tables.contracts import ContractMethods
from wpb.tables.methods.option import STEPS, Step
from wpb.tables.methods.registry import METHOD_OPTIONS, OPTIONS, STEP_4_OPTIONS

TYPES = (("HOME", "S1", 100), ("CLINIC", "S1", 300), ("CALL", "S2", 500), ("GROUP", "S2", 100))
COSTS = (
    ("S1", "direct", 4000),
    ("S2", "direct", 6000),
    ("S1", "overhead", 1000),
    ("S2", "overhead", 9000),
)
BENCHMARKS = (("B1", 1, 40.0, 900), ("B2", 1.1, 30.0, 50), ("B3", 1.2, 11.0, 50))
"""Provider, what HOME costs there beside CLINIC's figure, CLINIC's unit cost, volume."""


def rich(population: str = "activity_by_list", **options: str) -> Budget:
    """A block contract with figures for every option of every step."""
    own = (
        ("time_and_motion", (5, 1, 1, 2)),
        ("other_unit_costs", (2, 1, 1, 3)),
    )
    tables: dict[str, Rows] = {
        "service_lines": [
            {"service_line": code, "name": code, "scope": scope, "growth_category": "FLAT"}
            for code, scope in (("S1", "in"), ("S2", "out"))
        ],
        "contracts": [contract("C", 10_000, "block", population_method=population)],
        "contract_activity": [
            {
                "contract": "C",
                "activity_type": kind,
                "name": kind,
                "service_line": service,
                "activity_source": "cids",
                "units": units,
            }
            for kind, service, units in TYPES
        ],
        "schedule_lines": [
            {
                "contract": "C",
                "schedule_line": code or "ADMIN",
                "line_kind": "service" if code else "non_service",
                "service_line": code,
                "value": value,
                "reflects_actual_spend": True,
            }
            for code, value in (("S1", 6000), ("S2", 3000), ("", 1000))
        ],
        "cost_drivers": [
            {"contract": "C", "service_line": code, "driver": "WTE", "units": units}
            for code, units in (("S1", 1), ("S2", 9))
        ],
        "provider_costs": [
            {"contract": "C", "service_line": code, "cost_kind": kind, "cost": cost}
            for code, kind, cost in COSTS
        ],
        "cost_weights": [
            {"contract": "C", "activity_type": kind, "weight_source": source, "weight": weight}
            for source, weights in own
            for (kind, _, _), weight in zip(TYPES, weights, strict=True)
        ],
        "benchmark_costs": [
            {
                "activity_type": kind,
                "benchmark_provider": name,
                "unit_cost": cost * (rate if kind == "HOME" else 1),
                "units": units if kind == "HOME" else 100,
            }
            for kind, _, _ in TYPES
            for name, rate, cost, units in BENCHMARKS
        ],
        "national_unit_costs": [
            {"activity_type": kind, "category": kind, "unit_cost": cost}
            | {"collection_year": "2024-25"}
            for (kind, _, _), cost in zip(TYPES, (31, 17, 10, 12), strict=True)
        ],
        "activity_by_list": [
            {
                "contract": "C",
                "service_line": service,
                "activity_type": kind,
                "list_code": code,
                "units": units * share,
            }
            for kind, service, units in TYPES
            for code, share in (("P1", 0.5), ("P3", 0.5))
        ],
        "condition_registers": [
            {"condition": "ASTHMA", "list_code": code, "patients": people}
            for code, people in (("P1", 70), ("P2", 20), ("P3", 10), ("UNREG", 0))
        ],
        "patient_group_mapping": [
            {"contract": "C", "activity_type": kind, "condition": "ASTHMA", "share": 1}
            for kind, _, _ in TYPES
        ],
        "contract_methods": methods("C", **options),
    }
    return calculated(place(**tables))


@pytest.fixture(scope="module")
def budget() -> Budget:
    """The rich model, calculated once."""
    return rich(step_3="relative_resource")


def came_to(budget: Budget, step: Step, name: str) -> Outcome:
    """What the contract comes to under one option, the others as the model names them."""
    if step == "step_4":
        other = rich(STEP_4_OPTIONS[name].population_method)
        return outcome(other.model, other.scope, 0)
    model = budget.model
    named = model["contract_methods"]
    stated = dict(zip(named.text("step"), named.text("option"), strict=True))
    return outcome(model, budget.scope, 0, stated | {step: name})


@pytest.mark.req(37, 92, 94)
@pytest.mark.parametrize("step", STEPS)
def test_every_option_of_a_step_calculates_what_no_other_does(step: Step, budget: Budget) -> None:
    seen: dict[tuple[object, ...], str] = {}
    for name in METHOD_OPTIONS[step]:
        found = came_to(budget, step, name)
        # Where counts come from moves how sure a figure is, and no figure.
        grade = (found.grade,) if step == "step_2" else ()
        by_line = tuple(sorted((k, round(v, 6)) for k, v in found.by_line_pence.items()))
        key = (*grade, by_line, round(found.in_scope_pence, 6))
        assert key not in seen, f"{name} calculates the same as {seen.get(key)}"
        assert sum(found.by_line_pence.values()) == pytest.approx(1_000_000), name
        # How lines such as Admin are spread is no option of Table 2, and grades no line.
        assert step == "non_service_split" or found.grade >= OPTIONS[step, name].grade, name
        seen[key] = name
    assert len(seen) == len(METHOD_OPTIONS[step]) > 1


@pytest.mark.req(84)
def test_the_median_of_benchmarks_is_of_the_middle_and_cites_it() -> None:
    median = rich(step_3="benchmark_median")
    by_code = dict(
        zip(
            median.ledger["contract/C/benchmark_mean"].axis.codes,
            median.ledger["contract/C/benchmark_mean"].value[0, :, 0].tolist(),
            strict=True,
        )
    )
    # HOME costs £40, £33 and £13.20; CLINIC £40, £30 and £11.
    assert by_code["HOME"] == pytest.approx(3300)
    assert by_code["CLINIC"] == pytest.approx(3000)
    pairs = median.ledger["contract/C/benchmark_unit_cost"].axis.codes
    assert len(pairs) == len(TYPES)
    assert {line.grade for line in median.current.lines.lines} == {2}


@pytest.mark.req(37)
def test_no_other_file_spells_an_option_of_step_3(repo_root: Path) -> None:
    """Code refers to options by their objects, so that a misspelt one is a type error."""
    folder = repo_root / "src/wpb/tables/methods"
    names = "|".join(METHOD_OPTIONS["step_3"])
    compared = re.compile(rf"""(==|!=|in|startswith\()\s*\(?["']({names})["']""")
    strays = {
        path.relative_to(repo_root).as_posix(): found.group()
        for path in (repo_root / "src").rglob("*.py")
        if folder not in path.parents
        and (found := compared.search(path.read_text(encoding="utf-8")))
    }
    assert not strays


@pytest.mark.req(37)
def test_the_table_its_help_and_the_command_offer_every_option(
    repo_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    column = ContractMethods.spec.column("option")
    assert {name for _, name in OPTIONS} == set(column.choices)
    assert all(name in column.help for names in METHOD_OPTIONS.values() for name in names)
    assert main(["methods", str(repo_root / "tests/fixtures/tiny"), "--json"]) == 0
    shown: dict[str, Any] = json.loads(capsys.readouterr().out)
    steps = [step for found in shown["contracts"] for step in found["steps"]]
    offered = {
        step["step"]: [one["option"] for one in step["options"]]
        for step in steps
        if step["step"] in METHOD_OPTIONS
    }
    assert offered["step_3"] == list(METHOD_OPTIONS["step_3"])
    assert all(names == list(METHOD_OPTIONS[step]) for step, names in offered.items())

"""For each contract and step: the options the data allows, the grade of each, and what a better one
would need.

Source: handbook Table 1, Table 2, 2.4.4.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.baseline.routing import CARVE_OUT_GRADES
from wpb.tables.methods.facts import BlockFacts, schedule_values, some
from wpb.tables.methods.registry import OPTIONS
from wpb.tables.model import Model
from wpb.tables.population import NO_LIST_OF_PEOPLE
from wpb.tables.records import GRADES, Scope


@dataclass(frozen=True)
class OptionState:
    """One option of one step: its grade, whether it is used, and what it lacks ('' where the data
    allows it).
    """

    step: str
    option: str
    grade: int
    used: bool
    missing: str
    driver: str = ""
    """For a carve-out, the need or condition it goes by."""

    @property
    def available(self) -> bool:
        """Whether the data allows it."""
        return not self.missing

    @property
    def grade_words(self) -> str:
        """preferred, second or last."""
        return GRADES[self.grade]


def block_options(model: Model, contract: BlockFacts) -> list[OptionState]:
    """List the options of each step of a block contract, in the handbook's order of preference.

    Source: handbook Table 2, Fig 3; req 37, 93.
    """
    steps = {
        "step_1",
        "step_2",
        "step_3",
        *(["non_service_split"] if schedule_values(model, contract.code)[1] else []),
    }
    found = []
    for option in OPTIONS.values():
        if option.step in steps:
            weaker = option.regrade(model, contract.code)
            found.append(
                OptionState(
                    option.step,
                    option.name,
                    weaker[0] if weaker is not None else option.grade,
                    contract.options.get(option.step) == option.name,
                    option.missing(model, contract.code),
                )
            )
    order = ("step_1", "non_service_split", "step_2", "step_3")
    return sorted(found, key=lambda state: order.index(state.step))


def population_options(
    model: Model, scope: Scope, row: int, kinds: list[tuple[str, str]]
) -> list[OptionState]:
    """List the ways to the population of a contract (Step 4 and the workarounds of Table 1), best
    first.

    kinds: service line and activity type of its lines.
    Source: handbook Table 1, 2.4.5; req 37, 41-44, 93.
    """
    table = model["contracts"]
    contract, payer, used, driver = (
        str(table.columns[name][row])
        for name in ("contract", "commissioner", "population_method", "carve_out_driver")
    )
    lists = [
        code
        for code, owner, kind in zip(
            scope.lists.codes, scope.list_commissioner, scope.list_kind, strict=True
        )
        if kind not in NO_LIST_OF_PEOPLE
        and (owner == payer or payer not in scope.list_commissioner)
    ]
    found = []
    for method, (grade, _) in CARVE_OUT_GRADES.items():
        missing = _missing_population(model, contract, payer, method, driver, lists, kinds)
        found.append(
            OptionState(
                "population",
                method,
                grade,
                method == used,
                "" if method == used else missing,
                covering_driver(model, method, driver, lists),
            )
        )
    return found


def _missing_population(
    model: Model,
    contract: str,
    payer: str,
    method: str,
    driver: str,
    lists: list[str],
    kinds: list[tuple[str, str]],
) -> str:
    if method == "activity_by_list":
        table = model["activity_by_list"]
        known = {
            (str(table.columns["service_line"][row]), str(table.columns["activity_type"][row]))
            for row in table.rows_where("contract", contract)
        }
        proxied = {
            str(model["activity_proxies"].columns["activity_type"][row])
            for row in model["activity_proxies"].rows_where("contract", contract)
        }
        short = [
            kind for service, kind in kinds if (service, kind) not in known and kind not in proxied
        ]
        return f"activity by GP list for {some(short)}" if short else ""
    if method == "patient_groups":
        mapped = {
            str(model["patient_group_mapping"].columns["activity_type"][row])
            for row in model["patient_group_mapping"].rows_where("contract", contract)
        }
        short = [kind for _, kind in kinds if kind not in mapped]
        return f"clinicians' mapping to patient groups for {some(short)}" if short else ""
    if method == "weighted_carve_out":
        return (
            ""
            if _covering(model, "list_weights", "need", driver, lists)
            else "weighted populations of every list covered, and which need drives the service"
        )
    if method == "condition_carve_out":
        return (
            ""
            if _covering(model, "condition_registers", "condition", driver, lists)
            else "registers of every list covered, and which condition drives the service"
        )
    if method == "boundary_carve_out":
        return (
            ""
            if payer in model["footprints"].text("organisation")
            else f"residents of {payer} by list"
        )
    if method == "whole_contract":
        return "proof that it serves only lists in scope"
    return ""


def _covering(model: Model, name: str, column: str, driver: str, lists: list[str]) -> str:
    """The contract's own driver, or failing that the first for which every list has a figure."""
    table, have = model[name], dict[str, set[str]]()
    for code, value in zip(table.text("list_code"), table.text(column), strict=True):
        have.setdefault(value, set()).add(code)
    chosen = [driver] if driver in have else list(have)
    return next((value for value in chosen if set(lists) <= have[value]), "")


def covering_driver(model: Model, method: str, driver: str, lists: list[str]) -> str:
    """The need or condition an alternative carve-out is tried with: the contract's own, else the
    first with figures for every list.

    Source: handbook Table 1; req 42, 44.
    """
    names = {
        "weighted_carve_out": ("list_weights", "need"),
        "condition_carve_out": ("condition_registers", "condition"),
    }
    return _covering(model, *names[method], driver, lists) if method in names else ""

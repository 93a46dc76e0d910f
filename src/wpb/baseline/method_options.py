"""For each contract and step: the options the data allows, the grade of each, and what a better one
would need.

Source: handbook Table 1, Table 2, 2.4.4.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.baseline.block_contract import OPTION_GRADES
from wpb.baseline.block_facts import BlockFacts, activity_types, costs_by_kind, schedule_values
from wpb.baseline.routing import CARVE_OUT_GRADES
from wpb.baseline.unit_weights import by_own_costs
from wpb.tables.contracts import METHOD_OPTIONS
from wpb.tables.model import Model
from wpb.tables.population import NO_LIST_OF_PEOPLE
from wpb.tables.records import GRADES, Scope

SPLIT_GRADES = {"cost_driver": 1, "schedule_value": 2, "equal": 3}
NATIONAL = ("sus", "reference_costs", "cids", "mh_clusters", "mhlds")
WEIGHT_TABLES = {
    "benchmark_unweighted": "benchmark_costs",
    "benchmark_weighted": "benchmark_costs",
    "national_reference_costs": "national_unit_costs",
}


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
    found = []
    steps = [
        "step_1",
        *(["non_service_split"] if schedule_values(model, contract.code)[1] else []),
        "step_2",
        "step_3",
    ]
    for step in steps:
        for option in METHOD_OPTIONS[step]:
            grade = SPLIT_GRADES[option] if step == "non_service_split" else OPTION_GRADES[option]
            if option == "relative_resource" and by_own_costs(model, contract.code):
                grade = 2
            found.append(
                OptionState(
                    step,
                    option,
                    grade,
                    contract.options.get(step) == option,
                    _missing(model, contract.code, step, option),
                )
            )
    return found


def _missing(model: Model, contract: str, step: str, option: str) -> str:
    if step == "step_1":
        return _missing_pounds(model, contract, option)
    if step == "non_service_split":
        drivers = model["cost_drivers"]
        given = {
            str(drivers.columns["service_line"][row])
            for row in drivers.rows_where("contract", contract)
        }
        short = [service for service in schedule_values(model, contract)[0] if service not in given]
        return f"a cost driver for {_some(short)}" if option == "cost_driver" and short else ""
    if step == "step_2":
        activity = model["contract_activity"]
        local = [
            str(activity.columns["activity_type"][row])
            for row in activity.rows_where("contract", contract)
            if activity.columns["activity_source"][row] not in NATIONAL
        ]
        return (
            f"counts to a national standard for {_some(local)}"
            if option == "national_standard" and local
            else ""
        )
    return _missing_weights(model, contract, option)


def _missing_pounds(model: Model, contract: str, option: str) -> str:
    if option == "undivided":
        return ""
    needed = _services(model, contract)
    if option == "schedule":
        lines = schedule_values(model, contract)[0]
        short = [service for service in needed if service not in lines]
        return (
            "a schedule by service line"
            if not lines
            else f"a schedule value for {_some(short)}"
            if short
            else ""
        )
    costs = costs_by_kind(model, contract)
    short = [service for service in needed if not costs.get(service, {}).get("direct")]
    if short:
        return f"the provider's direct costs of {_some(short)}"
    if option == "absorbed_cost" and not any(
        kinds.get("indirect") or kinds.get("overhead") for kinds in costs.values()
    ):
        return "the provider's indirect and overhead costs"
    return ""


def _services(model: Model, contract: str) -> list[str]:
    found = []
    for name in ("contract_activity", "activity_mapping"):
        table = model[name]
        found += [
            str(table.columns["service_line"][row])
            for row in table.rows_where("contract", contract)
            if table.columns["service_line"][row]
        ]
    return list(dict.fromkeys(found))


def _missing_weights(model: Model, contract: str, option: str) -> str:
    kinds = activity_types(model, contract)
    if option == "simple_average":
        return ""
    if option in WEIGHT_TABLES:
        table = WEIGHT_TABLES[option]
        known = set(model[table].text("activity_type"))
        words = "benchmark unit costs" if table == "benchmark_costs" else "national unit costs"
    else:
        weights, wanted = (
            model["cost_weights"],
            (
                ("time_and_motion", "own_reference_costs")
                if option == "relative_resource"
                else ("other_unit_costs",)
            ),
        )
        known = {
            str(weights.columns["activity_type"][row])
            for row in weights.rows_where("contract", contract)
            if weights.columns["weight_source"][row] in wanted
        }
        if option == "relative_resource" and not known:
            known = {
                str(model["time_observations"].columns["activity_type"][row])
                for row in model["time_observations"].rows_where("contract", contract)
            }
        words = "a time and motion study" if option == "relative_resource" else "other unit costs"
    short = [kind for kind in kinds if kind not in known]
    return f"{words} for {_some(short)}" if short else ""


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
        return f"activity by GP list for {_some(short)}" if short else ""
    if method == "patient_groups":
        mapped = {
            str(model["patient_group_mapping"].columns["activity_type"][row])
            for row in model["patient_group_mapping"].rows_where("contract", contract)
        }
        short = [kind for _, kind in kinds if kind not in mapped]
        return f"clinicians' mapping to patient groups for {_some(short)}" if short else ""
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


def _some(names: list[str]) -> str:
    found = list(dict.fromkeys(names))
    return ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")

"""Rates of total cost already hold activity and price: they are never used as one of the two.

Source: handbook 3.3.2, Tables 8-9; req 162, 169, 170.
"""

from __future__ import annotations

from wpb.kernel.problems import ProblemLog
from wpb.tables.forecasting import FROM_PROJECTION
from wpb.tables.model import Model
from wpb.tables.segments import FROM_SEGMENTS

TOTAL_COST_KEYS = ("total_cost_growth.",)
PART_KEYS = (
    "unit_cost_uplift.",
    "activity_growth.",
    "input_inflation.",
    "payment_scheme.cost_uplift",
)
PART_COLUMNS = ("demographic_rate", "non_demographic_rate", "activity_rate")


def check_double_count(model: Model, problems: ProblemLog) -> None:
    """Refuse a rate of total cost used as unit cost or activity growth, a rate of one of these used
    as total cost, and both at once.

    Source: handbook 3.3.2, Tables 8-9; req 170.
    """
    table = model["growth_categories"]
    roles: dict[str, tuple[str, int]] = {}
    for row, method in enumerate(table.text("growth_method")):
        rates = {name: str(table.columns[name][row]) for name in ("cost_rate", *PART_COLUMNS)}
        whole = method not in ("unit_cost_and_activity", "none")
        for name, key in rates.items():
            if key and whole and name != "cost_rate":
                problems.error(
                    table.where(row, name),
                    f"The growth method {method} has one rate that holds activity and price"
                    f" already, so '{key}' would count growth twice.",
                    "Clear the cell, or choose unit_cost_and_activity.",
                    "rate_twice",
                )
            elif key.startswith(TOTAL_COST_KEYS) and not whole:
                problems.error(
                    table.where(row, name),
                    f"'{key}' is a rate of total cost, which holds activity and price already; it"
                    " cannot be one of the two.",
                    "Choose the growth method total_cost, or enter another rate.",
                    "rate_twice",
                )
            elif method in ("total_cost", "deflator") and key.startswith(PART_KEYS):
                problems.error(
                    table.where(row, name),
                    f"'{key}' is a rate of unit cost or activity alone; as a rate of total cost it"
                    " would leave the other out.",
                    "Choose unit_cost_and_activity, or enter a rate of total cost.",
                    "rate_half",
                )
            _one_role(
                model,
                row,
                name,
                key,
                "total cost" if whole else "activity" if name in PART_COLUMNS else "unit cost",
                roles,
                problems,
            )
    _check_litigation(model, problems)


def _one_role(
    model: Model,
    row: int,
    name: str,
    key: str,
    role: str,
    roles: dict[str, tuple[str, int]],
    problems: ProblemLog,
) -> None:
    """A local rate means one thing: it is not total cost for one category and unit cost or activity
    for another.
    """
    if (
        not key
        or model["growth_categories"].columns["growth_method"][row] == "deflator"
        or key in ("gdp_deflator", FROM_PROJECTION, FROM_SEGMENTS)
    ):
        return
    first, at = roles.setdefault(key, (role, row))
    if first != role:
        table = model["growth_categories"]
        problems.error(
            table.where(row, name),
            f"'{key}' is used here as {role} and for '{table.columns['growth_category'][at]}' as"
            f" {first}; one of the two counts growth wrongly.",
            "Give each its own assumption.",
            "rate_two_roles",
        )


def _check_litigation(model: Model, problems: ProblemLog) -> None:
    """Clinical negligence has both its parts, only beside a unit cost rate that leaves it out, and
    is set anew each year.
    """
    table = model["growth_categories"]
    for row, method in enumerate(table.text("growth_method")):
        weight, rate, cost = (
            str(table.columns[name][row])
            for name in ("litigation_weight", "litigation_rate", "cost_rate")
        )
        if bool(weight) != bool(rate):
            problems.error(
                table.where(row, "litigation_rate" if weight else "litigation_weight"),
                "Clinical negligence needs its share of cost and its rise, and one of them is"
                " blank.",
                "Enter both, or clear both.",
                "litigation_parts",
            )
        if rate and method != "unit_cost_and_activity":
            problems.error(
                table.where(row, "litigation_rate"),
                f"The growth method {method} has one rate that holds clinical negligence already.",
                "Clear both litigation cells, or choose unit_cost_and_activity.",
                "rate_twice",
            )
        if rate and cost == "unit_cost_uplift.hchs":
            problems.error(
                table.where(row, "cost_rate"),
                "The published HCHS uplift holds clinical negligence already, so it would count"
                " twice beside a rate of its own.",
                "Enter an uplift without it, or clear both litigation cells.",
                "rate_twice",
            )
    rates = set(table.text("litigation_rate")) - {""}
    for extension in model.settings.extensions:
        if extension.key in rates:
            problems.error(
                model.settings.where("extensions"),
                f"'{extension.key}' is set anew each year, so it is not carried past its last"
                " published year.",
                "Enter a local value for each year, with its source.",
                "litigation_extended",
            )

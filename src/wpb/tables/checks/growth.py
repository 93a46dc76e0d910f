"""Whether growth categories name the rates their method needs, once, and care-model impacts the
right way up.
"""

from __future__ import annotations

from wpb.tables.checks.context import Context, across
from wpb.tables.forecasting import GrowthCategories

PARTS = ("demographic_rate", "non_demographic_rate")


@across
def check_rates(context: Context) -> None:
    """Each growth method has the rates it needs and none it would count twice.

    unit_cost_and_activity: a unit cost rate, and activity growth either as one rate or by its
    parts, never both.
    total_cost and deflator: one rate, which already holds activity and cost; a deflator not named
    is that of GDP.
    two_references: rates of its own table. none: no rate at all.
    Source: handbook 3.3.2, Tables 7-9; overview 3.3.2; req 112, 135, 136, 159, 165-172.
    """
    for row, method in enumerate(GrowthCategories.of(context).growth_method):
        rates = {
            name: context.value("growth_categories", row, name)
            for name in ("cost_rate", *PARTS, "activity_rate")
        }
        if method in ("unit_cost_and_activity", "total_cost") and not rates["cost_rate"]:
            context.error(
                GrowthCategories,
                row,
                GrowthCategories.cost_rate,
                f"The growth method {method} needs a rate here.",
                "Enter the key of its assumption, for example unit_cost_uplift.hchs.",
                "rate_missing",
            )
        if method == "unit_cost_and_activity":
            _check_activity(context, row, rates)
        elif method in ("total_cost", "deflator"):
            for name in (*PARTS, "activity_rate"):
                if rates[name]:
                    context.error(
                        "growth_categories",
                        row,
                        name,
                        f"The growth method {method} has one combined rate, so '{rates[name]}'"
                        " would count growth twice.",
                        "Clear the cell, or choose unit_cost_and_activity.",
                        "rate_twice",
                    )
        elif method in ("none", "two_references"):
            why = (
                "The category does not grow"
                if method == "none"
                else "The category takes its rates from reference_uplifts"
            )
            for name, key in rates.items():
                if key:
                    context.error(
                        "growth_categories",
                        row,
                        name,
                        f"{why}, but '{key}' is named.",
                        "Clear the cell, or choose another growth method.",
                        "rate_unused",
                    )


def _check_activity(context: Context, row: int, rates: dict[str, str]) -> None:
    parts = [name for name in PARTS if rates[name]]
    if rates["activity_rate"] and parts:
        context.error(
            GrowthCategories,
            row,
            GrowthCategories.activity_rate,
            f"Activity growth is given as one rate here and by its parts in {' and '.join(parts)},"
            " so it would count twice.",
            "Keep the one rate or the parts.",
            "rate_twice",
        )
    if not rates["activity_rate"] and not parts:
        context.error(
            GrowthCategories,
            row,
            GrowthCategories.activity_rate,
            "The growth method unit_cost_and_activity needs activity growth, and none is named.",
            "Enter one activity rate, or a demographic and a non-demographic rate; enter a local"
            " assumption of 0 where activity truly stands still.",
            "rate_missing",
        )

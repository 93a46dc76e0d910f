"""What a choice of method or rate is worth in pounds: efficiency added or multiplied, and overrides
old against new.

Source: handbook 3.3.3, 3.4; req 179, 187.
"""

from __future__ import annotations

from wpb.forecast.growth_rates import GrowthRates
from wpb.forecast.line_rates import LineRates
from wpb.forecast.projection import Factors, efficiency_factor, growth_factors
from wpb.kernel.ledger import TOTAL, Array, Block, Ledger
from wpb.kernel.money import whole_pence
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn, SectionValue, year_columns


def difference_of_methods(level_pence: Array, multiplicative: Array, additive: Array) -> Array:
    """What multiplying efficiency leaves beyond adding it: level before efficiency x
    (multiplicative - additive factor).

    Source: handbook 3.4; req 187.
    """
    return level_pence * (multiplicative - additive)


def override_effect(start_pence: Array, **factors: Array) -> Array:
    """What overrides are worth: start x (product of factors with them - product of factors without
    them).

    Source: handbook 3.3.3; req 179.
    """
    products = {"with": 1.0, "without": 1.0}
    for name, factor in factors.items():
        products[name.partition("_")[0]] = products[name.partition("_")[0]] * factor  # type: ignore[assignment]
    return start_pence * (products["with"] - products["without"])


def efficiency_method_difference(
    model: Model, ledger: Ledger, before: Block, rates: GrowthRates
) -> Block:
    """The forecast by the multiplicative method less the forecast by the additive one, in total by
    year.

    before: the level before efficiency, [line, year].
    Source: handbook 3.4; req 187.
    """
    years = model.settings.years
    level = ledger.total(
        "efficiency_method/level",
        rates.axis,
        (before, rates.group_of_line),
        title="Before efficiency",
    )
    factors = {
        method: efficiency_factor(
            ledger, f"efficiency_method/{method}", rates.by_step, method, years
        )
        for method in ("multiplicative", "additive")
    }
    by_group = ledger.add(
        "efficiency_method/by_group",
        difference_of_methods,
        rates.axis,
        "pence",
        years,
        "Multiplicative less additive",
        level_pence=level,
        **factors,
    )
    return ledger.total(
        "efficiency_method/difference",
        TOTAL,
        (by_group, None),
        title="Multiplicative less additive",
    )


def method_section(model: Model, difference: Block) -> Section:
    """State how efficiency is applied, and what the other way would change.

    Source: handbook 3.4; req 187.
    """
    used = model.settings.efficiency_method
    sign = -1.0 if used.option == "multiplicative" else 1.0
    other = "additive" if used.option == "multiplicative" else "multiplicative"
    years = model.settings.years
    row: tuple[SectionValue, ...] = (
        f"Forecast if {other} less forecast as it is",
        *(whole_pence(sign * difference.at(0, year) + 0.0) for year in range(len(years))),
    )
    return Section(
        "efficiency_method",
        "How efficiency is applied",
        f"Efficiency comes after cost pressure, by the {used.option} method. {used.reason}",
        (SectionColumn("figure", "Figure"), *year_columns(years)),
        (row,),
    )


def override_effects(
    model: Model, ledger: Ledger, start: Block, lines: LineRates, factors: Factors
) -> Block | None:
    """The forecast with overrides less the forecast without them, by group of lines and year.

    start: the level growth starts from, [line, year].
    Source: handbook 3.3.3; req 179.
    """
    if lines.without_overrides is None:
        return None
    years, rates = model.settings.years, lines.rates
    plain = growth_factors(
        ledger,
        "factor_without_overrides",
        lines.without_overrides.by_step,
        model.settings.efficiency_method.option,
        years,
        lines.without_overrides.summed,
    )
    level = ledger.total(
        "override/start", rates.axis, (start, rates.group_of_line), title="Start of growth"
    )
    named = {
        f"{side}_{step}": block
        for side, source in (("with", factors), ("without", plain))
        for step, block in source.by_step.items()
        if step != "efficiency_planned"
    }
    return ledger.add(
        "override/effect",
        override_effect,
        rates.axis,
        "pence",
        years,
        "Forecast with overrides less without",
        start_pence=level,
        **named,
    )


def override_effect_section(model: Model, effect: Block | None) -> Section | None:
    """Give the pounds that overrides add to or take from the forecast, by group of lines.

    Source: handbook 3.3.3; req 179.
    """
    if effect is None:
        return None
    years = range(len(model.settings.years))
    rows: list[tuple[SectionValue, ...]] = [
        (code, *(whole_pence(effect.at(row, year)) for year in years))
        for row, code in enumerate(effect.axis.codes)
        if effect.value[0, row].any()
    ]
    return Section(
        "override_effects",
        "What overrides are worth",
        "Forecast of the budget with the local rates less with the rates they replace, before the"
        " care model.",
        (SectionColumn("group", "Group of lines"), *year_columns(model.settings.years)),
        tuple(rows),
    )

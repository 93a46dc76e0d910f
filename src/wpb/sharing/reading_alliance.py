"""Reading an alliance's payment file: fixed, variable and outcome parts, the transition year, the
funding gap, the shadow subset.

Source: Mid-Nottinghamshire article (2016); req 305-308, 312-314, 316, 317.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wpb.kernel.lined_yaml import LinedPage
from wpb.kernel.money import pounds, whole_pence
from wpb.kernel.places import Cell
from wpb.sharing.patient_choice import VariablePart
from wpb.sharing.three_parts import SubsetService

TOP_KEYS = (
    "alliance",
    "title",
    "contract",
    "first_year",
    "years",
    "providers",
    "fixed",
    "variable",
    "outcome",
    "risk_and_reward",
    "transition",
    "funding_gap",
    "shadow",
)
ByYear = Mapping[str, float]
RATES = ("inflation", "population", "efficiency")


@dataclass(frozen=True)
class Provider:
    """A provider of the alliance, the bilateral contract it is paid through, and that contract's
    value by year, in pence.
    """

    provider: str
    title: str
    contract: str
    contract_value_pence: ByYear
    place: Cell


@dataclass(frozen=True)
class FixedLine:
    """What a provider plans to do of one service, by year; rates are the whole change since the
    plan was priced.
    """

    provider: str
    service: str
    planned_units: ByYear
    unit_price_pence: float
    rates: Mapping[str, ByYear]
    resource_shift_pence: ByYear
    place: Cell


@dataclass(frozen=True)
class OutcomePart:
    """Part of each contract's value that every provider earns, or none: the rate, and by year
    whether each outcome was met.
    """

    rate: float
    met: Mapping[str, Mapping[str, bool]]
    place: Cell


@dataclass(frozen=True)
class TransitionLine:
    """Activity above plan that is still paid at a marginal rate in a transition year."""

    year: str
    provider: str
    planned_units: float
    actual_units: float
    unit_price_pence: float
    marginal_rate: float
    place: Cell


@dataclass(frozen=True)
class AllianceFile:
    """An alliance's payment as its file declares it."""

    name: str
    title: str
    contract: str
    years: tuple[str, ...]
    providers: tuple[Provider, ...]
    fixed: tuple[FixedLine, ...]
    variable: VariablePart | None
    outcome: OutcomePart | None
    risk_and_reward: tuple[tuple[str, str, str], ...]
    """Arrangement, outturn and measures files ('' for none), beside this one."""
    transition: tuple[TransitionLine, ...]
    do_nothing_pence: ByYear
    funding_pence: ByYear
    closed_pence: Mapping[str, ByYear]
    shadow: tuple[SubsetService, ...]
    shadow_whole_pence: int
    shadow_from: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The providers' codes."""
        return tuple(provider.provider for provider in self.providers)


def read_alliance(found: Mapping[str, Any], page: LinedPage) -> AllianceFile:
    """Read an alliance's payment file; every problem is recorded with its line.

    Source: Mid-Nottinghamshire article (2016); req 305-308, 312-314, 316, 317.
    """
    page.only(found, TOP_KEYS, "An alliance")
    years = page.years(found, 1, 30)
    providers = tuple(_provider(line, years, page) for line in page.entries(found, "providers"))
    codes = tuple(provider.provider for provider in providers)
    fixed = tuple(_fixed(line, codes, years, page) for line in page.entries(found, "fixed"))
    for year in years:
        shift = sum(line.resource_shift_pence.get(year, 0.0) for line in fixed)
        if abs(shift) >= 0.5:
            page.error(
                found,
                "fixed",
                f"The resource shifts of {year} add to {pounds(shift, 2)}.",
                "Let them add to nought over the providers: a shift moves money, it makes none.",
                "shift_does_not_add",
            )
    gap = page.section(found, "funding_gap", required=False)
    shadow = page.section(found, "shadow", required=False)
    return AllianceFile(
        page.text(found, "alliance"),
        page.text(found, "title"),
        page.text(found, "contract"),
        years,
        providers,
        fixed,
        _variable(page.section(found, "variable", required=False), codes, years, page),
        _outcome(page.section(found, "outcome", required=False), years, page),
        tuple(
            _files(line, page) for line in page.entries(found, "risk_and_reward", required=False)
        ),
        tuple(
            _transition(line, codes, years, page)
            for line in page.entries(found, "transition", required=False)
        ),
        _pence(gap, "do_nothing", years, page) if gap else {},
        _pence(gap, "funding", years, page) if gap else {},
        (
            {
                page.text(line, "measure"): _pence(line, "pounds", years, page)
                for line in page.entries(gap, "closed_by", required=False)
            }
            if gap
            else {}
        ),
        tuple(_service(line, page) for line in page.entries(shadow, "services")) if shadow else (),
        whole_pence(page.number(shadow, "whole_pounds", 0) * 100) if shadow else 0,
        page.text(shadow, "from_month") if shadow else "",
    )


def _pence(
    within: Mapping[str, Any],
    key: str,
    years: tuple[str, ...],
    page: LinedPage,
    least: float | None = 0,
) -> dict[str, float]:
    return {
        year: value * 100
        for year, value in page.numbers(within, key, years, "a year of the alliance", least).items()
    }


def _provider(line: Mapping[str, Any], years: tuple[str, ...], page: LinedPage) -> Provider:
    page.only(line, ("provider", "title", "contract", "contract_value"), "A provider")
    return Provider(
        page.text(line, "provider"),
        page.text(line, "title"),
        page.text(line, "contract"),
        _pence(line, "contract_value", years, page),
        page.place(line),
    )


def _fixed(
    line: Mapping[str, Any], codes: tuple[str, ...], years: tuple[str, ...], page: LinedPage
) -> FixedLine:
    page.only(
        line,
        ("provider", "service", "planned_units", "unit_price", *RATES, "resource_shift"),
        "A fixed line",
    )
    rates = {
        name: page.numbers(line, name, years, "a year of the alliance", -1, 1) for name in RATES
    }
    units = page.numbers(line, "planned_units", years, "a year of the alliance", 0)
    return FixedLine(
        page.text(line, "provider", codes),
        page.text(line, "service"),
        units,
        page.number(line, "unit_price", 0) * 100,
        rates,
        _pence(line, "resource_shift", years, page, None),
        page.place(line),
    )


def _variable(
    section: Mapping[str, Any], codes: tuple[str, ...], years: tuple[str, ...], page: LinedPage
) -> VariablePart | None:
    if not section:
        return None
    page.only(
        section,
        ("mechanism", "value", "cap", "collar", "base_units", "actual_units"),
        "The variable part",
    )
    status = page.text(section, "mechanism", ("settled", "unsettled"))
    cap, collar = page.number(section, "cap", -1, 1), page.number(section, "collar", -1, 1)
    if not collar <= 0 <= cap:
        page.error(
            section,
            "collar",
            f"The collar is {collar:.1%} and the cap {cap:.1%}.",
            "Let the collar be nought or below, and the cap nought or above.",
            "collar_above_cap",
        )
    base = page.numbers(section, "base_units", codes, "a provider of the alliance", 0, every=False)
    known = page.keyed(section, "actual_units", years, "a year of the alliance", every=False)
    actual = {
        year: page.numbers(
            section["actual_units"], own, tuple(base), "a provider with base units", 0
        )
        for year, own in known.items()
    }
    places = {year: page.place(section["actual_units"], own) for year, own in known.items()}
    if (
        len(base) < 2
        or sum(base.values()) <= 0
        or any(sum(units.values()) <= 0 for units in actual.values())
    ):
        page.error(
            section,
            "base_units",
            "Patient choice is between two providers or more, with activity above nought.",
            "Enter the activity of each, at the start and in each year known.",
            "wrong_value",
        )
    return VariablePart(
        status == "settled",
        _pence(section, "value", years, page),
        cap,
        collar,
        base,
        actual,
        page.place(section),
        places,
    )


def _outcome(
    section: Mapping[str, Any], years: tuple[str, ...], page: LinedPage
) -> OutcomePart | None:
    if not section:
        return None
    page.only(section, ("rate", "met"), "The outcome part")
    met: dict[str, dict[str, bool]] = {}
    for year, own in page.keyed(
        section, "met", years, "a year of the alliance", every=False
    ).items():
        outcomes = page.section(section["met"], own)
        for outcome in outcomes:
            if not isinstance(outcomes[outcome], bool):
                page.error(
                    outcomes,
                    outcome,
                    f"'{outcome}' is true or false.",
                    "Write true where it was met.",
                    "wrong_value",
                )
        met[year] = {str(outcome): outcomes[outcome] is True for outcome in outcomes}
    return OutcomePart(page.number(section, "rate", 0, 1), met, page.place(section))


def _files(line: Mapping[str, Any], page: LinedPage) -> tuple[str, str, str]:
    page.only(line, ("arrangement", "outturn", "measures"), "A risk and reward entry")
    return (
        page.text(line, "arrangement"),
        page.text(line, "outturn"),
        page.text(line, "measures", required=False),
    )


def _transition(
    line: Mapping[str, Any], codes: tuple[str, ...], years: tuple[str, ...], page: LinedPage
) -> TransitionLine:
    page.only(
        line,
        ("year", "provider", "planned_units", "actual_units", "unit_price", "marginal_rate"),
        "A transition line",
    )
    units = {
        name: page.number(line, name, 0) for name in ("planned_units", "actual_units", "unit_price")
    }
    return TransitionLine(
        page.text(line, "year", years),
        page.text(line, "provider", codes),
        units["planned_units"],
        units["actual_units"],
        units["unit_price"] * 100,
        page.number(line, "marginal_rate", 0, 1),
        page.place(line),
    )


def _service(line: Mapping[str, Any], page: LinedPage) -> SubsetService:
    page.only(
        line,
        ("service", "pounds", "in_shadow", "reason", "proxy"),
        "A service of the shadow budget",
    )
    inside = line.get("in_shadow")
    if not isinstance(inside, bool):
        page.error(
            line,
            "in_shadow" if "in_shadow" in line else None,
            "'in_shadow' is true or false.",
            "Write true where the service runs in shadow.",
            "wrong_value",
        )
    return SubsetService(
        page.text(line, "service"),
        whole_pence(page.number(line, "pounds", 0) * 100),
        inside is True,
        page.text(line, "reason"),
        page.text(line, "proxy", required=False),
    )

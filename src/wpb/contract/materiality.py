"""Is a change too small to make, in range, or past what may be made without a new procurement?
Tested on the cumulative change.

Source: handbook 4.2, 4.3, 4.3.1; overview 3.5; req 215, 216, 224, 225, 226, 227.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from wpb.contract.terms import Terms
from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.calendar import first_day, year_of

Band = Literal["none", "too_small", "in_range", "past_limit", "unknown"]
MECHANISMS = ("population_update", "correction", "reactivation", "joining")
"""Kinds of event whose mechanism the contract states unambiguously: tested apart from the limits on
change.
"""
BOTH_LIMITS = ("pcr_2015",)
"""Regimes under which a change must stay below a share and a sum, not just one of them: regulation
72(5)(a) and (b).
"""
NO_CHANGE = ("agreement", "succession", "dispute", "payment", "allocation_change")
"""Kinds of event that do not change the value."""


@dataclass(frozen=True)
class Limit:
    """The most that may be changed without a new procurement: its share and sum, and who says
    so.
    """

    name: str
    share: float | None
    pounds: float | None
    citation: str
    both: bool = False
    """Whether a change must stay below both (the Public Contracts Regulations), and not just one of
    the two.
    """

    @property
    def is_whole(self) -> bool:
        """Whether all that the law asks is held here: where both must be met, a change below the
        one that is known may still pass the other.
        """
        return not self.both or (self.share is not None and self.pounds is not None)

    def pence(self, lifetime_pence: float) -> float | None:
        """The limit in pence: the higher of share x lifetime value and the sum, the lower where
        both must be met; None where neither is known.
        """
        found = [
            value
            for value in (
                None if self.share is None else self.share * lifetime_pence,
                None if self.pounds is None else self.pounds * 100,
            )
            if value is not None
        ]
        return (min if self.both else max)(found) if found else None


def limits_of(book: AssumptionBook, legal_regime: str, on: datetime.date) -> list[Limit]:
    """The limits on changing a contract under its legal regime, as in force on a day; none where
    none is known.

    Source: handbook 4.2; overview 3.5; req 224.
    """
    share, pounds = (
        _standing_value(book, f"procurement.{legal_regime}.{name}", on)
        for name in ("cumulative_share", "cumulative_pounds")
    )
    if share is None and pounds is None:
        return []
    return [
        Limit(
            legal_regime.replace("_", " "),
            share[0] if share else None,
            pounds[0] if pounds else None,
            "; ".join(found[1] for found in (share, pounds) if found),
            legal_regime in BOTH_LIMITS,
        )
    ]


def _standing_value(book: AssumptionBook, key: str, on: datetime.date) -> tuple[float, str] | None:
    subject = book.national.get(key) or book.local.get(key)
    values = [
        value
        for value in (subject.values if subject else ())
        if value.starts <= on and value.is_known(max(on, first_day(year_of(on))))
    ]
    if not values:
        return None
    last = max(values, key=lambda value: value.starts)
    return last.value, f"{last.source}, {last.locator}"


@dataclass(frozen=True)
class Tested:
    """A change tested: the cumulative change it makes, the band it falls in, and the limits it was
    held against.
    """

    event: str
    own_pence: float
    cumulative_pence: float
    mechanism_pence: float
    """Cumulative change by mechanisms stated in the contract, which is tested apart."""
    lifetime_pence: float
    band: Band
    words: str


def cumulative_band(
    own_pence: float,
    cumulative_pence: float,
    lifetime_pence: float,
    terms: Terms,
    limits: Sequence[Limit],
) -> tuple[Band, str]:
    """Place a change: past the limit where |cumulative| reaches one, however small its own part;
    too small below its share of the lifetime value.

    Thresholds are compared at full precision. The limits of law are strict: a change that equals
    the limit is past it.
    Source: handbook 4.2, 4.3; req 224.
    """
    if (
        terms.advertised_change_limit is not None
        and abs(cumulative_pence) > terms.advertised_change_limit * lifetime_pence
    ):
        return (
            "past_limit",
            (
                f"past the {terms.advertised_change_limit:.0%} that the advertised terms allow: a"
                " new procurement may be needed"
            ),
        )
    known = [
        (limit, pence) for limit in limits if (pence := limit.pence(lifetime_pence)) is not None
    ]
    for limit, pence in known:
        if abs(cumulative_pence) >= pence:
            return (
                "past_limit",
                (
                    f"reaches the limit of {limit.name} ({limit.citation}): a new procurement may"
                    " be needed"
                ),
            )
    if abs(own_pence) < terms.too_small_share * lifetime_pence:
        return (
            "too_small",
            f"below {terms.too_small_share:.2%} of the lifetime value: too small to agree",
        )
    for limit in (limit for limit, _ in known if not limit.is_whole):
        return (
            "unknown",
            (
                f"below the {'share' if limit.pounds is None else 'sum'} of {limit.name}"
                f" ({limit.citation}), which also asks for"
                f" {'a sum' if limit.pounds is None else 'a share'} that is not held here: ask for"
                " legal advice before agreeing"
            ),
        )
    if not known:
        return (
            "unknown",
            (
                f"no limit of {terms.legal_regime.replace('_', ' ')} is held here: ask for legal"
                " advice before agreeing"
            ),
        )
    return "in_range", "within the limits; the overall nature of the contract must stay as it was"


@dataclass(frozen=True)
class Made:
    """A change as it was made: its effect over the whole life of the contract, and the day it was
    known.
    """

    event: str
    kind: str
    is_clear: bool
    """Whether the contract states its mechanism unambiguously."""
    pence: float
    known_on: datetime.date


def band_changes(
    changes: Sequence[Made],
    lifetime_pence: float,
    terms: Terms,
    limits_on: Callable[[datetime.date], Sequence[Limit]],
) -> list[Tested]:
    """Test each change of a contract's life in turn on what has built up by then, by the limits in
    force on its day.

    Source: handbook 4.2, 4.3; req 224.
    """
    found: list[Tested] = []
    discretionary = mechanical = 0.0
    for made in changes:
        if made.kind in NO_CHANGE or made.kind == "":
            continue
        if made.kind in MECHANISMS or made.is_clear:
            mechanical += made.pence
            found.append(
                Tested(
                    made.event,
                    made.pence,
                    discretionary,
                    mechanical,
                    lifetime_pence,
                    "in_range" if made.pence else "none",
                    "a mechanism the contract states unambiguously: tested apart, without a limit"
                    " of value",
                )
            )
            continue
        discretionary += made.pence
        band, words = cumulative_band(
            made.pence, discretionary, lifetime_pence, terms, limits_on(made.known_on)
        )
        found.append(
            Tested(made.event, made.pence, discretionary, mechanical, lifetime_pence, band, words)
        )
    return found


def needs_review(value_pence: float, indicative_pence: float, share: float) -> bool:
    """Whether a year's value differs so much from the indicative one that other metrics are
    reviewed: |difference| > share x indicative.

    Source: handbook 4.3; req 225.
    """
    return abs(value_pence - indicative_pence) > share * abs(indicative_pence)


REVIEW_LIST = (
    "the profile of expected outcomes",
    "the ability to manage risk",
    "the incentive scheme's metrics",
    "gain and loss sharing",
    "the pace of service scope",
    "whether the original procurement still covers the value",
)
"""What a material difference from the indicative value prompts the parties to look at again."""


@dataclass(frozen=True)
class FixedPeriodOption:
    """What a fixed period of so many years means for both sides."""

    years: int
    fixed_pence: float
    firm_pence: float
    exposed_pence: float
    """Value fixed in years whose allocation is not firm: what the commissioner carries."""


def fixed_period_options(
    yearly_pence: Sequence[float], firm: Sequence[bool], longest: int
) -> list[FixedPeriodOption]:
    """Set longer fixed periods side by side: more certainty to invest on, and more that rests on
    allocations not yet firm.

    Source: handbook 4.3; req 215, 216.
    """
    found = []
    for years in range(1, min(longest, len(yearly_pence)) + 1):
        value = list(zip(yearly_pence[:years], firm[:years], strict=True))
        firm_pence = sum(pence for pence, sure in value if sure)
        fixed = sum(pence for pence, _ in value)
        found.append(FixedPeriodOption(years, fixed, firm_pence, fixed - firm_pence))
    return found

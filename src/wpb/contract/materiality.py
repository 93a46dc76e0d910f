"""Is a change too small to make, in range, or past what may be made without a new procurement? Tested on the cumulative change.

Source: handbook 4.2, 4.3, 4.3.1; overview 3.5; req 215, 216, 224, 225, 226, 227.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from wpb.contract.terms import Terms

Band = Literal["none", "too_small", "in_range", "past_limit", "unknown"]
MECHANISMS = ("population_update", "correction", "reactivation", "joining")
"""Kinds of event whose mechanism the contract states unambiguously: tested apart from the limits on change."""
NO_CHANGE = ("agreement", "succession", "dispute", "payment", "allocation_change")
"""Kinds of event that do not change the value."""


@dataclass(frozen=True)
class Limit:
    """The most that may be changed without a new procurement: its share and sum, and who says so."""

    name: str
    share: float | None
    pounds: float | None
    citation: str

    def pence(self, lifetime_pence: float) -> float | None:
        """The limit in pence: the higher of share x lifetime value and the sum; None where neither is known."""
        found = [value for value in (None if self.share is None else self.share * lifetime_pence, None if self.pounds is None else self.pounds * 100) if value is not None]
        return max(found) if found else None


@dataclass(frozen=True)
class Tested:
    """A change tested: the cumulative change it makes, the band it falls in, and the limits it was held against."""

    event: str
    own_pence: float
    cumulative_pence: float
    mechanism_pence: float
    """Cumulative change by mechanisms stated in the contract, which is tested apart."""
    lifetime_pence: float
    band: Band
    words: str


def cumulative_band(own_pence: float, cumulative_pence: float, lifetime_pence: float, terms: Terms, limits: Sequence[Limit]) -> tuple[Band, str]:
    """Place a change: too small below its share of the lifetime value; past the limit where |cumulative| reaches one.

    Thresholds are compared at full precision. The limits of law are strict: a change that equals the limit is past it.
    Source: handbook 4.2, 4.3; req 224.
    """
    if abs(own_pence) < terms.too_small_share * lifetime_pence:
        return "too_small", f"below {terms.too_small_share:.2%} of the lifetime value: too small to agree"
    if terms.advertised_change_limit is not None and abs(cumulative_pence) > terms.advertised_change_limit * lifetime_pence:
        return "past_limit", f"past the {terms.advertised_change_limit:.0%} that the advertised terms allow: a new procurement may be needed"
    known = [(limit, pence) for limit in limits if (pence := limit.pence(lifetime_pence)) is not None]
    for limit, pence in known:
        if abs(cumulative_pence) >= pence:
            return "past_limit", f"reaches the limit of {limit.name} ({limit.citation}): a new procurement may be needed"
    if not known:
        return "unknown", f"no limit of {terms.legal_regime.replace('_', ' ')} is held here: ask for legal advice before agreeing"
    return "in_range", "within the limits; the overall nature of the contract must stay as it was"


def band_changes(changes: Sequence[tuple[str, str, bool, float]], lifetime_pence: float, terms: Terms, limits: Sequence[Limit]) -> list[Tested]:
    """Test each change of a contract's life in turn on what has built up by then.

    changes: event, kind, whether its mechanism is stated unambiguously, and its effect over the whole life in pence.
    Source: handbook 4.2, 4.3; req 224.
    """
    found: list[Tested] = []
    discretionary = mechanical = 0.0
    for event, kind, clear, pence in changes:
        if kind in NO_CHANGE or kind == "":
            continue
        if kind in MECHANISMS or clear:
            mechanical += pence
            found.append(Tested(event, pence, discretionary, mechanical, lifetime_pence, "in_range" if pence else "none", "a mechanism the contract states unambiguously: tested apart, without a limit of value"))
            continue
        discretionary += pence
        band, words = cumulative_band(pence, discretionary, lifetime_pence, terms, limits)
        found.append(Tested(event, pence, discretionary, mechanical, lifetime_pence, band, words))
    return found


def needs_review(value_pence: float, indicative_pence: float, share: float) -> bool:
    """Whether a year's value differs so much from the indicative one that other metrics are reviewed: |difference| > share x indicative.

    Source: handbook 4.3; req 225.
    """
    return abs(value_pence - indicative_pence) > share * abs(indicative_pence)


REVIEW_LIST = ("the profile of expected outcomes", "the ability to manage risk", "the incentive scheme's metrics", "gain and loss sharing", "the pace of service scope", "whether the original procurement still covers the value")
"""What a material difference from the indicative value prompts the parties to look at again."""


@dataclass(frozen=True)
class FixedPeriodOption:
    """What a fixed period of so many years means for both sides."""

    years: int
    fixed_pence: float
    firm_pence: float
    exposed_pence: float
    """Value fixed in years whose allocation is not firm: what the commissioner carries."""


def fixed_period_options(yearly_pence: Sequence[float], firm: Sequence[bool], longest: int) -> list[FixedPeriodOption]:
    """Set longer fixed periods side by side: more certainty to invest on, and more that rests on allocations not yet firm.

    Source: handbook 4.3; req 215, 216.
    """
    found = []
    for years in range(1, min(longest, len(yearly_pence)) + 1):
        value = list(zip(yearly_pence[:years], firm[:years], strict=True))
        firm_pence = sum(pence for pence, sure in value if sure)
        fixed = sum(pence for pence, _ in value)
        found.append(FixedPeriodOption(years, fixed, firm_pence, fixed - firm_pence))
    return found

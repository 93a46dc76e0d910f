"""What the contract means for a provider: income today to income under it, fixed cost left behind,
cash by month.

Source: handbook 1.1.6, 6.3.2; req 232.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wpb.kernel.calendar import months_of
from wpb.kernel.money import whole_pence
from wpb.kernel.posting import Posting


@dataclass(frozen=True)
class ProviderBridge:
    """One provider's year, in whole pence."""

    provider: str
    year: str
    income_today_pence: int
    continues_outside_pence: int
    under_contract_pence: int
    other_payments_pence: int
    """Sums agreed once and patients' choice, within the payments received."""
    stranded_fixed_cost_pence: int
    cash_by_month_pence: tuple[int, ...]
    price_index: float
    """By which income today and outside were brought to the money of the year."""

    @property
    def income_after_pence(self) -> int:
        """Income with the contract: what goes on outside + what the contract pays."""
        return self.continues_outside_pence + self.under_contract_pence + self.other_payments_pence

    @property
    def change_pence(self) -> int:
        """Income after - income today."""
        return self.income_after_pence - self.income_today_pence


def stranded_fixed_cost(change_pence: float, fixed_cost_share: float) -> float:
    """The fixed cost a provider keeps when income leaves: income lost x share of its cost that is
    fixed; nought on a gain.

    Source: handbook 6.3.2; req 232.
    """
    return max(0.0, -change_pence) * fixed_cost_share


def provider_bridge(
    provider: str,
    year: str,
    income_today_pence: float,
    outside_pence: float,
    fixed_cost_share: float,
    postings: Iterable[tuple[Posting, bool]],
    price_index: float,
) -> ProviderBridge:
    """Set a provider's income today beside its income under the contract, in the money of the year.

    income_today_pence, outside_pence: in the money of the year of today's spend. price_index: what
    a pound of that year is worth in the money of the year shown. postings: every posting with
    whether it stands from month to month. Money outside the contract comes in twelfths.
    Source: handbook 1.1.6; req 232.
    """
    months = months_of(year)
    cash = dict.fromkeys(months, 0)
    standing = other = 0
    for posting, stands in postings:
        amount = (
            posting.amount_pence
            if posting.payee == provider
            else -posting.amount_pence
            if posting.payer == provider
            else 0
        )
        if amount and posting.month in cash:
            cash[posting.month] += amount
            standing, other = (standing + amount, other) if stands else (standing, other + amount)
    today = whole_pence(income_today_pence * price_index)
    outside = whole_pence(outside_pence * price_index)
    change = outside + standing + other - today
    return ProviderBridge(
        provider,
        year,
        today,
        outside,
        standing,
        other,
        whole_pence(stranded_fixed_cost(change, fixed_cost_share)),
        tuple(cash[month] for month in months),
        price_index,
    )

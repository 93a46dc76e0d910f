"""The ledger of a pooled fund: contributions in cash and kind, ring-fenced grants, spend, and who bears what is over or under.

Source: SCIE 3; req 322-324, 331.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from wpb.kernel.money import split_pence
from wpb.kernel.problems import ProblemLog

LEGISLATED_JOINT_FUNDING = {"section_117_aftercare": "Mental Health Act 1983, section 117: health and local government must fund aftercare jointly"}
"""Services whose joint funding the law requires, so that a pool may not leave it to one partner. Source: SCIE 3."""
DISABLED_FACILITIES_GRANT = "disabled_facilities_grant"


@dataclass(frozen=True)
class Contribution:
    """What a partner puts in, in whole pence: cash, or staff and premises in kind; ring_fence names the only use it may have."""

    partner: str
    amount_pence: int
    kind: Literal["cash", "in_kind"] = "cash"
    ring_fence: str = ""


@dataclass(frozen=True)
class Spend:
    """What a service of the pool cost, in whole pence, what funds it where ring-fenced, and which partners fund it."""

    service: str
    amount_pence: int
    ring_fence: str = ""
    funded_by: tuple[str, ...] = ()
    law: str = ""
    """A key of LEGISLATED_JOINT_FUNDING where the law requires joint funding."""


@dataclass(frozen=True)
class Position:
    """One partner's position, in whole pence: what it put in, its part of what is over or under, and what it ends by bearing."""

    partner: str
    cash_pence: int
    in_kind_pence: int
    share_of_gap_pence: int

    @property
    def cash_due_pence(self) -> int:
        """What it gets back (above nought) or owes (below)."""
        return self.share_of_gap_pence


@dataclass(frozen=True)
class PooledYear:
    """A pool's year in whole pence: shared money less shared spend is what is over (above nought) or short."""

    contributed_pence: int
    in_kind_pence: int
    spent_pence: int
    gap_pence: int
    ring_fenced: Mapping[str, int]
    """By ring fence, what is left of its grant: it stays in its fence and is never shared."""
    positions: tuple[Position, ...]


def pooled_year(contributions: Sequence[Contribution], spends: Sequence[Spend], underspend_shares: Mapping[str, float], overspend_shares: Mapping[str, float], log: ProblemLog) -> PooledYear | None:
    """Work a pooled fund's year out: contributions less spend, ring fences apart, and the rest by agreed shares, to the penny.

    gap = cash that is not ring-fenced - spend that is not ring-fenced; a ring fence that is overspent draws on the
    shared money, and what is left in one stays there. In-kind contributions are shown and pay for nothing.
    Records an error for shares that don't add to 1, a ring fence nobody pays into, or legislated joint funding that
    one partner bears alone; gives None then.
    Source: SCIE 3; req 322, 323, 324, 331.
    """
    partners = sorted({contribution.partner for contribution in contributions})
    _check(contributions, spends, {"underspends": underspend_shares, "overspends": overspend_shares}, partners, log)
    if log.errors:
        return None
    fences: dict[str, int] = {}
    for contribution in contributions:
        if contribution.ring_fence and contribution.kind == "cash":
            fences[contribution.ring_fence] = fences.get(contribution.ring_fence, 0) + contribution.amount_pence
    cash = sum(contribution.amount_pence for contribution in contributions if contribution.kind == "cash" and not contribution.ring_fence)
    spent = 0
    for spend in spends:
        if spend.ring_fence:
            fences[spend.ring_fence] -= spend.amount_pence
        else:
            spent += spend.amount_pence
    short = sum(min(left, 0) for left in fences.values())
    gap = cash - spent + short
    shares = underspend_shares if gap >= 0 else overspend_shares
    parts = dict(zip(partners, split_pence(gap, [shares.get(partner, 0.0) for partner in partners], partners), strict=True))
    positions = tuple(Position(partner, _put_in(contributions, partner, "cash"), _put_in(contributions, partner, "in_kind"), parts[partner]) for partner in partners)
    in_kind = sum(position.in_kind_pence for position in positions)
    return PooledYear(sum(position.cash_pence for position in positions), in_kind, sum(spend.amount_pence for spend in spends), gap, {name: max(left, 0) for name, left in fences.items()}, positions)


def _put_in(contributions: Sequence[Contribution], partner: str, kind: str) -> int:
    return sum(contribution.amount_pence for contribution in contributions if contribution.partner == partner and contribution.kind == kind)


def _check(contributions: Sequence[Contribution], spends: Sequence[Spend], sides: Mapping[str, Mapping[str, float]], partners: Sequence[str], log: ProblemLog) -> None:
    for side, shares in sides.items():
        strangers = [partner for partner in shares if partner not in partners]
        if strangers:
            log.error(None, f"{', '.join(strangers)} shares {side} and contributes nothing.", "Record what each partner contributes, in kind too.", "partner_without_contribution")
        if abs(sum(shares.values()) - 1) > 1e-9 or any(share < 0 for share in shares.values()):
            log.error(None, f"The shares of {side} add to {sum(shares.values()):.2%}.", "Let the partners' shares add to 100%, none of them below nought.", "shares_do_not_add")
    funded = {contribution.ring_fence for contribution in contributions if contribution.kind == "cash"}
    for spend in spends:
        if spend.ring_fence and spend.ring_fence not in funded:
            log.error(None, f"{spend.service} is paid from '{spend.ring_fence}', which nobody pays into.", "Record the grant, or take the ring fence off.", "empty_ring_fence")
        if spend.law and spend.law not in LEGISLATED_JOINT_FUNDING:
            log.error(None, f"{spend.service} names a law that is not known here: {spend.law}.", f"Known: {', '.join(LEGISLATED_JOINT_FUNDING)}.", "unknown_law")
        elif spend.law and len(set(spend.funded_by)) < 2:
            log.error(None, f"{spend.service} must be funded jointly ({LEGISLATED_JOINT_FUNDING[spend.law]}), and {', '.join(spend.funded_by) or 'nobody'} funds it alone.", "Name both the health and the local government partner.", "joint_funding_required")


def flagged_services(spends: Sequence[Spend]) -> dict[str, str]:
    """List the services whose joint funding the law requires, and the law.

    Source: SCIE 3 (section 117); req 323.
    """
    return {spend.service: LEGISLATED_JOINT_FUNDING[spend.law] for spend in spends if spend.law in LEGISLATED_JOINT_FUNDING}

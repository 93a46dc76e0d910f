"""The ledger of a pooled fund: contributions in cash and kind, ring-fenced grants, spend, and who
bears what is over or under.

Source: SCIE 3; req 322-324, 331.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.conservation import pence_must_add
from wpb.kernel.ledger import TOTAL, Axis, Block, Ledger, Ref
from wpb.kernel.money import round_parts, whole_pence
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog

Array = NDArray[np.float64]
NOWHERE = Cell("", "", "")

LEGISLATED_JOINT_FUNDING = {
    "section_117_aftercare": (
        "Mental Health Act 1983, section 117: health and local government must fund aftercare"
        " jointly"
    )
}
"""Services whose joint funding the law requires, so that a pool may not leave it to one partner.
Source: SCIE 3.
"""
DISABLED_FACILITIES_GRANT = "disabled_facilities_grant"


@dataclass(frozen=True)
class Contribution:
    """What a partner puts in, in whole pence: cash, or staff and premises in kind; ring_fence names
    the only use it may have.
    """

    partner: str
    amount_pence: int
    kind: Literal["cash", "in_kind"] = "cash"
    ring_fence: str = ""
    title: str = ""
    place: Cell = NOWHERE


@dataclass(frozen=True)
class Spend:
    """What a service of the pool cost, in whole pence, what funds it where ring-fenced, and which
    partners fund it.
    """

    service: str
    amount_pence: int
    ring_fence: str = ""
    funded_by: tuple[str, ...] = ()
    law: str = ""
    """A key of LEGISLATED_JOINT_FUNDING where the law requires joint funding."""
    place: Cell = NOWHERE


LEFT_OVER = ("carried", "returned", "lapsed", "by_agreement")
"""What becomes of what a ring-fenced source has left at the end of a year: carried into the next
within its fence, returned to whom it came from, lapsed, or settled year by year by agreement.
"""
NOT_AGREED = "not_agreed"


@dataclass(frozen=True)
class RingFence:
    """A ring-fenced source: what becomes of what is left of it, on whose authority, and, where it
    is settled by agreement, what was agreed for each year.
    """

    ring_fence: str
    left_over: str
    authority: str
    agreed: Mapping[str, str]
    place: Cell = NOWHERE

    def becomes(self, year: str) -> str:
        """Say what becomes of what is left of a year: carried, returned, lapsed or not_agreed.

        Source: SCIE 3; req 324, 416.
        """
        if self.left_over != "by_agreement":
            return self.left_over
        return self.agreed.get(year, NOT_AGREED)


@dataclass(frozen=True)
class Opening:
    """What a ring fence opens a year with, in whole pence, and the figure it comes from."""

    amount_pence: int
    place: Cell


@dataclass(frozen=True)
class FenceYear:
    """A ring fence's year in whole pence: opening + granted - spent = left - drawn."""

    opening_pence: int
    granted_pence: int
    spent_pence: int
    left_pence: int
    drawn_pence: int
    """What it draws on the shared money where it is overspent, at or above zero."""


@dataclass(frozen=True)
class Position:
    """One partner's position, in whole pence: what it put in, and its part of what is over (below
    nought) or left.
    """

    partner: str
    cash_pence: int
    in_kind_pence: int
    share_of_gap_pence: int

    @property
    def cash_due_pence(self) -> int:
        """What it gets back (above nought) or owes (below)."""
        return self.share_of_gap_pence

    @property
    def bears_pence(self) -> int:
        """What it ends by bearing in cash: what it put in, less what it gets back."""
        return self.cash_pence - self.share_of_gap_pence


@dataclass(frozen=True)
class PooledYear:
    """A pool's year in whole pence: shared money less shared spend is what is left (above nought)
    or short.
    """

    contributed_pence: int
    in_kind_pence: int
    spent_pence: int
    gap_pence: int
    fences: Mapping[str, FenceYear]
    positions: tuple[Position, ...]
    ledger: Ledger
    """Holds the figures, each resting on its line of the agreement: NAME/gap, NAME/share/PARTNER.
    """

    @property
    def ring_fenced(self) -> dict[str, int]:
        """By ring fence, what is left of its money: it is never shared."""
        return {fence: held.left_pence for fence, held in self.fences.items()}


def fence_left(opening_pence: Array, granted_pence: Array, spent_pence: Array) -> Array:
    """Give what is left of ring-fenced money, below zero where it is overspent: opening + granted -
    spent.

    Source: SCIE 3; req 324, 416.
    """
    return opening_pence + granted_pence - spent_pence


def fence_short(left_pence: Array) -> Array:
    """Give what an overspent ring fence draws on the shared money, at or below nought: min(left,
    0).

    Source: SCIE 3; req 324.
    """
    return np.minimum(left_pence, 0)


def pool_gap(cash_pence: Array, spent_pence: Array, short_pence: Array) -> Array:
    """Give what is left of the shared money, below nought where it is short: cash - spend + what
    ring fences draw.

    Source: SCIE 3; req 322, 331.
    """
    return cash_pence - spent_pence + short_pence


def partner_share(gap_pence: Array, underspend_share: Array, overspend_share: Array) -> Array:
    """Give a partner's part of what is left or short: gap x its share of underspends, or of
    overspends where short.

    Source: SCIE 3; req 322.
    """
    return gap_pence * np.where(gap_pence >= 0, underspend_share, overspend_share)


def pooled_year(
    contributions: Sequence[Contribution],
    spends: Sequence[Spend],
    underspend_shares: Mapping[str, float],
    overspend_shares: Mapping[str, float],
    log: ProblemLog,
    share_place: Cell = NOWHERE,
    name: str = "pool",
    openings: Mapping[str, Opening] | None = None,
) -> PooledYear | None:
    """Work a pooled fund's year out: contributions less spend, ring fences apart, and the rest by
    agreed shares, to the penny.

    gap = cash that is not ring-fenced - spend that is not ring-fenced; a ring fence that is
    overspent, after what it opened the year with, draws on the shared money, and what is left in
    one is never shared. In-kind contributions are shown and pay for nothing. Records an error for a
    partner without a share (one that bears nothing has a share of 0), shares that don't add to 1, a
    ring fence nobody pays into, or legislated joint funding that one partner bears alone; gives
    None then. name: the first part of the figures' ids.
    Source: SCIE 3; req 322, 323, 324, 331.
    """
    partners = sorted({contribution.partner for contribution in contributions})
    _check(
        contributions,
        spends,
        {"underspends": underspend_shares, "overspends": overspend_shares},
        partners,
        log,
        share_place,
    )
    if log.errors:
        return None
    ledger = Ledger()
    fences = tuple(
        sorted(
            {
                contribution.ring_fence
                for contribution in contributions
                if contribution.ring_fence and contribution.kind == "cash"
            }
            | {fence for fence, opening in (openings or {}).items() if opening.amount_pence}
        )
    )
    gap, left = _gap(contributions, spends, fences, openings or {}, ledger, name)
    axis = Axis("partner", tuple(partners))
    shares = [
        ledger.leaf(
            f"{name}/share_of_{side}",
            axis,
            "share",
            [given[partner] for partner in partners],
            lambda row, year: share_place,
            title=f"Share of an {side}",
        )
        for side, given in (("underspend", underspend_shares), ("overspend", overspend_shares))
    ]
    block = ledger.add(
        f"{name}/share",
        partner_share,
        axis,
        "pence",
        title="Share of what is left or short",
        gap_pence=Ref(gap, np.zeros(len(axis), dtype=np.int64)),
        underspend_share=shares[0],
        overspend_share=shares[1],
    )
    whole = whole_pence(gap.at(0, 0))
    parts = dict(
        zip(
            partners,
            round_parts([block.at(row, 0) for row in range(len(axis))], partners, whole),
            strict=True,
        )
    )
    positions = tuple(
        Position(
            partner,
            _put_in(contributions, partner, "cash"),
            _put_in(contributions, partner, "in_kind"),
            parts[partner],
        )
        for partner in partners
    )
    in_kind = sum(position.in_kind_pence for position in positions)
    spent = sum(spend.amount_pence for spend in spends)
    held = {
        fence: _fence_year(
            fence, contributions, spends, openings or {}, whole_pence(left.at(row, 0))
        )
        for row, fence in enumerate(fences)
        if left is not None
    }
    cash = sum(position.cash_pence for position in positions)
    _check_conserved(name, cash, spent, whole, positions, held)
    return PooledYear(cash, in_kind, spent, whole, held, positions, ledger)


def _fence_year(
    fence: str,
    contributions: Sequence[Contribution],
    spends: Sequence[Spend],
    openings: Mapping[str, Opening],
    left_pence: int,
) -> FenceYear:
    opening = openings[fence].amount_pence if fence in openings else 0
    granted = sum(one.amount_pence for one in contributions if one.ring_fence == fence)
    used = sum(one.amount_pence for one in spends if one.ring_fence == fence)
    return FenceYear(opening, granted, used, max(left_pence, 0), max(-left_pence, 0))


def _check_conserved(
    name: str,
    cash_pence: int,
    spent_pence: int,
    gap_pence: int,
    positions: Sequence[Position],
    fences: Mapping[str, FenceYear],
) -> None:
    """Hold a year to what must add: opening and put in = spent, left in fences and shared."""
    for fence, held in fences.items():
        pence_must_add(
            f"The ring fence {fence} of {name}",
            {
                "opening": held.opening_pence,
                "granted": held.granted_pence,
                "spent": -held.spent_pence,
                "drawn on shared money": held.drawn_pence,
            },
            held.left_pence,
            None,
        )
    opened = sum(held.opening_pence for held in fences.values())
    left = {f"left in {fence}": held.left_pence for fence, held in fences.items()}
    pence_must_add(
        f"The year of {name}",
        {"spent": spent_pence, "left or short of shared money": gap_pence, **left},
        opened + cash_pence,
        None,
    )
    shares = {position.partner: position.share_of_gap_pence for position in positions}
    pence_must_add(f"The shares of {name}", shares, gap_pence, None)


def _fences_on(
    ledger: Ledger,
    name: str,
    fences: Sequence[str],
    openings: Mapping[str, Opening],
    put_in: tuple[Block, Sequence[Contribution]],
    paid: tuple[Block, Sequence[Spend]],
) -> tuple[Block, Block | None]:
    """Work out on the ledger what each ring fence has left, and what they draw on shared money."""
    if not fences:
        nothing = ledger.leaf(
            f"{name}/drawn",
            TOTAL,
            "pence",
            [0.0],
            lambda row, year: NOWHERE,
            title="There is no ring fence",
        )
        return nothing, None
    axis = Axis("ring fence", tuple(fences))

    def by_fence(figure: str, block: Block, given: Sequence[str], title: str) -> Block:
        into = [axis.positions.get(fence, -1) for fence in given]
        return ledger.total(f"{name}/{figure}", axis, (block, into), title=title)

    left = ledger.add(
        f"{name}/left_in_fence",
        fence_left,
        axis,
        "pence",
        title="Left in each ring fence",
        opening_pence=ledger.leaf(
            f"{name}/opening",
            axis,
            "pence",
            [float(openings[fence].amount_pence) if fence in openings else 0.0 for fence in fences],
            lambda row, year: openings[fences[row]].place if fences[row] in openings else NOWHERE,
            title="Brought forward in each ring fence",
        ),
        granted_pence=by_fence(
            "granted", put_in[0], [one.ring_fence for one in put_in[1]], "Granted for one use"
        ),
        spent_pence=by_fence(
            "used", paid[0], [one.ring_fence for one in paid[1]], "Spent on that use"
        ),
    )
    drawn = ledger.add(
        f"{name}/drawn_by_fence",
        fence_short,
        axis,
        "pence",
        title="Drawn on the shared money",
        left_pence=left,
    )
    short = ledger.total(
        f"{name}/drawn", TOTAL, (drawn, None), title="Drawn by overspent ring fences"
    )
    return short, left


def _gap(
    contributions: Sequence[Contribution],
    spends: Sequence[Spend],
    fences: Sequence[str],
    openings: Mapping[str, Opening],
    ledger: Ledger,
    name: str,
) -> tuple[Block, Block | None]:
    """Work out on the ledger what is left of the shared money and of each ring fence."""
    cash = [contribution for contribution in contributions if contribution.kind == "cash"]
    codes_in = [
        f"{number}_{contribution.partner}" for number, contribution in enumerate(cash, start=1)
    ]
    put_in = ledger.leaf(
        f"{name}/contributions",
        Axis("contribution", tuple(codes_in)),
        "pence",
        [float(contribution.amount_pence) for contribution in cash],
        lambda row, year: cash[row].place,
        title="Contributions in cash",
    )
    codes = tuple(f"{number}_{spend.service}" for number, spend in enumerate(spends, start=1))
    paid = ledger.leaf(
        f"{name}/spend",
        Axis("service", codes),
        "pence",
        [float(spend.amount_pence) for spend in spends],
        lambda row, year: spends[row].place,
        title="Spend by service",
    )
    shared_cash = ledger.total(
        f"{name}/shared_cash",
        TOTAL,
        (put_in, [-1 if contribution.ring_fence else 0 for contribution in cash]),
        title="Shared money",
    )
    shared_spend = ledger.total(
        f"{name}/shared_spend",
        TOTAL,
        (paid, [-1 if spend.ring_fence else 0 for spend in spends]),
        title="Shared spend",
    )
    short, left = _fences_on(ledger, name, fences, openings, (put_in, cash), (paid, spends))
    return (
        ledger.add(
            f"{name}/gap",
            pool_gap,
            TOTAL,
            "pence",
            title="Left of the shared money, or short",
            cash_pence=shared_cash,
            spent_pence=shared_spend,
            short_pence=short,
        ),
        left,
    )


def _put_in(contributions: Sequence[Contribution], partner: str, kind: str) -> int:
    return sum(
        contribution.amount_pence
        for contribution in contributions
        if contribution.partner == partner and contribution.kind == kind
    )


def _check(
    contributions: Sequence[Contribution],
    spends: Sequence[Spend],
    sides: Mapping[str, Mapping[str, float]],
    partners: Sequence[str],
    log: ProblemLog,
    share_place: Cell,
) -> None:
    for side, shares in sides.items():
        strangers = [partner for partner in shares if partner not in partners]
        if strangers:
            log.error(
                _known(share_place),
                f"{', '.join(strangers)} shares {side} and contributes nothing.",
                "Record what each partner contributes, in kind too.",
                "partner_without_contribution",
            )
        missing = [partner for partner in partners if partner not in shares]
        if missing:
            log.error(
                _known(share_place),
                f"{', '.join(missing)} contributes and has no share of {side}.",
                f"Enter a share of {side} for each partner; 0 for one that takes no part of them.",
                "share_missing",
            )
        elif abs(sum(shares.values()) - 1) > 1e-9 or any(share < 0 for share in shares.values()):
            log.error(
                _known(share_place),
                f"The shares of {side} add to {sum(shares.values()):.2%}.",
                "Let the partners' shares add to 100%, none of them below nought.",
                "shares_do_not_add",
            )
    funded = {
        contribution.ring_fence for contribution in contributions if contribution.kind == "cash"
    }
    for spend in spends:
        if spend.ring_fence and spend.ring_fence not in funded:
            log.error(
                _known(spend.place),
                f"{spend.service} is paid from '{spend.ring_fence}', which nobody pays into.",
                "Record the grant, or take the ring fence off.",
                "empty_ring_fence",
            )
        if spend.law and spend.law not in LEGISLATED_JOINT_FUNDING:
            log.error(
                _known(spend.place),
                f"{spend.service} names a law that is not known here: {spend.law}.",
                f"Known: {', '.join(LEGISLATED_JOINT_FUNDING)}.",
                "unknown_law",
            )
        elif spend.law and len(set(spend.funded_by)) < 2:
            log.error(
                _known(spend.place),
                f"{spend.service} must be funded jointly ({LEGISLATED_JOINT_FUNDING[spend.law]}),"
                f" and {', '.join(spend.funded_by) or 'nobody'} funds it alone.",
                "Name both the health and the local government partner.",
                "joint_funding_required",
            )


def _known(place: Cell) -> Cell | None:
    return place if place.file else None


def flagged_services(spends: Sequence[Spend]) -> dict[str, str]:
    """List the services whose joint funding the law requires, and the law.

    Source: SCIE 3 (section 117); req 323.
    """
    return {
        spend.service: LEGISLATED_JOINT_FUNDING[spend.law]
        for spend in spends
        if spend.law in LEGISLATED_JOINT_FUNDING
    }

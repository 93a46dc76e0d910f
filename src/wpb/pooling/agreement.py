"""A pooled fund's agreement: partners, what they put in, services, shares, reviews, business case
and checklists.

Source: SCIE 3; req 318-332.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from wpb.kernel.money import round_parts, whole_pence
from wpb.kernel.places import Cell
from wpb.kernel.posting import Posting
from wpb.kernel.problems import ProblemLog
from wpb.kernel.year_settlement import year_postings
from wpb.pooling.business_case import BusinessCase
from wpb.pooling.checklists import (
    AGREEMENT_CONTENTS,
    BUILDING_BLOCKS,
    POOLING_CHECKLIST,
    completeness,
    next_step,
)
from wpb.pooling.levers import Lever, unmoved_parties
from wpb.pooling.place_models import LOCAL_GOVERNMENT, NATIONAL, not_permitted
from wpb.pooling.pooled_fund import (
    LEGISLATED_JOINT_FUNDING,
    Contribution,
    Opening,
    PooledYear,
    RingFence,
    Spend,
    pooled_year,
)

Shares = Mapping[str, Mapping[str, float]]
"""By year, each partner's share."""
CHECKLISTS = {
    "checklist": POOLING_CHECKLIST,
    "agreement": AGREEMENT_CONTENTS,
    "building_blocks": BUILDING_BLOCKS,
}
POOLS = ("pool_section_13v", "pool_section_75", "delegate_section_13zb", "transfer_section_105a")
"""Mechanisms that bring money into one fund; aligned budgets stay with their owners."""
RISK_SHARES = ("partner_risk_share", "delegation_risk_share")


@dataclass(frozen=True)
class Partner:
    """A partner: its code, name and kind (national_commissioner, health_body or
    local_government).
    """

    partner: str
    title: str
    kind: str
    place: Cell


@dataclass(frozen=True)
class Promise:
    """A contribution over the years, in whole pence by year."""

    terms: Contribution
    by_year: Mapping[str, int]


@dataclass(frozen=True)
class PooledService:
    """A service of the pool: its terms, the cost expected in each year, and what it cost where that
    is known, in whole pence.
    """

    terms: Spend
    title: str
    baseline: Mapping[str, int]
    outturn: Mapping[str, int]
    outturn_places: Mapping[str, Cell]


@dataclass(frozen=True)
class PoolAgreement:
    """A pooled fund as its file declares it."""

    pool: str
    title: str
    model: str
    mechanisms: tuple[str, ...]
    host: str
    years: tuple[str, ...]
    partners: tuple[Partner, ...]
    promises: tuple[Promise, ...]
    ring_fences: tuple[RingFence, ...]
    services: tuple[PooledService, ...]
    underspends: Shares
    overspends: Shares
    share_place: Cell
    statuses: Mapping[str, str]
    """By year with an outturn, provisional or final."""
    reviews: tuple[datetime.date, ...]
    answers: Mapping[str, Mapping[str, bool]]
    steps_done: tuple[str, ...]
    levers: tuple[Lever, ...]
    case: BusinessCase | None
    place: Cell

    @property
    def codes(self) -> tuple[str, ...]:
        """The partners' codes."""
        return tuple(partner.partner for partner in self.partners)

    def kind_of(self, partner: str) -> str:
        """The kind of a partner."""
        return next(found.kind for found in self.partners if found.partner == partner)


def check_agreement(agreement: PoolAgreement, log: ProblemLog) -> None:
    """Check what the place model permits, who may share risk, and joint funding that the law
    requires.

    Errors: a mechanism or partner the model does not allow, a share of over- or underspends that is
    not declared as a mechanism, or with the national commissioner where the risk has moved,
    aftercare without both health and local government. Warnings: a partner that no lever moves.
    Source: SCIE 3; req 318-321, 323, 332.
    """
    kinds_of = {partner.partner: partner.kind for partner in agreement.partners}
    log.extend(
        replace(problem, where=agreement.place)
        for problem in not_permitted(agreement.model, agreement.mechanisms, kinds_of)
    )
    if not set(agreement.mechanisms) & set(POOLS):
        log.error(
            agreement.place,
            "The budgets are aligned and not pooled, so there is no fund to settle.",
            "Share risk between the partners by an arrangement file, or choose a mechanism that"
            " pools.",
            "not_pooled",
        )
    shared = {
        partner
        for shares in (*agreement.underspends.values(), *agreement.overspends.values())
        for partner, share in shares.items()
        if share
    }
    if len(shared) > 1 and not set(agreement.mechanisms) & set(RISK_SHARES):
        log.error(
            agreement.share_place,
            f"{', '.join(sorted(shared))} share what is over or under, and no mechanism says so.",
            f"Add {' or '.join(RISK_SHARES)} to the mechanisms, if the model permits it.",
            "risk_share_not_declared",
        )
    if agreement.model == "devolution" and any(
        agreement.kind_of(partner) != LOCAL_GOVERNMENT for partner in shared
    ):
        log.error(
            agreement.share_place,
            "Under devolution what is over or under goes with the function, to local government.",
            "Give local government all of both shares.",
            "risk_share_not_applicable",
        )
    for service in agreement.services:
        kinds = {agreement.kind_of(partner) for partner in service.terms.funded_by}
        if service.terms.law in LEGISLATED_JOINT_FUNDING and not (
            LOCAL_GOVERNMENT in kinds and kinds - {LOCAL_GOVERNMENT, NATIONAL}
        ):
            log.error(
                service.terms.place,
                f"{service.title} must be funded jointly"
                f" ({LEGISLATED_JOINT_FUNDING[service.terms.law]}).",
                "Name a health body and a local government partner under funded_by.",
                "joint_funding_required",
            )
    for code in (
        unmoved_parties(agreement.levers, [partner.kind for partner in agreement.partners])
        if agreement.levers
        else []
    ):
        log.warning(
            agreement.place,
            f"No lever moves a partner of the kind '{code}'.",
            "Look for one, or note that influence is missing.",
            "partner_not_moved",
        )


def settled_year(agreement: PoolAgreement, year: str, log: ProblemLog) -> PooledYear | None:
    """Work out a year of the pool: by its outturn where that is known, else as planned.

    What a ring fence has left of the year before opens it where that is carried, and is used before
    any shared money. Gives None, with the problems in the log, where it can't be.
    Source: SCIE 3; req 322, 324, 331, 416.
    """
    openings: dict[str, Opening] = {}
    for one in agreement.years[: agreement.years.index(year) + 1]:
        settled = _year_from(agreement, one, openings, log)
        if settled is None or one == year:
            return settled
        openings = _carried(agreement, one, settled)
    return None


def _carried(agreement: PoolAgreement, year: str, settled: PooledYear) -> dict[str, Opening]:
    """Give what each ring fence carries out of a year into the next."""
    return {
        fence.ring_fence: Opening(
            settled.ring_fenced[fence.ring_fence],
            replace(
                fence.place, entered=f"{agreement.pool}/{year}/left_in_fence/{fence.ring_fence}"
            ),
        )
        for fence in agreement.ring_fences
        if fence.ring_fence in settled.ring_fenced and fence.becomes(year) == "carried"
    }


def returned(agreement: PoolAgreement, year: str, settled: PooledYear) -> dict[str, int]:
    """Give, by partner, what is returned of ring-fenced money left at a year's end, in whole pence,
    by what each put into that fence (in the year, or last put in).

    Source: SCIE 3; req 324, 416.
    """
    back: dict[str, int] = {}
    for fence in agreement.ring_fences:
        left = settled.ring_fenced.get(fence.ring_fence, 0)
        if not left or fence.becomes(year) != "returned":
            continue
        given = _last_given(agreement, fence.ring_fence, year)
        whole = sum(given.values())
        parts = round_parts([left * part / whole for part in given.values()], list(given), left)
        for partner, part in zip(given, parts, strict=True):
            back[partner] = back.get(partner, 0) + part
    return back


def _last_given(agreement: PoolAgreement, ring_fence: str, year: str) -> dict[str, float]:
    """Give what each partner put into a ring fence in a year, or in the last year before it in
    which any did.
    """
    given: dict[str, float] = {}
    for one in reversed(agreement.years[: agreement.years.index(year) + 1]):
        given = {
            partner: float(
                sum(
                    promise.by_year[one]
                    for promise in agreement.promises
                    if promise.terms.ring_fence == ring_fence and promise.terms.partner == partner
                )
            )
            for partner in agreement.codes
        }
        if any(given.values()):
            break
    return given


def _year_from(
    agreement: PoolAgreement, year: str, openings: Mapping[str, Opening], log: ProblemLog
) -> PooledYear | None:
    contributions = [
        replace(promise.terms, amount_pence=promise.by_year[year]) for promise in agreement.promises
    ]
    spends = [
        replace(
            service.terms,
            amount_pence=service.outturn.get(year, service.baseline[year]),
            place=service.outturn_places.get(year, service.terms.place),
        )
        for service in agreement.services
    ]
    return pooled_year(
        contributions,
        spends,
        agreement.underspends[year],
        agreement.overspends[year],
        log,
        agreement.share_place,
        f"{agreement.pool}/{year}",
        openings,
    )


def pool_postings(
    agreement: PoolAgreement,
    year: str,
    settled: PooledYear,
    month: str,
    posted: Sequence[Posting] = (),
) -> list[Posting]:
    """Give the payments that settle a year between the host, which holds the fund, and each other
    partner.

    What a ring fence returns to a partner goes with its share. A year as planned pays nothing. A
    provisional outturn is paid on account, a final one to the last penny, and one that is revised
    after that is reversed and made anew.
    Source: SCIE 3; handbook 6.4.6; req 286, 322.

    Raises ValueError for a provisional outturn after a final one.
    """
    if year not in agreement.statuses:
        return []
    back = returned(agreement, year, settled)
    net = {
        one.partner: one.share_of_gap_pence + back.get(one.partner, 0)
        for one in settled.positions
        if one.partner != agreement.host
    }
    due = {
        (agreement.host, partner) if amount > 0 else (partner, agreement.host): abs(amount)
        for partner, amount in net.items()
        if amount
    }
    return year_postings(
        agreement.title,
        f"{agreement.pool}/{year}/share",
        due,
        year,
        month,
        agreement.statuses[year],
        posted,
    )


def pence_of(pounds: float) -> int | None:
    """Give pounds as whole pence; None where they are not written to the penny.

    Source: SCIE 3; req 322.
    """
    pence = whole_pence(pounds * 100)
    return pence if abs(pence - pounds * 100) < 1e-3 else None


def open_points(agreement: PoolAgreement) -> dict[str, list[str]]:
    """List what is still open in each checklist, and the step that comes next.

    Source: SCIE 3; req 325, 326, 327, 329.
    """
    found = {
        name: [
            points[point] for point in completeness(points, agreement.answers.get(name, {})).open
        ]
        for name, points in CHECKLISTS.items()
    }
    following = next_step(agreement.steps_done)
    return {**found, "next_step": [following] if following else []}

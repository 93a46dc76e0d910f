"""A pooled fund for a reader: its year, its reviews, its business case, and what is still open.

Source: SCIE 2, 3; req 318-332.
"""

from __future__ import annotations

from typing import Any

from wpb.kernel.money import pounds, whole_pence
from wpb.kernel.posting import Posting
from wpb.kernel.problems import ProblemLog
from wpb.pooling.agreement import PoolAgreement, open_points
from wpb.pooling.place_models import PLACE_MODELS
from wpb.pooling.pooled_fund import LEGISLATED_JOINT_FUNDING, PooledYear
from wpb.pooling.reviews import check_reviews, quarterly_reviews
from wpb.present.words import fitted


def agreement_figures(agreement: PoolAgreement) -> dict[str, Any]:
    """Set out what an agreement rests on: what its model permits, joint funding required by law,
    levers, open points.

    Source: SCIE 3; req 318-321, 323, 325-327, 329, 332.
    """
    model = PLACE_MODELS[agreement.model]
    return {
        "pool": agreement.pool,
        "title": agreement.title,
        "model": model.title,
        "permits": sorted(model.permits),
        "mechanisms": list(agreement.mechanisms),
        "note": model.note,
        "joint_funding_required": {
            service.title: LEGISLATED_JOINT_FUNDING[service.terms.law]
            for service in agreement.services
            if service.terms.law
        },
        "levers": [
            {
                "lever": lever.title,
                "held_by": lever.held_by,
                "moves": list(lever.moves),
                "towards": lever.towards,
            }
            for lever in agreement.levers
        ],
        "open": open_points(agreement),
    }


def _fences(agreement: PoolAgreement, year: str, settled: PooledYear) -> list[dict[str, Any]]:
    """Lay out each ring fence's year and what becomes of what is left."""
    return [
        {
            "ring_fence": fence.ring_fence,
            "left_over": fence.left_over,
            "authority": fence.authority,
            "opening_pence": held.opening_pence,
            "granted_pence": held.granted_pence,
            "spent_pence": held.spent_pence,
            "drawn_pence": held.drawn_pence,
            "left_pence": held.left_pence,
            "becomes": fence.becomes(year) if held.left_pence else "nothing_left",
        }
        for fence in agreement.ring_fences
        if (held := settled.fences.get(fence.ring_fence)) is not None
    ]


def year_figures(
    agreement: PoolAgreement, year: str, settled: PooledYear, postings: list[Posting]
) -> dict[str, Any]:
    """Set out a year of the pool: each service beside its baseline, each ring fence, each partner's
    position, and payments.

    Source: SCIE 3; req 322-324, 331.
    """
    titles = {partner.partner: partner.title for partner in agreement.partners}
    services = [
        {
            "service": service.terms.service,
            "title": service.title,
            "ring_fence": service.terms.ring_fence,
            "baseline_pence": service.baseline[year],
            "spent_pence": service.outturn.get(year, service.baseline[year]),
            "gain_pence": (
                service.baseline[year] - service.outturn.get(year, service.baseline[year])
            ),
        }
        for service in agreement.services
    ]
    return {
        "pool": agreement.pool,
        "title": agreement.title,
        "year": year,
        "status": agreement.statuses.get(year, "planned"),
        "contributions": [
            {
                "partner": promise.terms.partner,
                "title": promise.terms.title,
                "kind": promise.terms.kind,
                "ring_fence": promise.terms.ring_fence,
                "amount_pence": promise.by_year[year],
            }
            for promise in agreement.promises
        ],
        "services": services,
        "contributed_pence": settled.contributed_pence,
        "in_kind_pence": settled.in_kind_pence,
        "spent_pence": settled.spent_pence,
        "left_in_ring_fences_pence": settled.ring_fenced,
        "ring_fences": _fences(agreement, year, settled),
        "gap_pence": settled.gap_pence,
        "positions": [
            {
                "partner": one.partner,
                "title": titles[one.partner],
                "cash_pence": one.cash_pence,
                "in_kind_pence": one.in_kind_pence,
                "share_rate": (
                    agreement.underspends if settled.gap_pence >= 0 else agreement.overspends
                )[year][one.partner],
                "share_of_gap_pence": one.share_of_gap_pence,
                "bears_pence": one.bears_pence,
            }
            for one in settled.positions
        ],
        "postings": [posting.as_dict() for posting in postings],
    }


def review_figures(agreement: PoolAgreement, year: str, log: ProblemLog) -> dict[str, Any]:
    """Set out the quarterly reviews of a year: the days by which they are due and those that are
    planned.

    Records an error for a quarter without one.
    Source: SCIE 3 (transparency); req 328.
    """
    planned = [day for day in agreement.reviews if year_of_review(day.isoformat(), year)]
    check_reviews(year, planned, log)
    return {
        "pool": agreement.pool,
        "year": year,
        "due_by": [day.isoformat() for day in quarterly_reviews(year)],
        "planned": [day.isoformat() for day in planned],
        "problems": [problem.as_dict() for problem in log],
    }


def year_of_review(day: str, year: str) -> bool:
    """Say whether a day, such as 2030-07-28, lies in a financial year.

    Source: SCIE 3 (transparency); req 328.
    """
    return f"{year[:4]}-04-01" <= day <= f"{int(year[:4]) + 1}-03-31"


def case_figures(agreement: PoolAgreement) -> dict[str, Any]:
    """Set out the business case: goals, plan, measures, money by year, and the year by which it has
    paid back.

    Source: SCIE 2; req 330.
    """
    case = agreement.case
    if case is None:
        return {
            "pool": agreement.pool,
            "missing": ["goals", "plan", "measures", "investment", "returns"],
        }
    money = zip(case.years, case.investment_pence, case.return_pence, case.balance(), strict=True)
    return {
        "pool": agreement.pool,
        "title": case.title,
        "goals": list(case.goals),
        "plan": list(case.plan),
        "measures": list(case.measures),
        "missing": list(case.missing),
        "years": [
            {
                "year": year,
                "investment_pence": whole_pence(put_in),
                "return_pence": whole_pence(back),
                "balance_pence": whole_pence(balance),
            }
            for year, put_in, back, balance in money
        ],
        "pays_back_in": case.pays_back_in or None,
    }


def agreement_lines(figures: dict[str, Any]) -> list[str]:
    """Spell what an agreement rests on.

    Source: SCIE 3; req 318-321, 323, 325-327.
    """
    lines = [
        figures["title"],
        f"  Model: {figures['model']}. {figures['note']}",
        f"  It permits: {_words(figures['permits'])}",
        f"  Chosen: {_words(figures['mechanisms'])}",
    ]
    lines += (
        [
            "",
            "Joint funding that the law requires",
            *(f"  {title}: {law}" for title, law in figures["joint_funding_required"].items()),
        ]
        if figures["joint_funding_required"]
        else []
    )
    lines += [
        "",
        "Levers",
        *(
            f"  {lever['lever']}: held by {_words([lever['held_by']])}, moves"
            f" {_words(lever['moves'])}: {lever['towards']}"
            for lever in figures["levers"]
        ),
    ]
    for name, points in figures["open"].items():
        title = name.replace("_", " ").capitalize()
        lines += ["", f"{title}: {'nothing open' if not points else ''}".rstrip()] + [
            f"  {point.replace('_', ' ') if name == 'next_step' else point}" for point in points
        ]
    return lines


BECOMES = {
    "carried": "carried into the next year within its ring-fence",
    "returned": "returned to those who put it in",
    "lapsed": "lapsed",
    "not_agreed": "what becomes of it has not been agreed",
    "nothing_left": "nothing is left",
}


def _fence_lines(fence: dict[str, Any]) -> list[str]:
    """Spell a ring fence's year: what it opened with, what came in and went out, what is left and
    what becomes of it.
    """
    amounts = [
        ("Brought forward", fence["opening_pence"]),
        ("Granted", fence["granted_pence"]),
        ("Spent", -fence["spent_pence"]),
        ("Drawn on the shared money", fence["drawn_pence"]),
        ("Left", fence["left_pence"]),
    ]
    return [
        f"  Ring-fence: {fence['ring_fence'].replace('_', ' ')}",
        *(f"    {words:<58}{pounds(pence, 2):>16}" for words, pence in amounts),
        f"    {BECOMES[fence['becomes']]} ({fence['authority']})",
        "",
    ]


def year_lines(figures: dict[str, Any]) -> list[str]:
    """Spell a year of the pool.

    Source: SCIE 3; req 322.
    """
    lines = [
        f"{figures['title']}: {figures['year']}, {figures['status']}",
        "",
        f"  {'Contribution':<48}{'Partner':<12}{'Cash':>16}{'In kind':>16}",
    ]
    for one in figures["contributions"]:
        fence = " *" if one["ring_fence"] else ""
        cash, in_kind = (
            (pounds(one["amount_pence"], 2), "")
            if one["kind"] == "cash"
            else ("", pounds(one["amount_pence"], 2))
        )
        lines.append(
            f"  {fitted(one['title'], 47 - len(fence)) + fence:<48}{one['partner']:<12}"
            f"{cash:>16}{in_kind:>16}"
        )
    lines += [
        (
            f"  {'Together':<60}{pounds(figures['contributed_pence'], 2):>16}"
            f"{pounds(figures['in_kind_pence'], 2):>16}"
        ),
        "",
        f"  {'Service':<60}{'Baseline':>16}{'Spent':>16}{'Gain':>16}",
    ]
    for one in figures["services"]:
        fence = " *" if one["ring_fence"] else ""
        lines.append(
            f"  {fitted(one['title'], 59 - len(fence)) + fence:<60}"
            f"{pounds(one['baseline_pence'], 2):>16}{pounds(one['spent_pence'], 2):>16}"
            f"{pounds(one['gain_pence'], 2):>16}"
        )
    lines += ["  * ring-fenced: kept for one use, and never shared", ""]
    for fence in figures["ring_fences"]:
        lines += _fence_lines(fence)
    lines += [
        (
            f"  {'Left of the shared money' if figures['gap_pence'] >= 0 else 'Short':<60}"
            f"{pounds(figures['gap_pence'], 2):>16}"
        ),
        "",
        f"  {'Partner':<42}{'Put in':>16}{'Share':>10}{'Gets or owes':>18}{'Bears':>16}",
    ]
    lines += [
        (
            f"  {fitted(one['title'], 41):<42}{pounds(one['cash_pence'], 2):>16}"
            f"{one['share_rate']:>10.1%}{pounds(one['share_of_gap_pence'], 2):>18}"
            f"{pounds(one['bears_pence'], 2):>16}"
        )
        for one in figures["positions"]
    ]
    lines += (
        [
            "",
            "  Payments",
            *(
                f"  {one['month']}  {one['payer']} pays {one['payee']}"
                f" {pounds(one['amount_pence'], 2)}: {one['reason']}"
                for one in figures["postings"]
            ),
        ]
        if figures["postings"]
        else []
    )
    return lines


def case_lines(figures: dict[str, Any]) -> list[str]:
    """Spell the business case.

    Source: SCIE 2; req 330.
    """
    if "years" not in figures:
        return ["There is no business case yet."]
    lines = [f"Business case: {figures['title']}"]
    for name in ("goals", "plan", "measures"):
        lines += ["", name.capitalize(), *(f"  {item}" for item in figures[name] or ["still open"])]
    lines += ["", f"  {'Year':<10}{'Investment':>16}{'Returns':>16}{'Balance so far':>18}"]
    lines += [
        (
            f"  {one['year']:<10}{pounds(one['investment_pence']):>16}"
            f"{pounds(one['return_pence']):>16}{pounds(one['balance_pence']):>18}"
        )
        for one in figures["years"]
    ]
    return [
        *lines,
        "",
        (
            f"  Pays back by the end of {figures['pays_back_in']}."
            if figures["pays_back_in"]
            else "  It does not pay back in these years."
        ),
    ]


def review_lines(figures: dict[str, Any]) -> list[str]:
    """Spell the reviews of a year.

    Source: SCIE 3; req 328.
    """
    return [
        f"Reviews in {figures['year']}",
        f"  Each quarter is to be reviewed by {', '.join(figures['due_by'])}",
        f"  Planned: {', '.join(figures['planned']) or 'none'}",
    ]


def _words(names: list[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names) or "nothing"

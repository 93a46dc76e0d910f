"""Reading a pooled fund's file, every problem told at its line.

Source: SCIE 3; req 318-332.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from wpb.kernel.lined_yaml import LinedPage, shortened
from wpb.pooling.agreement import (
    CHECKLISTS,
    Partner,
    PoolAgreement,
    PooledService,
    Promise,
    Shares,
    pence_of,
)
from wpb.pooling.business_case import BusinessCase
from wpb.pooling.checklists import FIVE_STEPS
from wpb.pooling.levers import LEVERS, Lever
from wpb.pooling.place_models import HEALTH, LOCAL_GOVERNMENT, MECHANISMS, NATIONAL, PLACE_MODELS
from wpb.pooling.pooled_fund import (
    LEFT_OVER,
    LEGISLATED_JOINT_FUNDING,
    Contribution,
    RingFence,
    Spend,
)

TOP_KEYS = (
    "pool",
    "title",
    "model",
    "mechanisms",
    "host",
    "first_year",
    "years",
    "partners",
    "contributions",
    "ring_fences",
    "services",
    "underspend_shares",
    "overspend_shares",
    "status",
    "reviews",
    "checklist",
    "agreement",
    "building_blocks",
    "steps_done",
    "levers",
    "business_case",
)
KINDS = (NATIONAL, HEALTH, LOCAL_GOVERNMENT)


def read_pool(found: Mapping[str, Any], page: LinedPage) -> PoolAgreement:
    """Read a pooled fund's file.

    Every problem is recorded with its line; the result is fit for use only where none is an error.
    Source: SCIE 3; req 318-332.
    """
    page.only(found, TOP_KEYS, "A pooled fund")
    years = page.years(found, 1, 30)
    partners = tuple(_partner(line, page) for line in page.entries(found, "partners"))
    codes = tuple(partner.partner for partner in partners)
    mechanisms = tuple(page.chosen(found, "mechanisms", MECHANISMS))
    return PoolAgreement(
        pool=page.text(found, "pool"),
        title=page.text(found, "title"),
        model=page.text(found, "model", PLACE_MODELS),
        mechanisms=mechanisms,
        host=page.text(found, "host", codes),
        years=years,
        partners=partners,
        promises=tuple(
            _promise(line, codes, years, page) for line in page.entries(found, "contributions")
        ),
        ring_fences=_ring_fences(found, years, page),
        services=tuple(
            _service(line, codes, years, page) for line in page.entries(found, "services")
        ),
        underspends=_shares(found, "underspend_shares", codes, years, page),
        overspends=_shares(found, "overspend_shares", codes, years, page),
        share_place=page.place(found, "overspend_shares"),
        statuses=_statuses(found, years, page),
        reviews=tuple(_dates(found, page)),
        answers={name: _answers(found, name, page) for name in CHECKLISTS},
        steps_done=tuple(page.chosen(found, "steps_done", FIVE_STEPS, required=False)),
        levers=tuple(_lever(line, page) for line in page.entries(found, "levers", required=False))
        or LEVERS,
        case=_case(found, years, page),
        place=page.place(found, "model"),
    )


def _partner(line: Mapping[str, Any], page: LinedPage) -> Partner:
    page.only(line, ("partner", "title", "kind"), "A partner")
    return Partner(
        page.text(line, "partner"),
        page.text(line, "title"),
        page.text(line, "kind", KINDS),
        page.place(line),
    )


def _promise(
    line: Mapping[str, Any], codes: tuple[str, ...], years: tuple[str, ...], page: LinedPage
) -> Promise:
    page.only(line, ("partner", "title", "kind", "ring_fence", "pounds"), "A contribution")
    kind = page.text(line, "kind", ("cash", "in_kind"))
    partner, fence = (
        page.text(line, "partner", codes),
        page.text(line, "ring_fence", required=False),
    )
    if fence and kind == "in_kind":
        page.error(
            line,
            "ring_fence",
            "What is given in kind can't be a ring-fenced grant.",
            "Let it be cash, or take the ring fence out.",
            "wrong_value",
        )
    terms = Contribution(
        partner,
        0,
        "in_kind" if kind == "in_kind" else "cash",
        fence,
        page.text(line, "title"),
        page.place(line),
    )
    return Promise(terms, _pounds_by_year(line, "pounds", years, page))


def _ring_fences(
    found: Mapping[str, Any], years: tuple[str, ...], page: LinedPage
) -> tuple[RingFence, ...]:
    """Read what becomes of what each ring-fenced source has left: declared for every one, with its
    authority, as there is nothing that would go without saying.
    """
    listed = tuple(
        _ring_fence(line, years, page) for line in page.entries(found, "ring_fences", False)
    )
    said = [fence.ring_fence for fence in listed]
    for name in sorted({name for name in said if said.count(name) > 1}):
        page.error(
            found,
            "ring_fences",
            f"'{name}' appears twice under ring_fences.",
            "Keep one entry for each ring fence.",
            "duplicate_key",
        )
    used: dict[str, Any] = {}
    for line in page.items(found, "contributions"):
        if isinstance(line, Mapping) and line.get("ring_fence"):
            used.setdefault(str(line["ring_fence"]), line)
    for name, line in used.items():
        if name not in said:
            page.error(
                line,
                "ring_fence",
                f"Nothing says what becomes of what is left of '{name}' at the end of a year.",
                "Add it under ring_fences: - {ring_fence: "
                f"{name}, left_over: {' or '.join(LEFT_OVER)}, authority: the rule or agreement"
                " that says so}.",
                "left_over_not_declared",
            )
    for fence in listed:
        if fence.ring_fence not in used:
            page.error(
                found,
                "ring_fences",
                f"'{fence.ring_fence}' is under ring_fences, and no contribution is ring-fenced to"
                " it.",
                "Correct the name, or take the entry out.",
                "unknown_name",
            )
    return listed


def _ring_fence(line: Mapping[str, Any], years: tuple[str, ...], page: LinedPage) -> RingFence:
    page.only(line, ("ring_fence", "left_over", "authority", "agreed"), "A ring fence")
    left_over = page.text(line, "left_over", LEFT_OVER)
    agreed = {}
    if "agreed" in line:
        settled = tuple(way for way in LEFT_OVER if way != "by_agreement")
        for year, own in page.keyed(
            line, "agreed", years, "a year of the pool", every=False
        ).items():
            agreed[year] = page.text(line["agreed"], own, settled)
        if left_over != "by_agreement":
            page.error(
                line,
                "agreed",
                f"What is left is {left_over}, so there is nothing to agree by year.",
                "Write left_over: by_agreement, or take 'agreed' out.",
                "wrong_value",
            )
    return RingFence(
        page.text(line, "ring_fence"),
        left_over,
        page.text(line, "authority"),
        agreed,
        page.place(line),
    )


def _service(
    line: Mapping[str, Any], codes: tuple[str, ...], years: tuple[str, ...], page: LinedPage
) -> PooledService:
    page.only(
        line,
        ("service", "title", "ring_fence", "funded_by", "law", "baseline", "outturn"),
        "A service",
    )
    funders = tuple(page.chosen(line, "funded_by", codes))
    law = page.text(line, "law", LEGISLATED_JOINT_FUNDING, required=False)
    terms = Spend(
        page.text(line, "service"),
        0,
        page.text(line, "ring_fence", required=False),
        funders,
        law,
        page.place(line),
    )
    outturn = (
        _pounds_by_year(line, "outturn", years, page, every=False) if "outturn" in line else {}
    )
    places = (
        {year: page.place(line["outturn"], year) for year in outturn}
        if isinstance(line.get("outturn"), Mapping)
        else {}
    )
    return PooledService(
        terms,
        page.text(line, "title"),
        _pounds_by_year(line, "baseline", years, page),
        outturn,
        places,
    )


def _pounds_by_year(
    line: Mapping[str, Any], key: str, years: tuple[str, ...], page: LinedPage, every: bool = True
) -> dict[str, int]:
    """Read whole pence for every year, from pounds: one number for all of them, or a number under
    each.
    """
    found = {}
    for year, value in page.numbers(
        line, key, years, "a year of the pool", least=0, every=every
    ).items():
        pence = pence_of(value) if value == value else 0
        if pence is None:
            page.error(
                line[key] if isinstance(line[key], Mapping) else line,
                year if isinstance(line[key], Mapping) else key,
                f"{value} is not written to the penny.",
                "Give pounds with at most two decimals.",
                "wrong_value",
            )
        found[year] = pence or 0
    return found


def _shares(
    found: Mapping[str, Any],
    key: str,
    codes: tuple[str, ...],
    years: tuple[str, ...],
    page: LinedPage,
) -> Shares:
    """Read shares by partner, or by year and partner."""
    if any(isinstance(given, Mapping) for given in page.section(found, key).values()):
        return {
            year: _one_year(found[key], own, codes, page)
            for year, own in page.keyed(found, key, years, "a year of the pool").items()
        }
    return dict.fromkeys(years, _one_year(found, key, codes, page))


def _one_year(
    within: Mapping[str, Any], key: str, codes: tuple[str, ...], page: LinedPage
) -> dict[str, float]:
    shares = page.numbers(within, key, codes, "a partner", least=0, most=1)
    if shares and abs(sum(shares.values()) - 1) > 1e-9:
        page.error(
            within,
            key,
            f"The shares add to {sum(shares.values()):.2%}.",
            "Let the partners' shares add to 100%.",
            "shares_do_not_add",
        )
    return shares


def _statuses(found: Mapping[str, Any], years: tuple[str, ...], page: LinedPage) -> dict[str, str]:
    known_years = (
        page.keyed(found, "status", years, "a year of the pool", every=False)
        if "status" in found
        else {}
    )
    said = {
        year: page.text(found["status"], own, ("provisional", "final"))
        for year, own in known_years.items()
    }
    services = [line for line in page.items(found, "services") if isinstance(line, Mapping)]
    for year in years:
        known = [
            line
            for line in services
            if isinstance(line.get("outturn"), Mapping) and year in line["outturn"]
        ]
        if known and year not in said:
            page.error(
                found,
                "services",
                f"There is an outturn for {year}, and nothing says whether it is provisional or"
                " final.",
                "Add the year under 'status'.",
                "missing_value",
            )
        elif year in said and len(known) < len(services):
            without = [str(line.get("service")) for line in services if line not in known]
            page.error(
                found,
                "status",
                f"{year} has no outturn for {', '.join(without)}.",
                "Enter what each service cost; 0 where it cost nothing.",
                "missing_value",
            )
    return said


def _dates(found: Mapping[str, Any], page: LinedPage) -> list[datetime.date]:
    listed, dates = page.items(found, "reviews", required=False), []
    for position, given in enumerate(listed):
        try:
            dates.append(
                given
                if isinstance(given, datetime.date)
                else datetime.date.fromisoformat(str(given))
            )
        except ValueError:
            page.error(
                listed,
                position,
                f"'{shortened(given)}' is not a day.",
                "Write days as 2030-07-28.",
                "wrong_value",
            )
    return dates


def _answers(found: Mapping[str, Any], name: str, page: LinedPage) -> dict[str, bool]:
    section = page.section(found, name, required=False)
    answers = {}
    for point in section:
        if str(point) not in CHECKLISTS[name]:
            page.error(
                section,
                point,
                f"The {name.replace('_', ' ')} has no point '{point}'.",
                f"It has: {', '.join(CHECKLISTS[name])}.",
                "unknown_name",
            )
        elif not isinstance(section[point], bool):
            page.error(
                section,
                point,
                f"'{point}' is true or false, not '{shortened(section[point])}'.",
                "Write true once it is done.",
                "wrong_value",
            )
        else:
            answers[str(point)] = bool(section[point])
    return answers


def _lever(line: Mapping[str, Any], page: LinedPage) -> Lever:
    page.only(line, ("lever", "title", "held_by", "moves", "towards"), "A lever")
    words = {name: page.text(line, name) for name in ("lever", "title", "towards")}
    return Lever(
        words["lever"],
        words["title"],
        page.text(line, "held_by", (*KINDS, "provider")),
        tuple(page.chosen(line, "moves", (*KINDS, "provider"))),
        words["towards"],
    )


def _case(found: Mapping[str, Any], years: tuple[str, ...], page: LinedPage) -> BusinessCase | None:
    section = page.section(found, "business_case", required=False)
    if not section:
        return None
    page.only(section, ("goals", "plan", "measures", "investment", "returns"), "The business case")
    words = {
        name: tuple(str(item) for item in page.items(section, name, required=False))
        for name in ("goals", "plan", "measures")
    }
    money = {
        name: tuple(
            float(amount) for amount in _pounds_by_year(section, name, years, page).values()
        )
        for name in ("investment", "returns")
    }
    title = page.text(found, "title")
    return BusinessCase(
        title,
        words["goals"],
        words["plan"],
        words["measures"],
        years,
        money["investment"],
        money["returns"],
    )

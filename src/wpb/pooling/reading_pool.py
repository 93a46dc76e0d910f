"""Reading a pooled fund's file, every problem told at its line.

Source: SCIE 3; req 318-332.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from wpb.kernel.calendar import year_range
from wpb.kernel.lined_yaml import LinedPage, shortened
from wpb.kernel.numerals import as_number
from wpb.pooling.agreement import CHECKLISTS, Partner, PoolAgreement, PooledService, Promise, Shares, pence_of
from wpb.pooling.business_case import BusinessCase
from wpb.pooling.checklists import FIVE_STEPS
from wpb.pooling.levers import LEVERS, Lever
from wpb.pooling.place_models import HEALTH, LOCAL_GOVERNMENT, MECHANISMS, NATIONAL, PLACE_MODELS
from wpb.pooling.pooled_fund import LEGISLATED_JOINT_FUNDING, Contribution, Spend

TOP_KEYS = (
    "pool", "title", "model", "mechanisms", "host", "first_year", "years", "partners", "contributions", "services", "underspend_shares", "overspend_shares", "status",
    "reviews", "checklist", "agreement", "building_blocks", "steps_done", "levers", "business_case",
)  # fmt: skip
KINDS = (NATIONAL, HEALTH, LOCAL_GOVERNMENT)


def read_pool(found: Mapping[str, Any], page: LinedPage) -> PoolAgreement:
    """Read a pooled fund's file.

    Every problem is recorded with its line; the result is fit for use only where none is an error.
    Source: SCIE 3; req 318-332.
    """
    page.only(found, TOP_KEYS, "A pooled fund")
    years = _years(found, page)
    partners = tuple(_partner(line, page) for line in _lines(found, "partners", page))
    codes = tuple(partner.partner for partner in partners)
    mechanisms = tuple(_chosen(page, found, "mechanisms", MECHANISMS))
    return PoolAgreement(
        pool=page.text(found, "pool"),
        title=page.text(found, "title"),
        model=page.text(found, "model", PLACE_MODELS),
        mechanisms=mechanisms,
        host=page.text(found, "host", codes),
        years=years,
        partners=partners,
        promises=tuple(_promise(line, codes, years, page) for line in _lines(found, "contributions", page)),
        services=tuple(_service(line, codes, years, page) for line in _lines(found, "services", page)),
        underspends=_shares(found, "underspend_shares", codes, years, page),
        overspends=_shares(found, "overspend_shares", codes, years, page),
        share_place=page.place(found, "overspend_shares"),
        statuses=_statuses(found, years, page),
        reviews=tuple(_dates(found, page)),
        answers={name: _answers(found, name, page) for name in CHECKLISTS},
        steps_done=tuple(_chosen(page, found, "steps_done", FIVE_STEPS, required=False)),
        levers=tuple(_lever(line, page) for line in _lines(found, "levers", page, required=False)) or LEVERS,
        case=_case(found, years, page),
        place=page.place(found, "model"),
    )


def _years(found: Mapping[str, Any], page: LinedPage) -> tuple[str, ...]:
    first, count = page.text(found, "first_year"), page.number(found, "years", least=1, most=30)
    try:
        return year_range(first, int(count))
    except ValueError:
        if first:
            page.error(found, "first_year", f"'{first}' is not a financial year, or 'years' is not a count of years.", "Write years as 2030-31.", "wrong_value")
        return ()


def _lines(found: Mapping[str, Any], key: str, page: LinedPage, required: bool = True) -> list[Mapping[str, Any]]:
    listed = page.items(found, key, required)
    for position, line in enumerate(listed):
        if not isinstance(line, Mapping):
            page.error(listed, position, f"'{shortened(line)}' is not an entry of '{key}'.", "Write it as - {name: value, ...}.", "wrong_value")
    return [line for line in listed if isinstance(line, Mapping)]


def _chosen(page: LinedPage, found: Mapping[str, Any], key: str, choices: tuple[str, ...], required: bool = True) -> list[str]:
    listed = page.items(found, key, required)
    for position, word in enumerate(listed):
        if str(word) not in choices:
            page.error(listed, position, f"'{shortened(word)}' is not one of '{key}'.", f"There are: {', '.join(choices)}.", "unknown_name")
    return [str(word) for word in listed if str(word) in choices]


def _partner(line: Mapping[str, Any], page: LinedPage) -> Partner:
    page.only(line, ("partner", "title", "kind"), "A partner")
    return Partner(page.text(line, "partner"), page.text(line, "title"), page.text(line, "kind", KINDS), page.place(line))


def _promise(line: Mapping[str, Any], codes: tuple[str, ...], years: tuple[str, ...], page: LinedPage) -> Promise:
    page.only(line, ("partner", "title", "kind", "ring_fence", "pounds"), "A contribution")
    kind = page.text(line, "kind", ("cash", "in_kind"))
    partner, fence = page.text(line, "partner", codes), page.text(line, "ring_fence", required=False)
    if fence and kind == "in_kind":
        page.error(line, "ring_fence", "What is given in kind can't be a ring-fenced grant.", "Let it be cash, or take the ring fence out.", "wrong_value")
    terms = Contribution(partner, 0, "in_kind" if kind == "in_kind" else "cash", fence, page.text(line, "title"), page.place(line))
    return Promise(terms, _pounds_by_year(line, "pounds", years, page))


def _service(line: Mapping[str, Any], codes: tuple[str, ...], years: tuple[str, ...], page: LinedPage) -> PooledService:
    page.only(line, ("service", "title", "ring_fence", "funded_by", "law", "baseline", "outturn"), "A service")
    funders = tuple(_chosen(page, line, "funded_by", codes))
    law = page.text(line, "law", LEGISLATED_JOINT_FUNDING, required=False)
    terms = Spend(page.text(line, "service"), 0, page.text(line, "ring_fence", required=False), funders, law, page.place(line))
    outturn = _pounds_by_year(line, "outturn", years, page, every=False) if "outturn" in line else {}
    places = {year: page.place(line["outturn"], year) for year in outturn} if isinstance(line.get("outturn"), Mapping) else {}
    return PooledService(terms, page.text(line, "title"), _pounds_by_year(line, "baseline", years, page), outturn, places)


def _pounds_by_year(line: Mapping[str, Any], key: str, years: tuple[str, ...], page: LinedPage, every: bool = True) -> dict[str, int]:
    """Read pounds for every year: one number for all of them, or a number under each."""
    given = line.get(key)
    if every and as_number(given) is not None:
        return dict.fromkeys(years, _pence(line, key, page))
    section = page.section(line, key)
    found = {}
    for year in section:
        if str(year) not in years:
            page.error(section, year, f"'{year}' is not a year of the pool.", f"It runs from {years[0]} to {years[-1]}." if years else "Correct first_year.", "unknown_name")
        else:
            found[str(year)] = _pence(section, year, page)
    missing = [year for year in years if year not in found] if every and section else []
    if missing:
        page.error(line, key, f"'{key}' has nothing for {', '.join(missing)}.", "Enter an amount for every year; 0 where there is none.", "missing_value")
    return found


def _pence(within: Mapping[str, Any], key: Any, page: LinedPage) -> int:
    value = page.number(within, key, least=0)
    pence = pence_of(value) if value == value else 0
    if pence is None:
        page.error(within, key, f"{within[key]} is not written to the penny.", "Give pounds with at most two decimals.", "wrong_value")
    return pence or 0


def _shares(found: Mapping[str, Any], key: str, codes: tuple[str, ...], years: tuple[str, ...], page: LinedPage) -> Shares:
    """Read shares by partner, or by year and partner."""
    section = page.section(found, key)
    if any(isinstance(given, Mapping) for given in section.values()):
        for year in section:
            if str(year) not in years:
                page.error(section, year, f"'{year}' is not a year of the pool.", "Give shares for the pool's own years.", "unknown_name")
        missing = [year for year in years if year not in section]
        if missing:
            page.error(found, key, f"'{key}' has nothing for {', '.join(missing)}.", "Enter shares for every year.", "missing_value")
        return {year: _one_year(section, year, codes, page) for year in years if year in section}
    return dict.fromkeys(years, _one_year(found, key, codes, page))


def _one_year(within: Mapping[str, Any], key: str, codes: tuple[str, ...], page: LinedPage) -> dict[str, float]:
    section = page.section(within, key)
    for partner in section:
        if str(partner) not in codes:
            page.error(section, partner, f"'{partner}' is not a partner.", f"There are: {', '.join(codes)}.", "unknown_name")
    shares = {str(partner): page.number(section, partner, least=0, most=1) for partner in section if str(partner) in codes}
    if section and abs(sum(shares.values()) - 1) > 1e-9:
        page.error(within, key, f"The shares add to {sum(shares.values()):.2%}.", "Let the partners' shares add to 100%.", "shares_do_not_add")
    return shares


def _statuses(found: Mapping[str, Any], years: tuple[str, ...], page: LinedPage) -> dict[str, str]:
    section = page.section(found, "status", required=False)
    for year in section:
        if str(year) not in years:
            page.error(section, year, f"'{year}' is not a year of the pool.", "Give the status of the pool's own years.", "unknown_name")
    said = {str(year): page.text(section, year, ("provisional", "final")) for year in section}
    services = [line for line in page.items(found, "services") if isinstance(line, Mapping)]
    for year in years:
        known = [line for line in services if isinstance(line.get("outturn"), Mapping) and year in line["outturn"]]
        if known and year not in said:
            page.error(found, "services", f"There is an outturn for {year}, and nothing says whether it is provisional or final.", "Add the year under 'status'.", "missing_value")
        elif year in said and len(known) < len(services):
            without = [str(line.get("service")) for line in services if line not in known]
            page.error(found, "status", f"{year} has no outturn for {', '.join(without)}.", "Enter what each service cost; 0 where it cost nothing.", "missing_value")
    return said


def _dates(found: Mapping[str, Any], page: LinedPage) -> list[datetime.date]:
    listed, dates = page.items(found, "reviews", required=False), []
    for position, given in enumerate(listed):
        try:
            dates.append(given if isinstance(given, datetime.date) else datetime.date.fromisoformat(str(given)))
        except ValueError:
            page.error(listed, position, f"'{shortened(given)}' is not a day.", "Write days as 2030-07-28.", "wrong_value")
    return dates


def _answers(found: Mapping[str, Any], name: str, page: LinedPage) -> dict[str, bool]:
    section = page.section(found, name, required=False)
    answers = {}
    for point in section:
        if str(point) not in CHECKLISTS[name]:
            page.error(section, point, f"The {name.replace('_', ' ')} has no point '{point}'.", f"It has: {', '.join(CHECKLISTS[name])}.", "unknown_name")
        elif not isinstance(section[point], bool):
            page.error(section, point, f"'{point}' is true or false, not '{shortened(section[point])}'.", "Write true once it is done.", "wrong_value")
        else:
            answers[str(point)] = bool(section[point])
    return answers


def _lever(line: Mapping[str, Any], page: LinedPage) -> Lever:
    page.only(line, ("lever", "title", "held_by", "moves", "towards"), "A lever")
    words = {name: page.text(line, name) for name in ("lever", "title", "towards")}
    return Lever(words["lever"], words["title"], page.text(line, "held_by", (*KINDS, "provider")), tuple(_chosen(page, line, "moves", (*KINDS, "provider"))), words["towards"])


def _case(found: Mapping[str, Any], years: tuple[str, ...], page: LinedPage) -> BusinessCase | None:
    section = page.section(found, "business_case", required=False)
    if not section:
        return None
    page.only(section, ("goals", "plan", "measures", "investment", "returns"), "The business case")
    words = {name: tuple(str(item) for item in page.items(section, name, required=False)) for name in ("goals", "plan", "measures")}
    money = {name: tuple(float(amount) for amount in _pounds_by_year(section, name, years, page).values()) for name in ("investment", "returns")}
    title = page.text(found, "title")
    return BusinessCase(title, words["goals"], words["plan"], words["measures"], years, money["investment"], money["returns"])

"""Reading an arrangement between parties from its file, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wpb.kernel.numerals import as_number
from wpb.kernel.places import Cell
from wpb.sharing.arrangement import read_steps
from wpb.sharing.parties import (
    CASH_KINDS,
    FREQUENCIES,
    ROLES,
    UNDECIDED,
    WHAT_IS_SHARED,
    Contract,
    Line,
    Party,
    PartyArrangement,
    Principle,
    RebaseTrigger,
    SubSplit,
    Tier,
)
from wpb.sharing.party_steps import PARTY_KINDS, with_ends
from wpb.sharing.reading import Page
from wpb.sharing.step_kinds import Step
from wpb.sharing.values import Value

TOP_KEYS = (
    "arrangement",
    "title",
    "settles",
    "currency",
    "source",
    "first_year",
    "years",
    "what_is_shared",
    "gap_falls_on",
    "retained_by",
    "fund_held_by",
    "frequency",
    "profile",
    "ends",
    "principles",
    "measures",
    "rebase_when",
    "unsettled",
    "parameters",
    "lines",
    "parties",
    "tiers",
    "sub_splits",
    "contracts",
    "steps",
)
LINE_KEYS = (
    "line",
    "title",
    "unit",
    "currency",
    "price",
    "baseline",
    "baseline_from",
    "source_of_cash",
    "gap_falls_on",
    "filters",
    "measures",
    "why",
)
PARTY_KEYS = (
    "party",
    "title",
    "role",
    "gains",
    "losses",
    "contract",
    "why",
    "influence",
    "ability_to_bear_risk",
)
LEAST_YEARS, MOST_YEARS = 1, 50


def read_party_arrangement(found: Mapping[str, Any], page: Page) -> PartyArrangement:
    """Read an arrangement between parties.

    Every problem is recorded with its line; the result is fit for use only where none is an error.
    Source: handbook 6.4; req 258, 269, 276, 286, 290, 293.
    """
    page.only(found, TOP_KEYS, "An arrangement between parties")
    years = page.years(found, LEAST_YEARS, MOST_YEARS)
    lines, parties = page.items(found, "lines"), page.items(found, "parties")
    names = {
        kind: tuple(str(row.get(kind)) for row in rows if isinstance(row, Mapping))
        for kind, rows in (("line", lines), ("party", parties))
    }
    tiers = page.items(found, "tiers", required=False)
    page.choices = {
        "year": years,
        **names,
        "tier": tuple(f"tier_{number}" for number in range(1, len(tiers) + 1)),
    }
    page.kinds = dict.fromkeys(page.choices, "choice")
    measures = tuple(str(measure) for measure in page.items(found, "measures", required=False))
    page.known_names, page.noun = set(measures), "a reported measure"
    parameters = page.section(found, "parameters", required=False)
    for name in parameters:
        page.names[str(name)] = page.value(parameters, name, str(name))
    shared = page.text(found, "what_is_shared", WHAT_IS_SHARED)
    falls_on = page.text(found, "gap_falls_on", names["party"], required=False)
    read_lines = tuple(
        _read_line(lines, position, page, shared, falls_on)
        for position in range(len(lines))
        if _is_row(lines, position, page)
    )
    read_parties = tuple(
        _read_party(parties, position, page)
        for position in range(len(parties))
        if _is_row(parties, position, page)
    )
    frequency = page.text(found, "frequency", FREQUENCIES)
    retained_by = _retained_by(found, page, read_lines)
    steps, ends = read_steps(found, page, PARTY_KINDS), _read_ends(found, page, years)
    _check_whole(found, page, lines, parties, steps)
    return PartyArrangement(
        page.text(found, "arrangement"),
        page.text(found, "title"),
        page.text(found, "currency"),
        years,
        shared,
        read_lines,
        read_parties,
        tuple(_read_contract(page, row) for row in page.items(found, "contracts")),
        with_ends(steps, ends),
        retained_by,
        page.text(found, "fund_held_by", names["party"], required=False),
        frequency,
        _read_profile(found, page, frequency),
        ends,
        _read_tiers(tiers, page, names["party"]),
        tuple(
            _read_sub_split(page, row, tuple(names["party"]))
            for row in page.items(found, "sub_splits", required=False)
        ),
        tuple(
            _read_principle(page, row) for row in page.items(found, "principles", required=False)
        ),
        tuple(_read_trigger(page, row) for row in page.items(found, "rebase_when", required=False)),
        measures,
        tuple(str(name) for name in page.items(found, "unsettled", required=False)),
        _places(found, page),
    )


def _retained_by(found: Mapping[str, Any], page: Page, lines: tuple[Line, ...]) -> str:
    """Name the party that keeps what no step distributes: as said, else the one every gap falls
    on.
    """
    bearers = {line.gap_falls_on for line in lines}
    said = page.text(found, "retained_by", page.choices["party"], required=len(bearers) > 1)
    return said or (next(iter(bearers)) if len(bearers) == 1 else "")


def _check_whole(
    found: Mapping[str, Any], page: Page, lines: Any, parties: Any, steps: tuple[Step, ...]
) -> None:
    """Refuse an arrangement that has nothing to share, nobody to share with, or shares nothing
    out.
    """
    for key, rows, least, words in (
        ("lines", lines, 1, "no line of activity"),
        ("parties", parties, 2, "fewer than two parties"),
    ):
        if key in found and len(rows) < least:
            page.error(
                found,
                key,
                f"The arrangement has {words}.",
                "List them, each with its title and what the guide asks for.",
                "missing_list",
            )
    for name in ("gap", "share_out"):
        if steps and name not in {step.kind for step in steps}:
            page.error(
                found,
                "steps",
                f"The arrangement has no step '{name}'.",
                "Add it: the gap is worked out first, and share_out gives each party its part.",
                "step_missing",
            )


def _places(found: Mapping[str, Any], page: Page) -> dict[str, Cell]:
    """Note where the profile and the ends stand, for the figures that rest on them."""
    ends = found.get("ends")
    ends = ends if isinstance(ends, Mapping) else {}
    return {
        name: page.place(within, name)
        for within, names in ((found, ("profile",)), (ends, ("gains", "losses")))
        for name in names
        if name in within
    }


def _is_row(rows: Any, position: int, page: Page) -> bool:
    if isinstance(rows[position], Mapping):
        return True
    page.error(
        rows,
        position,
        "This entry has no names and values.",
        "Write each on a line of its own, as in 'line: outpatients'.",
        "wrong_value",
    )
    return False


def _read_line(rows: Any, position: int, page: Page, shared: str, falls_on: str) -> Line:
    row = rows[position]
    name = page.text(row, "line")
    page.only(row, LINE_KEYS, f"Line '{name}'")
    price: Value | None = None
    if shared == "fixed_price_activity" and "price" not in row:
        page.error(
            rows,
            position,
            f"Line '{name}' has no price.",
            "Give the agreed price of a unit in pounds; activity without a price, and without a"
            " cost to price it from, cannot be shared.",
            "no_price",
        )
    elif shared == "spend" and "price" in row:
        page.error(
            row,
            "price",
            f"Line '{name}' has a price, and this arrangement shares spend.",
            "Take the price out, or share fixed_price_activity.",
            "price_not_used",
        )
    elif "price" in row:
        price = page.value(row, "price", "price")
    baseline = page.value(row, "baseline", "baseline") if "baseline" in row else None
    if baseline is None:
        page.error(
            rows,
            position,
            f"Line '{name}' has no baseline.",
            "Give units (or pounds where spend is shared) for each year.",
            "missing_value",
        )
        baseline = page.value({"baseline": 0.0}, "baseline", "baseline")
    cash = page.section(row, "source_of_cash")
    kind = page.text(cash, "kind", CASH_KINDS) if cash else ""
    bearer = (
        page.text(row, "gap_falls_on", page.choices["party"], required=not falls_on) or falls_on
    )
    if (
        kind in ("payment_already_made", "fund")
        and page.text(cash, "held_by", page.choices["party"]) != bearer
    ):
        page.error(
            cash,
            "held_by",
            f"Line '{name}': the cash is held by one party and the gap falls on"
            f" {bearer or 'another'}.",
            "A gain can only be paid out of money that the party it falls on holds.",
            "cash_elsewhere",
        )
    rate = {
        "none": 0.0,
        "marginal_payment": page.number(cash, "rate", 0, 1) if kind == "marginal_payment" else 0.0,
    }.get(kind, 1.0)
    filters = {
        str(key): str(value) for key, value in page.section(row, "filters", required=False).items()
    }
    measures = tuple(str(measure) for measure in page.items(row, "measures", required=False))
    return Line(
        name,
        page.text(row, "title"),
        page.text(row, "unit"),
        page.text(row, "currency"),
        price,
        baseline,
        page.text(row, "baseline_from", ("wpb", "history")),
        kind,
        rate,
        bearer,
        filters,
        measures,
        page.place(rows, position),
    )


def _read_party(rows: Any, position: int, page: Page) -> Party:
    row = rows[position]
    name = page.text(row, "party")
    page.only(row, PARTY_KEYS, f"Party '{name}'")
    gains, losses = (
        page.value(row, side, side) if side in row else None for side in ("gains", "losses")
    )
    influence, ability = (
        int(page.number(row, key, 0, 5)) if key in row else -1
        for key in ("influence", "ability_to_bear_risk")
    )
    return Party(
        name,
        page.text(row, "title"),
        page.text(row, "role", ROLES),
        gains,
        losses,
        page.text(row, "contract", required=False),
        page.text(row, "why", required=False),
        influence,
        ability,
        page.place(rows, position),
    )


def _read_principle(page: Page, row: Any) -> Principle:
    page.only(row, ("id", "text"), "A principle")
    return Principle(page.text(row, "id"), page.text(row, "text"), page.place(row))


def _read_trigger(page: Page, row: Any) -> RebaseTrigger:
    page.only(row, ("change_in", "by", "then"), "A trigger of a new baseline")
    return RebaseTrigger(
        page.text(row, "change_in"), page.number(row, "by", 0), page.text(row, "then")
    )


def _read_contract(page: Page, row: Any) -> Contract:
    if not isinstance(row, Mapping):
        return Contract("", "", "")
    page.only(row, ("contract", "payer", "payee"), "A contract")
    return Contract(
        page.text(row, "contract"),
        page.text(row, "payer", page.choices["party"]),
        page.text(row, "payee", page.choices["party"]),
    )


def _read_profile(found: Mapping[str, Any], page: Page, frequency: str) -> tuple[float, ...]:
    given = found.get("profile")
    if frequency in ("", "yearly"):
        return ()
    if given == "equal":
        return (1 / 12,) * 12
    shares = [as_number(share) for share in given] if isinstance(given, list) else []
    if len(shares) != 12 or None in shares or abs(sum(share or 0 for share in shares) - 1) > 1e-9:
        page.error(
            found,
            "profile" if given is not None else None,
            f"The arrangement is settled {frequency} and needs a profile of the year.",
            "Write 'profile: equal', or twelve shares from April to March that add to 1.",
            "no_profile",
        )
        return ()
    return tuple(float(share or 0) for share in shares)


def _read_ends(found: Mapping[str, Any], page: Page, years: tuple[str, ...]) -> dict[str, str]:
    section = page.section(found, "ends")
    page.only(section, ("gains", "losses"), "'ends'")
    ends = {}
    for side in ("gains", "losses"):
        end = page.text(section, side)
        if end and end != UNDECIDED and end not in years:
            page.error(
                section,
                side,
                f"'{end}' is not a year of this arrangement.",
                f"Write one of {', '.join(years)}, or {UNDECIDED}.",
                "wrong_year",
            )
        ends[side] = end
    return ends


def _read_tiers(rows: Any, page: Page, parties: tuple[str, ...]) -> tuple[Tier, ...]:
    tiers: list[Tier] = []
    for position, row in enumerate(rows):
        page.only(row, ("up_to", "gains", "losses", "why"), "A tier")
        top = float("inf") if row.get("up_to") == "none" else as_number(row.get("up_to"))
        start = tiers[-1].to_rate if tiers else 0.0
        if top is None or top <= start or (top == float("inf")) != (position == len(rows) - 1):
            page.error(
                rows,
                position,
                f"Tier {position + 1} does not follow on from the one before.",
                "Give 'up_to' as a growing rate of the baseline; the last tier has 'up_to: none'.",
                "tier_order",
            )
            top = start + 1
        sides = {}
        for side in ("gains", "losses"):
            section = page.section(row, side)
            page.only(section, parties, f"The {side} of a tier")
            sides[side] = {str(party): page.value(section, party, side) for party in section}
        tiers.append(Tier(f"tier_{position + 1}", start, top, sides["gains"], sides["losses"]))
    return tuple(tiers)


def _read_sub_split(page: Page, row: Any, parties: tuple[str, ...]) -> SubSplit:
    page.only(row, ("of", "between"), "A sub-split")
    section = page.section(row, "between")
    page.only(section, parties, "A sub-split")
    return SubSplit(
        page.text(row, "of", parties),
        {str(party): page.value(section, party, "share") for party in section},
        page.place(row),
    )

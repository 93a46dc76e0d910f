"""The kinds of step of an arrangement between parties: from activity to a pool, from the pool to
each party.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from wpb.kernel.ledger import Axis
from wpb.kernel.places import Cell
from wpb.sharing import steps
from wpb.sharing.parties import UNDECIDED
from wpb.sharing.party_book import POOL, Level, PartyBook
from wpb.sharing.step_kinds import TABLE_KINDS, Figures, Step, StepKind, value_of
from wpb.sharing.values import Value


def _gap(book: Any, step: Step, figures: Figures) -> None:
    """Value activity at the agreed price (or take spend as it is) and take the outturn from the
    baseline.
    """
    assert isinstance(book, PartyBook)
    book.move_to(book.lines)
    spend = book.arrangement.what_is_shared == "spend"
    units = _by_line(
        book,
        "baseline_spend" if spend else "baseline_units",
        [line.baseline for line in book.arrangement.lines],
        100.0 if spend else 1.0,
    )
    if book.part_of_year is not None:
        part = book.leaf(
            "part_of_year_rate",
            POOL,
            book.part_of_year[None, :],
            lambda row, year: book.arrangement.place("profile"),
        )
        units = book.apply("baseline_to_date", steps.product, rate=part, of=units)
    outturn = book.leaf(
        "outturn_spend" if spend else "outturn_units",
        book.lines,
        book.units,
        book.outturn_place or (lambda row, year: Cell("outturn", "outturn", "")),
        "pence" if spend else "units",
    )
    if not spend:
        price = _by_line(
            book,
            "unit_price",
            [line.price for line in book.arrangement.lines if line.price is not None],
            100.0,
        )
        units = book.apply("baseline_at_price", steps.priced, units=units, unit_price=price)
        outturn = book.apply("outturn_at_price", steps.priced, units=outturn, unit_price=price)
    figures["baseline"] = figures["line_baseline"] = units
    figures["outturn"] = outturn
    figures["gap"] = figures["amount"] = figures["generated"] = book.apply(
        "gap", steps.gap, baseline=units, outturn=outturn
    )
    figures["line_gap"] = figures["gap"]


def _by_line(book: PartyBook, figure: str, values: list[Value], times: float) -> Any:
    """Enter one declared value a line, at [line, year]: pounds in pence where `times` is 100."""
    plain = PartyBook(book.arrangement, book.units, book.measures)
    plain.move_to(book.lines)
    rows = np.zeros((len(values), len(book.arrangement.years)))
    places: list[list[Cell]] = []
    for row, value in enumerate(values):
        array = plain.array(plain.value(value))
        rows[row] = array[0, row if array.shape[1] > 1 else 0] * times
        places.append([_place_of(value)] * rows.shape[1])
    return book.leaf(
        figure,
        book.lines,
        rows,
        lambda row, year: places[row][year],
        "pence" if times == 100.0 else "units",
    )


def _place_of(value: Value) -> Cell:
    place = getattr(value, "place", None)
    return place if isinstance(place, Cell) else Cell("", "arrangement", "")


def _cash(book: Any, step: Step, figures: Figures) -> None:
    """Keep what cash a gap really moves; the rest is notional, shown and not paid."""
    lines = book.arrangement.lines
    rates = np.array([[line.released_rate] * len(book.arrangement.years) for line in lines])
    released = book.leaf("released_rate", book.lines, rates, lambda row, year: lines[row].place)
    before = figures["amount"]
    figures["amount"] = figures["generated"] = book.apply(
        "cash_gap", steps.product, rate=released, of=before
    )
    figures["notional"] = book.apply("notional", steps.less, amount=before, taken=figures["amount"])
    figures["line_gap"] = figures["amount"]


def _net(book: Any, step: Step, figures: Figures) -> None:
    """Add the lines up, so that a gain on one meets a loss on another before anything is shared."""
    for name in ("amount", "baseline"):
        figures[name] = book.total(f"net_{name}", POOL, figures[name])
    figures["generated"] = figures["amount"]
    book.move_to(POOL)


def _kept(kind: StepKind) -> StepKind:
    """Have a step of the common kinds note what it leaves undistributed."""

    def run(book: Any, step: Step, figures: Figures) -> None:
        before = figures["amount"]
        kind.run(book, step, figures)
        book.keep(before, figures["amount"])

    return StepKind(
        kind.name,
        kind.help,
        run,
        kind.needs,
        kind.may_have,
        kind.words,
        kind.after,
        kind.gives,
        kind.repeats,
        kind.not_after,
    )


def _in_force(book: PartyBook, side: str) -> Any:
    """Enter the years in which a side is in force: 1, else 0."""
    years = [[float(book.arrangement.in_force(side, year)) for year in book.arrangement.years]]
    return book.leaf(
        f"{side}_in_force_rate",
        POOL,
        np.array(years),
        lambda row, year: book.arrangement.place(side),
    )


def _ends(book: Any, step: Step, figures: Figures) -> None:
    """Leave gains and losses unshared once each has ended, whatever else the file lists."""
    figures["amount"] = figures["generated"] = book.apply(
        "shareable",
        steps.by_side,
        amount=figures["amount"],
        **{side: _in_force(book, side) for side in ("gains", "losses")},
    )


def _sides(book: Any, step: Step, figures: Figures) -> None:
    """Share gains and losses only in the years in which each is in force."""
    in_force = {
        side: book.apply(
            f"{side}_rate",
            steps.product,
            rate=value_of(book, step, side),
            of=_in_force(book, side),
        )
        for side in ("gains", "losses")
    }
    figures["amount"] = figures["generated"] = book.apply(
        "shareable", steps.by_side, amount=figures["amount"], **in_force
    )


def _reinvest(book: Any, step: Step, figures: Figures) -> None:
    """Set part of a gain aside for the transformation fund before it is shared."""
    aside = book.apply(
        "reinvested",
        steps.part_of_gain,
        amount=figures["amount"],
        rate=value_of(book, step, "of_gains"),
    )
    figures["reinvested"] = book.total("reinvested_in_all", POOL, aside)
    figures["amount"] = book.apply(
        "distributable", steps.less, amount=figures["amount"], taken=aside
    )


def _tier(book: Any, step: Step, figures: Figures) -> None:
    """Part the gap by its size into corridors, each with shares of its own."""
    level, tiers = book.level, book.arrangement.tiers
    rows = [row for row in range(len(level)) for _ in tiers]
    of = tuple({**level.of[row], "tier": tier.name} for row in range(len(level)) for tier in tiers)
    parted = Level(Axis("corridor", tuple(".".join(names.values()) for names in of)), of)
    amount, base = book.spread(figures["amount"], rows), book.spread(figures["baseline"], rows)
    book.move_to(parted)
    edges = {}
    for name in ("from_rate", "to_rate"):
        values = np.array(
            [
                [getattr(tier, name)] * len(book.arrangement.years)
                for _ in range(len(level))
                for tier in tiers
            ]
        )
        edges[name] = book.leaf(
            f"tier_{name}", parted, np.minimum(values, 1e9), lambda row, year: step.place
        )
    figures["amount"] = book.apply(
        "corridor_part", steps.tier_part, amount=amount, base=base, **edges
    )


def _share_out(book: Any, step: Step, figures: Figures) -> None:
    """Give each party its share of each row's gain or loss, and add each party's parts up."""
    level, parties = book.level, book.arrangement.parties
    rows = [row for row in range(len(level)) for _ in parties]
    of = tuple(
        {**level.of[row], "party": party.party} for row in range(len(level)) for party in parties
    )
    each = (
        Level(Axis("share", tuple(".".join(names.values()) for names in of)), of)
        if len(level) > 1
        else book.parties
    )
    shares = {side: party_shares(book, level, side) for side in ("gains", "losses")}
    amount = book.spread(figures["amount"], rows)
    book.move_to(each)
    sides = {
        side: book.leaf(
            f"{side}_share_rate",
            each,
            values,
            lambda row, year, side=side: _share_place(book, of[row], side),
        )
        for side, values in shares.items()
    }
    part = book.apply("share", steps.by_side, amount=amount, **sides)
    if len(level) > 1:
        part = book.total(
            "share_in_all",
            book.parties,
            part,
            [position for _ in range(len(level)) for position in range(len(parties))],
        )
    book.move_to(book.parties)
    figures["amount"] = figures["generated"] = part


def party_share(book: PartyBook, of: dict[str, str], side: str) -> Value | None:
    """Find the share a party has of a side, in a corridor where there are corridors.

    Source: handbook 6.4.5; req 276, 278, 279.
    """
    tier = next((tier for tier in book.arrangement.tiers if tier.name == of.get("tier")), None)
    if tier is not None:
        return (tier.gains if side == "gains" else tier.losses).get(of["party"])
    party = next(party for party in book.arrangement.parties if party.party == of["party"])
    return party.gains if side == "gains" else party.losses


def party_shares(book: PartyBook, level: Level, side: str) -> Any:
    """Give every party its share of a side on each row of a level, [row and party, year].

    Source: handbook 6.4.5; req 276, 278, 279.
    """
    plain = PartyBook(book.arrangement, book.units, book.measures)
    rows = []
    for names in level.of:
        for party in book.arrangement.parties:
            of = {**names, "party": party.party}
            plain.move_to(Level(Axis("one", ("one",)), (of,)))
            value = party_share(book, of, side)
            found = (
                plain.array(plain.value(value))[0, 0]
                if value is not None
                else np.zeros(len(book.arrangement.years))
            )
            rows.append(np.broadcast_to(found, (len(book.arrangement.years),)))
    return np.stack(rows)


def _share_place(book: PartyBook, of: Any, side: str) -> Cell:
    value = party_share(book, of, side)
    if value is not None:
        return _place_of(value)
    return next(party.place for party in book.arrangement.parties if party.party == of["party"])


def _sub_split(book: Any, step: Step, figures: Figures) -> None:
    """Split one side's amount between its own members."""
    names = book.arrangement.party_names
    for split in book.arrangement.sub_splits:
        moved = np.zeros((len(names), len(book.arrangement.years)))
        plain = PartyBook(book.arrangement, book.units, book.measures)
        for member, value in split.between.items():
            plain.move_to(Level(Axis("one", ("one",)), ({"party": member},)))
            moved[names.index(member)] = plain.array(plain.value(value))[0, 0]
        moved[names.index(split.of)] = -moved.sum(axis=0)
        shares = book.leaf(
            "split_share_rate", book.parties, moved, lambda row, year, split=split: split.place
        )
        given = book.apply(
            "split",
            steps.product,
            rate=shares,
            of=book.spread(figures["amount"], [names.index(split.of)] * len(names)),
        )
        figures["amount"] = book.apply(
            "after_split", steps.more, amount=figures["amount"], added=given
        )


PARTY_KINDS: dict[str, StepKind] = {
    kind.name: kind
    for kind in (
        StepKind(
            "gap",
            "Baseline less outturn, line by line, at the agreed price (or in spend).",
            _gap,
            gives=("amount", "gap", "baseline", "outturn", "generated"),
        ),
        StepKind(
            "cash",
            "Keep the part of each gap that moves cash; the rest is notional.",
            _cash,
            after=("amount",),
            gives=("amount", "notional"),
            not_after=("net", "tier", "share_out"),
        ),
        StepKind(
            "net",
            "Add the lines up before sharing; left out, each line is shared by itself.",
            _net,
            after=("amount",),
            gives=("amount", "net"),
            not_after=("tier", "share_out"),
        ),
        _kept(TABLE_KINDS["corridor"]),
        _kept(
            StepKind(
                "sides",
                "Say whether gains and losses are shared (1 or 0), while each is in force.",
                _sides,
                ("gains", "losses"),
                after=("amount",),
            )
        ),
        _kept(
            StepKind(
                "ends",
                "Leave gains and losses unshared once 'ends' says that they have ended; where no"
                " step says so, it stands before anything is shared.",
                _ends,
                after=("amount",),
                not_after=("share_out",),
            )
        ),
        _kept(TABLE_KINDS["gate"]),
        _kept(TABLE_KINDS["limit"]),
        StepKind(
            "reinvest",
            "Set part of a gain aside for transformation.",
            _reinvest,
            ("of_gains",),
            after=("amount",),
            gives=("amount", "reinvested"),
            not_after=("share_out",),
        ),
        StepKind(
            "tier",
            "Part the gap into the corridors of 'tiers'.",
            _tier,
            after=("amount", "baseline"),
            gives=("amount", "tier"),
            not_after=("share_out",),
        ),
        StepKind(
            "share_out",
            "Give each party its share.",
            _share_out,
            after=("amount",),
            gives=("amount", "party_amount"),
        ),
        StepKind(
            "sub_split",
            "Split a side's share between its members.",
            _sub_split,
            after=("party_amount",),
            gives=("amount",),
        ),
    )
}
"""Steps of an arrangement between parties."""


SHARING = ("reinvest", "tier", "share_out")
"""Steps that take a gain or a loss apart: what has ended must be out of it by then."""


def with_ends(listed: tuple[Step, ...], ends: Mapping[str, str]) -> tuple[Step, ...]:
    """Put the step `ends` before anything is shared, where a side ends and no step there says so.

    Source: handbook 6.5.1; req 293, 384.
    """
    first = next((at for at, step in enumerate(listed) if step.kind in SHARING), len(listed))
    settled = any(step.kind in ("sides", "ends") for step in listed[:first])
    if settled or first == len(listed) or all(end == UNDECIDED for end in ends.values()):
        return listed
    following = listed[first]
    put = Step(following.number, "ends", {}, {}, following.place)
    return (*listed[:first], put, *listed[first:])

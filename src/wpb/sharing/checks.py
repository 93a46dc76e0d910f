"""What must hold of an arrangement before it is fit for use, and what its parties should look at
again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.ledger import Axis
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.kernel.ranges import BASELINE, FACTOR, PRICE
from wpb.sharing import steps
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.party_book import Level, PartyBook
from wpb.sharing.party_steps import party_share
from wpb.sharing.payments import route
from wpb.sharing.ranges import check_range, check_step_ranges
from wpb.sharing.step_kinds import check_bare_amounts
from wpb.sharing.values import Cases, Named, Paired, Value

Array = NDArray[np.float64]
SAME = 1e-9


def check_arrangement(arrangement: PartyArrangement, log: ProblemLog) -> None:
    """Check an arrangement between parties, recording every problem at its line.

    Errors: a look-up without a year, shares that don't add to 1, a share for a party that can
    neither influence nor bear the risk, a risk of one party alone, limits the wrong way round, a
    party with no contract to be paid through. Warnings: equal shares without a reason, a principle
    that no parameter follows from.
    Source: handbook 6.2, 6.4.2, 6.4.3, 6.5.2; req 260, 272, 277, 290, 291, 296.
    """
    if not arrangement.years or log.errors:
        return
    before = len(log.errors)
    _check_ranges(arrangement, log)
    _check_years(arrangement, log)
    if len(log.errors) > before:
        return
    shares = {side: _shares(arrangement, side) for side in ("gains", "losses")}
    for side, by_level in shares.items():
        _check_sums(arrangement, side, by_level, log)
    if arrangement.sub_splits:
        _check_splits(arrangement, log)
    _check_parties(arrangement, shares, log)
    _check_limits(arrangement, log)
    _check_contracts(arrangement, log)
    _check_principles(arrangement, log)


def _plain(arrangement: PartyArrangement, of: dict[str, str]) -> PartyBook:
    book = PartyBook(arrangement, np.zeros((1, len(arrangement.lines), len(arrangement.years))), {})
    book.move_to(Level(Axis("one", ("one",)), (of,)))
    return book


def _leaves(value: Value | None) -> list[Value]:
    if isinstance(value, Paired):
        return [leaf for found in value.inputs.values() for leaf in _leaves(found)]
    return [] if value is None else [value]


def _declared(arrangement: PartyArrangement) -> list[Value]:
    found: list[Value | None] = [
        value for line in arrangement.lines for value in (line.price, line.baseline)
    ]
    found += [value for party in arrangement.parties for value in (party.gains, party.losses)]
    found += [
        value
        for tier in arrangement.tiers
        for side in (tier.gains, tier.losses)
        for value in side.values()
    ]
    found += [value for split in arrangement.sub_splits for value in split.between.values()]
    found += [value for step in arrangement.steps for value in step.values.values()]
    return [leaf for value in found for leaf in _leaves(value)]


def _check_ranges(arrangement: PartyArrangement, log: ProblemLog) -> None:
    """Hold every declared number to the range of what it is: a factor, a price, a baseline."""
    seen: set[Cell] = set()
    for line in arrangement.lines:
        check_range(line.price, PRICE, "a price", log, seen)
        check_range(line.baseline, BASELINE, "a baseline", log, seen)
    factors: list[Value | None] = [
        value for party in arrangement.parties for value in (party.gains, party.losses)
    ]
    factors += [
        value
        for tier in arrangement.tiers
        for side in (tier.gains, tier.losses)
        for value in side.values()
    ]
    factors += [value for split in arrangement.sub_splits for value in split.between.values()]
    for value in factors:
        check_range(value, FACTOR, "a share", log, seen)
    check_step_ranges(arrangement.steps, log, seen)


def _check_years(arrangement: PartyArrangement, log: ProblemLog) -> None:
    axes = {
        "line": arrangement.line_names,
        "party": arrangement.party_names,
        "tier": tuple(tier.name for tier in arrangement.tiers) or ("",),
        "year": arrangement.years,
    }
    for value in {id(value): value for value in _declared(arrangement)}.values():
        if not isinstance(value, Cases):
            continue
        _, missing, _ = value.tabulated(axes)
        years = [
            year
            for number, year in enumerate(arrangement.years)
            if np.take(missing, min(number, missing.shape[3] - 1), axis=3).any()
        ]
        if years:
            log.error(
                value.place,
                f"{value.name} has no value for {', '.join(years)}.",
                "Add each year, or say 'otherwise'.",
                "no_value_for_year",
            )


def _shares(arrangement: PartyArrangement, side: str) -> list[tuple[str, Array]]:
    """The shares of a side, [party, year], for the one pool or for each corridor."""
    found = []
    for tier in [tier.name for tier in arrangement.tiers] or [""]:
        rows = []
        for party in arrangement.party_names:
            of = {"party": party, **({"tier": tier} if tier else {})}
            value = party_share(_plain(arrangement, of), of, side)
            share = (
                _plain(arrangement, of).value(value)[0, 0]
                if value is not None
                else np.zeros(len(arrangement.years))
            )
            rows.append(np.broadcast_to(share, (len(arrangement.years),)))
        found.append((tier, np.stack(rows)))
    return found


def _shared_in(arrangement: PartyArrangement, side: str, year: int) -> bool:
    sides = next((step for step in arrangement.steps if step.kind == "sides"), None)
    if sides is None:
        return True
    open_ = np.broadcast_to(
        _plain(arrangement, {}).value(sides.values[side])[0, 0], (len(arrangement.years),)
    )
    return bool(open_[year] > 0) and arrangement.in_force(side, arrangement.years[year])


def _check_sums(
    arrangement: PartyArrangement, side: str, by_level: list[tuple[str, Array]], log: ProblemLog
) -> None:
    place = arrangement.parties[0].place if arrangement.parties else None
    for tier, shares in by_level:
        if (shares < 0).any() or (shares > 1).any():
            log.error(
                place,
                f"A share of {side} is below nought or above 1.",
                "Enter each share from 0 to 1.",
                "share_out_of_range",
            )
        for year, total in enumerate(shares.sum(axis=0)):
            if abs(total - 1) > SAME and _shared_in(arrangement, side, year):
                within = f" in {tier}" if tier else ""
                log.error(
                    place,
                    f"The shares of {side}{within} add to {total:.4%} in {arrangement.years[year]},"
                    " not to 100%.",
                    "Let the parties' shares of each pool add to 100% in every year it is shared.",
                    "shares_do_not_add",
                )


def _check_splits(arrangement: PartyArrangement, log: ProblemLog) -> None:
    for split in arrangement.sub_splits:
        total = np.sum(
            [
                np.broadcast_to(
                    _plain(arrangement, {"party": member}).value(value)[0, 0],
                    (len(arrangement.years),),
                )
                for member, value in split.between.items()
            ],
            axis=0,
        )
        if np.any(np.abs(total - 1) > SAME):
            log.error(
                split.place,
                f"The parts of {split.of}'s share do not add to 100%.",
                "Let them add to 100% in every year.",
                "shares_do_not_add",
            )


def _check_parties(
    arrangement: PartyArrangement, shares: dict[str, list[tuple[str, Array]]], log: ProblemLog
) -> None:
    for side, by_level in shares.items():
        held = np.max([levels.max(axis=1) for _, levels in by_level], axis=0)
        for party, most in zip(arrangement.parties, held, strict=True):
            if most > 0 and party.influence == 0 and party.role == "provider":
                log.error(
                    party.place,
                    f"{party.title} has a share of {side} and no influence on the activity.",
                    "Share only with organisations whose actions bear on the result, or correct"
                    " 'influence'.",
                    "party_without_influence",
                )
            if side == "losses" and most > 0 and party.ability_to_bear_risk == 0:
                log.error(
                    party.place,
                    f"{party.title} has a share of losses and no ability to bear risk.",
                    "Leave the party out of losses, or correct 'ability_to_bear_risk'.",
                    "party_cannot_bear_risk",
                )
        sharing = held[held > 0]
        if (
            len(sharing) > 1
            and np.ptp(sharing) < SAME
            and not any(party.why for party in arrangement.parties)
        ):
            log.warning(
                arrangement.parties[0].place,
                f"Every party has the same share of {side}, and no reason is given.",
                "Match shares to each party's influence on the risk and to how it is affected, or"
                " say under 'why' why they are equal.",
                "equal_shares",
            )
    everyone = np.max(
        [levels.max(axis=1) for by_level in shares.values() for _, levels in by_level], axis=0
    )
    if (everyone > 0).sum() < 2:
        log.error(
            arrangement.parties[0].place if arrangement.parties else None,
            "Only one party has a share, so nothing is shared.",
            "A risk that one party bears alone, such as its own cost efficiency, has no place in a"
            " gain/loss arrangement.",
            "one_party_alone",
        )


def _check_limits(arrangement: PartyArrangement, log: ProblemLog) -> None:
    for step in (step for step in arrangement.steps if step.kind == "limit"):
        sides = {side: _constant_limit(step.values[side]) for side in ("gains", "losses")}
        check_bare_amounts(step, log)
        cap, collar = (sides[side] for side in ("gains", "losses"))
        if any(limit is not None and limit[0] < 0 for limit in (cap, collar)):
            log.error(
                step.place,
                "A limit is below nought, which puts the collar above the cap.",
                "Enter both as sizes: the most that can be gained, and the most that can be lost.",
                "collar_above_cap",
            )
        elif cap is not None and collar is not None and collar[1] == cap[1] and collar[0] > cap[0]:
            log.warning(
                step.place,
                "More can be lost than can be gained under these limits.",
                "Check that the parties mean it; a new care model usually starts the other way"
                " round.",
                "collar_wider_than_cap",
            )


def _constant_limit(value: Value) -> tuple[float, str] | None:
    """The size of a limit that is one number, and of what ('' for pounds), for comparing the two
    sides.
    """
    if isinstance(value, Cases):
        return (
            (value.otherwise, "")
            if not value.cases
            and value.otherwise is not None
            and value.otherwise == value.otherwise
            else None
        )
    if isinstance(value, Paired) and value.rule is steps.product:
        parts = [
            _constant_limit(part) for part in value.inputs.values() if not isinstance(part, Named)
        ]
        sizes = [part[0] for part in parts if part is not None]
        return (
            (
                float(np.prod(sizes)),
                " ".join(part.name for part in value.inputs.values() if isinstance(part, Named)),
            )
            if sizes and len(sizes) == len(parts)
            else None
        )
    return None


def _check_contracts(arrangement: PartyArrangement, log: ProblemLog) -> None:
    known = {contract.contract for contract in arrangement.contracts}
    for party in arrangement.parties:
        if party.contract and party.contract not in known:
            log.error(
                party.place,
                f"{party.title} is paid through '{party.contract}', which is not among the"
                " contracts.",
                f"The contracts: {', '.join(sorted(known))}.",
                "unknown_contract",
            )
        elif route(arrangement, party.party) is None and not any(
            split.of == party.party for split in arrangement.sub_splits
        ):
            log.error(
                party.place,
                f"{party.title} has no contract to be paid through.",
                "Name under 'contract' one that leads, straight or by way of other parties, to"
                f" {arrangement.retained_by}.",
                "no_contract",
            )


def _check_principles(arrangement: PartyArrangement, log: ProblemLog) -> None:
    from wpb.sharing.statement import principle_links

    for principle, parameters in principle_links(arrangement).items():
        if not parameters:
            place = next(found.place for found in arrangement.principles if found.id == principle)
            log.note(
                place,
                f"No parameter names the principle '{principle}'.",
                "Name it under 'why' beside the party or step that follows from it.",
                "principle_not_used",
            )

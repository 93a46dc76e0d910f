"""What is wrong with the records: counted and listed by kind with the pounds it touches; nothing is
dropped in silence.

Source: handbook 2.3, 2.4.5; req 99.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from wpb.kernel.money import pounds
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.patients import way_in
from wpb.patients.engine import columns_of
from wpb.patients.gate import (
    GROUPS,
    PENCE,
    UNITS,
    Contributions,
    DisclosureRule,
    about_people,
    group_of,
    significant,
)
from wpb.patients.person_level import PersonLevel
from wpb.patients.spending import ChargeKey

WORDS = {
    "not_on_register": (
        "of people who were on no list that day",
        (
            "Their pounds are shown under people elsewhere and spread over no list. Check the"
            " register's dates and pseudonyms."
        ),
    ),
    "used_after_death": (
        "dated after the person's death",
        (
            "Their pounds are shown under people elsewhere and spread over no list. Check the dates"
            " of death and of the records."
        ),
    ),
    "blank_pseudonym": (
        "without a pseudonym",
        "They take no money. Ask the provider for the pseudonyms.",
    ),
    "wrong_type": (
        "with a value that is not of its kind, or is missing",
        "They take no money. Correct the dates, units or identifiers.",
    ),
    "outside_year": ("dated outside the year", "They take no money. Check the extract's dates."),
    "units_not_above_nought": (
        "with units of nought or below",
        (
            "They take no money. Correct the units, or take out reversed records with the ones they"
            " reverse."
        ),
    ),
    "unknown_service": (
        "that commissioned_activity does not know",
        "They take no money. Add their provider, point of delivery and service code.",
    ),
    "no_price": (
        "with no price for the year",
        "Their pounds are not known. Add the currency to prices.",
    ),
    "duplicate_record": (
        "given twice",
        "The first of each is kept, the others take no money. Take the repeats out.",
    ),
    "ends_before_it_starts": (
        "with an end before the start",
        "They take no money. Correct the dates.",
    ),
    "overlapping_episode": (
        "with a start before the person's last one had ended",
        "They keep their pounds. Ask the provider which is right.",
    ),
    "not_attended": ("not attended", ""),
}


RULE = DisclosureRule()


@dataclass(frozen=True)
class Fault:
    """Records of one table with one kind of fault: how many, and the pence they carry or would
    carry.
    """

    table: str
    kind: str
    records: int
    pence: int
    untold: int
    """How many of the records have pounds that can't be told; `pence` is that of the others."""
    shown: bool = False
    """Whether enough people stand behind them, and none dominates, for figures to be told."""

    @property
    def money(self) -> str:
        """The pounds in words, to two figures."""
        if self.untold == self.records:
            return "pounds that can't be told"
        return f"about {pounds(significant(self.pence, 2))}" + (
            ", and more with pounds that can't be told" if self.untold else ""
        )

    def told(self, all_records: int, words: str) -> str:
        """Say how many records have the fault, and their pounds; neither where few people show."""
        if not self.shown:
            return (
                f"Some records of {self.table} {words}: how many, and their pounds, are suppressed,"
                " as few people are behind them."
            )
        return (
            f"About {near_five(self.records)} of {near_five(all_records)} records of {self.table}"
            f" {words} ({self.money})."
        )


def near_five(count: int) -> str:
    """A count to the nearest five."""
    return f"{(count + 2) // 5 * 5:,}"


def _contributions(
    work: PersonLevel, pence_by_key: Mapping[ChargeKey, int]
) -> dict[tuple[str, str], Contributions]:
    """Records and pence by table and kind of fault, by group of people; a record without a
    pseudonym counts as a person of its own, and one dated after a death is of that kind alone.
    """
    units, found = work.units_of(), dict[tuple[str, str], Contributions]()

    def add(key: tuple[str, str], cell: int, size: int, place: int, records: int) -> None:
        into = found.setdefault(key, np.zeros((2, GROUPS), dtype=np.int64))
        into[UNITS, place] += records
        into[PENCE, place] += _pence(work, cell, abs(size), records, pence_by_key, units) or 0

    group = group_of("CASE WHEN person = 0 THEN record ELSE person END")
    for table in work.tables:
        columns = columns_of(
            work.stages.fetch(
                f"SELECT kind, cell, units, {group} AS person_group, COUNT(*) AS records FROM"
                f" records_{table} WHERE kind > {way_in.NOT_ATTENDED} OR kind ="
                f" {way_in.OFF_REGISTER} GROUP BY kind, cell, units, {group}"
            )
        )
        for kind, cell, size, place, records in zip(*columns, strict=True):
            add((table, way_in.RECORD_FAULTS[kind]), cell, size, place, records)
    for table, cell, size, place, records in work.after_death:
        add((table, "used_after_death"), cell, size, place, records)
        add((table, way_in.RECORD_FAULTS[way_in.OFF_REGISTER]), cell, size, place, -records)
    for table, cell, size, place, records in work.overlaps:
        add((table, "overlapping_episode"), cell, size, place, records)
    return found


def list_faults(
    work: PersonLevel,
    pence_by_key: Mapping[ChargeKey, int],
    rule: DisclosureRule | None = None,
) -> list[Fault]:
    """List what is wrong by table and kind, with pounds: units x price, or x the mean pence of a
    unit of the activity.

    Source: handbook 2.4.5; req 99.
    """
    units, behind = work.units_of(), _contributions(work, pence_by_key)
    found: dict[tuple[str, str], list[tuple[int, int | None]]] = defaultdict(list)
    dead: dict[tuple[str, int, int], int] = defaultdict(int)
    for table, cell, size, _, records in work.after_death:
        dead[table, cell, size] += records
    marked = [
        (
            count.table,
            way_in.RECORD_FAULTS[count.kind],
            count.cell,
            count.units,
            count.records
            - (
                dead[count.table, count.cell, count.units]
                if count.kind == way_in.OFF_REGISTER
                else 0
            ),
        )
        for count in work.counts
        if count.kind != way_in.VALID
    ]
    marked = [each for each in marked if each[4]]
    marked += [
        (table, "used_after_death", cell, size, records)
        for table, cell, size, _, records in work.after_death
    ]
    marked += [
        (table, "overlapping_episode", cell, size, records)
        for table, cell, size, _, records in work.overlaps
    ]
    for table, kind, cell, size, records in marked:
        unread = kind == "wrong_type" and not size
        found[table, kind].append(
            (
                records,
                None if unread else _pence(work, cell, abs(size), records, pence_by_key, units),
            )
        )
    return [
        Fault(
            table,
            kind,
            sum(records for records, _ in parts),
            sum(pence or 0 for _, pence in parts),
            sum(records for records, pence in parts if pence is None),
            kind == "not_attended"
            or ((table, kind) in behind and (rule or RULE).fits(behind[table, kind])),
        )
        for (table, kind), parts in sorted(found.items())
    ]


def _pence(
    work: PersonLevel,
    cell: int,
    size: int,
    records: int,
    pence_by_key: Mapping[ChargeKey, int],
    units: Mapping[ChargeKey, int],
) -> int | None:
    service = work.cells.service_of(cell)
    if service is None:
        return None
    if service.priced:
        return size * records * work.cells.price_of(cell) if cell % way_in.SERVICE_STEP else None
    every = units.get(service.charge_key, 0)
    return pence_by_key.get(service.charge_key, 0) * size * records // every if every else None


def pence_by_table(work: PersonLevel, pence_by_key: Mapping[ChargeKey, int]) -> dict[str, int]:
    """Pence that each table's records carry or would carry, faulty or not, as far as they can be
    told.

    Source: handbook 2.4.5; req 99.
    """
    units, found = work.units_of(), dict.fromkeys(work.tables, 0)
    for count in work.counts:
        if count.kind != way_in.NOT_ATTENDED:
            found[count.table] += (
                _pence(work, count.cell, abs(count.units), count.records, pence_by_key, units) or 0
            )
    return found


def tell_faults(
    work: PersonLevel,
    faults: list[Fault],
    all_pence: Mapping[str, int],
    stop_over_share: float,
    log: ProblemLog,
) -> None:
    """Tell each kind of fault; stop the run where a table's faulty records, or their pounds, pass
    the threshold.

    Source: handbook 2.4.5; req 99.
    """
    all_records: dict[str, int] = defaultdict(int)
    for count in work.counts:
        if count.kind != way_in.NOT_ATTENDED:
            all_records[count.table] += count.records
    faulty: dict[str, int] = defaultdict(int)
    faulty_pence: dict[str, int] = defaultdict(int)
    for fault in faults:
        words, fix = WORDS[fault.kind]
        where = Cell(work.sources[fault.table].label, fault.table, "")
        if fault.kind == "not_attended":
            log.note(
                where,
                f"Records of {fault.table} that were not attended carry no money:"
                f" {about_people(fault.records, RULE.smallest, 5)}.",
                "",
                "records_not_attended",
            )
            continue
        log.warning(
            where,
            fault.told(all_records[fault.table], words),
            fix,
            f"records_{fault.kind}",
        )
        faulty[fault.table] += fault.records
        faulty_pence[fault.table] += fault.pence
    for table, number in faulty.items():
        if number > stop_over_share * all_records[table]:
            log.error(
                Cell(work.sources[table].label, table, ""),
                f"More of the records of {table} are faulty than the {stop_over_share:.1%} at which"
                " a run stops.",
                "Correct the records, or raise stop_over_share in patients.yaml once the reasons"
                " are understood.",
                "records_over_threshold",
            )
        elif faulty_pence[table] > stop_over_share * all_pence[table]:
            log.error(
                Cell(work.sources[table].label, table, ""),
                f"Faulty records of {table} carry more of its pounds than the"
                f" {stop_over_share:.1%} at which a run stops.",
                "Correct the records, or raise stop_over_share in patients.yaml once the reasons"
                " are understood.",
                "pounds_over_threshold",
            )


def tell_register_faults(
    counts: Mapping[int, int],
    overlapping_stays: int,
    label: str,
    stop_over_share: float,
    log: ProblemLog,
) -> None:
    """Tell what is wrong with the register, by kind, and stop where too much of it is."""
    where, faulty, total = Cell(label, "person_register", ""), 0, sum(counts.values())
    words = {
        "blank_pseudonym": "without a pseudonym",
        "wrong_type": "with a value that is not of its kind",
        "unknown_list": "on a list that gp_lists does not have",
        "age_out_of_range": "without an age from 0 to 120",
        "ends_before_it_starts": "with an end before the start",
        "outside_year": "outside the year",
    }
    for number, kind in way_in.REGISTER_FAULTS.items():
        if counts.get(number):
            tell = log.note if kind == "outside_year" else log.warning
            tell(
                where,
                f"Rows of the register {words[kind]}, left out:"
                f" {about_people(counts[number], RULE.smallest, 5)} of {near_five(total)}.",
                (
                    ""
                    if kind == "outside_year"
                    else "Correct them; the people in them count on no list."
                ),
                f"register_{kind}",
            )
            faulty += counts[number] if kind != "outside_year" else 0
    if overlapping_stays:
        log.warning(
            where,
            "Stays on a list that overlap the person's next one:"
            f" {about_people(overlapping_stays, RULE.smallest, 5)}; the later list takes over on"
            " its first day.",
            "Correct the dates of leaving.",
            "register_overlapping_stays",
        )
    if faulty > stop_over_share * total:
        log.error(
            where,
            f"More rows of the register are faulty than the {stop_over_share:.1%} at which a run"
            " stops.",
            "Correct the register, or raise stop_over_share in patients.yaml once the reasons are"
            " understood.",
            "register_over_threshold",
        )

"""What is wrong with the records: counted and listed by kind with the pounds it touches; nothing is
dropped in silence.

Source: handbook 2.3, 2.4.5; req 99.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from wpb.kernel.money import pounds
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.patients import way_in
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

    @property
    def money(self) -> str:
        """The pounds in words."""
        if self.untold == self.records:
            return "pounds that can't be told"
        return pounds(self.pence, 2) + (
            f", and {self.untold:,} of them with pounds that can't be told" if self.untold else ""
        )


def list_faults(work: PersonLevel, pence_by_key: Mapping[ChargeKey, int]) -> list[Fault]:
    """List what is wrong by table and kind, with pounds: units x price, or x the mean pence of a
    unit of the activity.

    Source: handbook 2.4.5; req 99.
    """
    units = work.units_of()
    found: dict[tuple[str, str], list[tuple[int, int | None]]] = defaultdict(list)
    dead = {(table, cell, size): records for table, cell, size, records in work.after_death}
    marked = [
        (
            count.table,
            way_in.RECORD_FAULTS[count.kind],
            count.cell,
            count.units,
            count.records
            - (
                dead.get((count.table, count.cell, count.units), 0)
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
        for table, cell, size, records in work.after_death
    ]
    marked += [
        (table, "overlapping_episode", cell, size, records)
        for table, cell, size, records in work.overlaps
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
        where, counted = (
            Cell(work.sources[fault.table].label, fault.table, ""),
            f"{fault.records:,} of {all_records[fault.table]:,} records of {fault.table}",
        )
        if fault.kind == "not_attended":
            log.note(
                where,
                f"{fault.records:,} record{'' if fault.records == 1 else 's'} of {fault.table}, not"
                " attended, carry no money.",
                "",
                "records_not_attended",
            )
            continue
        log.warning(
            where,
            f"{counted} {words} ({fault.money}).",
            fix,
            f"records_{fault.kind}",
        )
        faulty[fault.table] += fault.records
        faulty_pence[fault.table] += fault.pence
    for table, number in faulty.items():
        if number > stop_over_share * all_records[table]:
            log.error(
                Cell(work.sources[table].label, table, ""),
                f"{number:,} of {all_records[table]:,} records of {table} are faulty, more than the"
                f" {stop_over_share:.1%} at which a run stops.",
                "Correct the records, or raise stop_over_share in patients.yaml once the reasons"
                " are understood.",
                "records_over_threshold",
            )
        elif faulty_pence[table] > stop_over_share * all_pence[table]:
            log.error(
                Cell(work.sources[table].label, table, ""),
                f"Faulty records of {table} carry {pounds(faulty_pence[table], 2)} of"
                f" {pounds(all_pence[table], 2)}, more than the {stop_over_share:.1%} at which a"
                " run stops.",
                "Correct the records, or raise stop_over_share in patients.yaml once the reasons"
                " are understood.",
                "pounds_over_threshold",
            )


def tell_register_faults(
    counts: Mapping[int, int],
    overlapping_stays: int,
    overlapping_days: int,
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
                f"{counts[number]:,} of {total:,} rows of the register, {words[kind]}, left out.",
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
            f"Stays on a list that overlap the person's next one: {overlapping_stays:,}, by"
            f" {overlapping_days:,} days in all; the later list takes over on its first day.",
            "Correct the dates of leaving.",
            "register_overlapping_stays",
        )
    if faulty > stop_over_share * total:
        log.error(
            where,
            f"{faulty:,} of {total:,} rows of the register are faulty, more than the"
            f" {stop_over_share:.1%} at which a run stops.",
            "Correct the register, or raise stop_over_share in patients.yaml once the reasons are"
            " understood.",
            "register_over_threshold",
        )

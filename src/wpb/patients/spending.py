"""From records to pounds: one pass that gives each record its pence and adds them up by list, by
kind of person and by person.

Source: handbook 2.4.5; req 95, 101.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wpb.patients.allocation import ClassShare, RecordClass, share_over_records
from wpb.patients.cells import Cells
from wpb.patients.cells import ChargeKey as ChargeKey  # noqa: PLC0414
from wpb.patients.gate import group_of
from wpb.patients.way_in import OFF_REGISTER, VALID

VALUED_KINDS = f"({VALID}, {OFF_REGISTER})"
_PENCE = "c.pence + CASE WHEN r.record <= c.extra_to THEN c.extra ELSE 0 END"
_JOINED = (
    "FROM records AS r JOIN charges AS c ON r.cell = c.cell AND r.units = c.units WHERE r.kind IN"
    f" {VALUED_KINDS}"
)
_GROUP = group_of("r.person")
_MEASURES = (
    f"{_GROUP} AS person_group, CAST(SUM(r.units) AS BIGINT) AS units,"
    f" CAST(SUM({_PENCE}) AS BIGINT) AS pence"
)

BY_LIST = f"SELECT r.list, c.charge, {_MEASURES} {_JOINED} GROUP BY r.list, c.charge, {_GROUP}"
BY_PROFILE = f"SELECT r.profile, c.line, {_MEASURES} {_JOINED} GROUP BY r.profile, c.line, {_GROUP}"
BY_ACTIVITY = (
    f"SELECT r.profile, c.charge, {_MEASURES} {_JOINED} AND r.profile > 0 GROUP BY r.profile,"
    f" c.charge, {_GROUP}"
)
OF_PERSON = f"SELECT r.person, {_PENCE} AS pence {_JOINED} AND r.list > 0"
"""The pence of each record of someone on a list, to be added up by person."""

NO_RECORDS = """SELECT CAST(0 AS BIGINT) AS record, CAST(0 AS BIGINT) AS person, CAST(0 AS INTEGER) AS list, CAST(0 AS INTEGER) AS profile,
    CAST(0 AS INTEGER) AS cell, CAST(0 AS INTEGER) AS units, CAST(0 AS INTEGER) AS kind WHERE FALSE"""
"""Stands for the records of a place that has a register and no activity."""

COUNT_BY_CLASS = (
    "SELECT cell, units, kind, COUNT(*) AS records FROM {table} GROUP BY cell, units, kind"
)


@dataclass
class Charges:
    """What each class of records is charged to, and the pence of each of its records."""

    keys: list[ChargeKey] = field(default_factory=list)
    shares: list[tuple[int, ClassShare]] = field(default_factory=list)
    """Position in `keys`, and the share of the class."""

    @property
    def lines(self) -> list[str]:
        """The service lines charged, sorted; a line's number is its position."""
        return sorted({line for _, line, _ in self.keys})


def charges_of(
    cells: Cells,
    classes: Sequence[RecordClass],
    pence: Mapping[ChargeKey, int],
    proxies: Mapping[ChargeKey, tuple[str, str]] | None = None,
) -> tuple[Charges, dict[ChargeKey, int]]:
    """Give each class of records its charges; pounds that no record takes come back as unmapped.

    Priced records: units x unit price. Records under a block sum, or the primary care pot: their
    share of the pence of their contract, service line and activity type. Pounds of a service
    without activity by practice follow the records of its proxy line. No pounds are spread over
    people that no activity names.
    Source: handbook 2.4 Encompass, 2.4.5; req 45, 46, 95, 99, 101.
    """
    by_key: dict[ChargeKey, list[RecordClass]] = defaultdict(list)
    by_line: dict[tuple[str, str], list[RecordClass]] = defaultdict(list)
    priced_keys = set()
    for item in classes:
        service = cells.service_of(item.cell)
        if service is not None:
            by_key[service.charge_key].append(item)
            by_line[service.contract, service.service_line].append(item)
            if service.priced:
                priced_keys.add(service.charge_key)
    charges, unmapped = Charges(), {}
    for key in sorted(set(by_key) | set(pence)):
        number = len(charges.keys)
        charges.keys.append(key)
        if key in priced_keys:
            charges.shares += [
                (number, ClassShare(item.cell, item.units, item.units * cells.price_of(item.cell)))
                for item in by_key[key]
            ]
            continue
        found = by_key.get(key) or (
            by_line.get((key[0], proxies[key][1]), []) if proxies and key in proxies else []
        )
        if found:
            charges.shares += [
                (number, share) for share in share_over_records(pence.get(key, 0), found)
            ]
        elif pence.get(key):
            unmapped[key] = pence[key]
    return charges, unmapped


def histogram(table: str, low: int, width: int) -> str:
    """Count the records of the classes in which leftover pence run out, in bands of their
    identifiers.
    """
    return f"""
        SELECT r.cell, r.units, CAST((r.record - {low}) // {width} AS BIGINT) AS band, COUNT(*) AS records
        FROM {table} AS r JOIN running_out AS b ON r.cell = b.cell AND r.units = b.units
        WHERE r.kind IN {VALUED_KINDS} GROUP BY r.cell, r.units, CAST((r.record - {low}) // {width} AS BIGINT)"""


def records_in_bands(table: str, low: int, width: int) -> str:
    """List the identifiers in the band of each class where the last leftover penny falls."""
    return f"""
        SELECT r.cell, r.units, r.record
        FROM {table} AS r JOIN last_bands AS b ON r.cell = b.cell AND r.units = b.units AND (r.record - {low}) // {width} = b.band
        WHERE r.kind IN {VALUED_KINDS}"""

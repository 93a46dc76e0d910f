"""The person-level pipeline on one screen: register, records, counts, charges, pounds; each a stage
that is kept.

Source: handbook 2.3, 2.4.5, 3.3.3; req 38, 95, 101, 102.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from wpb.kernel.calendar import days_in, first_day
from wpb.patients import spending, way_in
from wpb.patients.allocation import RecordClass
from wpb.patients.cells import Cells
from wpb.patients.engine import ColumnType, Source, columns_of, rows_of
from wpb.patients.reading import ColumnReader
from wpb.patients.specifications import CONDITION_PREFIX
from wpb.patients.spending import ChargeKey, Charges
from wpb.patients.stages import Stages

if TYPE_CHECKING:
    import pyarrow

BANDS = 512
"""Bands of identifiers in which the record that takes the last leftover penny is looked for."""


class Count(NamedTuple):
    """Records of one table, cell, units and kind of fault."""

    table: str
    cell: int
    units: int
    kind: int
    records: int


@dataclass
class PersonLevel:
    """One year's people and records, encoded, and what has been counted of them."""

    stages: Stages
    sources: Mapping[str, Source]
    cells: Cells
    list_codes: Sequence[str]
    """Codes of the GP lists in order; a record's list is the position in it, from 1, and 0 for
    nobody's.
    """
    unregistered_list: str
    """The list of residents with no GP ('' where the model has none)."""
    year: str
    age_cuts: Sequence[int]
    """First age of each age band, from 0."""
    by_sex: bool = False
    """Whether kinds of people are told apart by sex as well."""
    types: dict[str, Mapping[str, ColumnType]] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    profiles: list[dict[str, int]] = field(default_factory=list)
    """Distinct (band, sex, mask) with their number from 1."""
    counts: list[Count] = field(default_factory=list)
    overlaps: list[tuple[str, int, int, int, int]] = field(default_factory=list)
    """Overlapping episodes: table, cell, units, group of people, records."""
    after_death: list[tuple[str, int, int, int, int]] = field(default_factory=list)
    """Records dated after the person's death: table, cell, units, group of people, records."""
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Lowest and highest record identifier by table."""

    @property
    def tables(self) -> list[str]:
        """Activity tables that have both records and services."""
        return [name for name in self.cells.shapes() if name in self.sources]

    def encode(self) -> None:
        """Bring the register and the records in, and count them by cell, units and kind of
        fault.
        """
        self._encode_register()
        for name in self.tables:
            self._encode_records(name)
            self._count_used_after_death(name)
        parts = [
            f"SELECT record, person, list, profile, cell, units, kind FROM records_{name}"
            for name in self.tables
        ]
        self._records = " UNION ALL ".join(parts) or spending.NO_RECORDS
        self.stages.keys["records"] = "+".join(
            self.stages.keys[f"records_{name}"] for name in self.tables
        )

    def reader(self, name: str) -> ColumnReader:
        """Make a source readable and give how its columns are read."""
        source = self.sources[name]
        if name not in self.types:
            self.types[name] = self.stages.engine.read(source)
        self.stages.source(source)
        return ColumnReader(self.types[name], self.stages.engine, source.kind != "csv")

    def _encode_register(self) -> None:
        import pyarrow

        stages, reader = self.stages, self.reader("person_register")
        self.conditions = tuple(
            sorted(
                name.removeprefix(CONDITION_PREFIX)
                for name in reader.types
                if name.startswith(CONDITION_PREFIX)
            )
        )
        lists = [(code, number) for number, code in enumerate(self.list_codes, 1)]
        if self.unregistered_list:
            lists.append(("", self.list_codes.index(self.unregistered_list) + 1))
        stages.place(
            "lists",
            pyarrow.table(
                {
                    "list_code": [code for code, _ in lists],
                    "list": pyarrow.array([number for _, number in lists], pyarrow.int32()),
                }
            ),
        )
        first, days = first_day(self.year).isoformat(), days_in(self.year)
        stages.make(
            "registrations",
            way_in.registrations(reader, self.conditions, self.age_cuts, self.by_sex, first, days),
            ["person_register_source", "lists"],
        )
        stages.make("movers", way_in.MOVERS, ["registrations"])
        stages.make("deaths", way_in.deaths(reader, first), ["person_register_source"])
        keys = rows_of(stages.fetch(way_in.PROFILE_KEYS))
        self.profiles = [
            {**key, "profile": number}
            for number, key in enumerate(
                sorted(keys, key=lambda key: (key["band"], key["sex"], key["mask"])), 1
            )
        ]
        columns = {
            "band": pyarrow.int32(),
            "sex": pyarrow.int32(),
            "mask": pyarrow.int64(),
            "profile": pyarrow.int32(),
        }
        stages.place(
            "profiles",
            pyarrow.table(
                {
                    name: pyarrow.array([profile[name] for profile in self.profiles], kind)
                    for name, kind in columns.items()
                }
            ),
        )
        stages.make("people", way_in.PEOPLE, ["registrations", "movers", "profiles"])

    def _encode_records(self, name: str) -> None:
        import pyarrow

        stages, shape, reader, services = (
            self.stages,
            self.cells.shapes()[name],
            self.reader(name),
            self.cells.services_in(name),
        )
        priced = any(service.priced for service in services)
        keys = ("provider", "point_of_delivery", "service_code")
        columns = {
            key: pyarrow.array([getattr(service, key) for service in services], pyarrow.string())
            for key in keys
        }
        numbers = {
            "service": [service.number for service in services],
            "priced": [int(service.priced) for service in services],
        }
        stages.place(
            f"services_{name}",
            pyarrow.table(
                columns
                | {key: pyarrow.array(values, pyarrow.int32()) for key, values in numbers.items()}
            ),
        )
        made_of = [f"{name}_source", f"services_{name}", "people"]
        if priced:
            codes = self.cells.currencies
            stages.place(
                "currencies",
                pyarrow.table(
                    {
                        "currency_code": [code for code, _ in codes.values()],
                        "point_of_delivery": [point for _, point in codes.values()],
                        "currency": pyarrow.array(list(codes), pyarrow.int32()),
                    }
                ),
            )
            made_of.append("currencies")
        first, days = first_day(self.year).isoformat(), days_in(self.year)
        stages.make(f"encoded_{name}", way_in.records(shape, reader, first, days, priced), made_of)
        low, high, rows = (
            int(value or 0)
            for value in next(
                iter(
                    rows_of(
                        stages.fetch(
                            "SELECT MIN(record) AS low, MAX(record) AS high, COUNT(*) AS rows FROM"
                            f" encoded_{name} WHERE kind <> {way_in.WRONG_TYPE}"
                        )
                    )
                )
            ).values()
        )
        self.spans[name] = (low, high)
        stages.keys[f"records_{name}"] = stages.keys[f"encoded_{name}"]
        if (
            stages.engine.count_distinct(
                f"encoded_{name}", "record", f"kind <> {way_in.WRONG_TYPE}", low, high, rows
            )
            < rows
        ):
            stages.make(
                f"repeated_{name}",
                way_in.repeated_identifiers(f"encoded_{name}"),
                [f"encoded_{name}"],
            )
            stages.make(
                f"records_{name}",
                way_in.without_duplicates(f"encoded_{name}", f"repeated_{name}", shape),
                [f"encoded_{name}", f"repeated_{name}"],
            )
        else:
            stages.engine.attach(f"records_{name}", stages.result_of(f"encoded_{name}"))
        counted = columns_of(stages.fetch(spending.COUNT_BY_CLASS.format(table=f"records_{name}")))
        self.counts += [Count(name, *values) for values in zip(*counted, strict=True)]
        if shape.starts:
            stages.make(
                f"overlaps_{name}",
                way_in.overlapping_episodes(f"records_{name}"),
                [f"records_{name}"],
            )
            self.overlaps += [
                (name, row["cell"], row["units"], row["person_group"], row["records"])
                for row in rows_of(stages.fetch(f"SELECT * FROM overlaps_{name}"))
            ]

    def _count_used_after_death(self, name: str) -> None:
        made = f"after_death_{name}"
        self.stages.make(
            made, way_in.used_after_death(f"records_{name}"), [f"records_{name}", "deaths"]
        )
        self.after_death += [
            (name, row["cell"], row["units"], row["person_group"], row["records"])
            for row in rows_of(self.stages.fetch(f"SELECT * FROM {made}"))
        ]

    @cached_property
    def classes(self) -> list[RecordClass]:
        """Classes of the encoded records that carry money, in order of cell and units."""
        found: dict[tuple[int, int], int] = {}
        for count in self.counts:
            if count.kind in way_in.VALUED:
                found[count.cell, count.units] = (
                    found.get((count.cell, count.units), 0) + count.records
                )
        return [
            RecordClass(cell, units, records) for (cell, units), records in sorted(found.items())
        ]

    def units_of(self) -> dict[ChargeKey, int]:
        """Units of the records that carry money, by contract, service line and activity type."""
        units: dict[ChargeKey, int] = {}
        for item in self.classes:
            service = self.cells.service_of(item.cell)
            if service is not None:
                units[service.charge_key] = (
                    units.get(service.charge_key, 0) + item.units * item.records
                )
        return units

    def charge(
        self,
        pence: Mapping[ChargeKey, int],
        proxies: Mapping[ChargeKey, tuple[str, str]] | None = None,
    ) -> tuple[Charges, dict[ChargeKey, int]]:
        """Give records their pence and make the charges readable to the statements that add them
        up.
        """
        import pyarrow

        charges, unmapped = spending.charges_of(self.cells, self.classes, pence, proxies)
        last = self._last_records(charges)
        lines = {line: number for number, line in enumerate(charges.lines)}
        rows = [
            (
                share.cell,
                share.units,
                number,
                lines[charges.keys[number][1]],
                share.pence,
                (share.with_a_penny_more > 0) - (share.with_a_penny_more < 0),
                last.get((number, share.cell, share.units)),
            )
            for number, share in charges.shares
        ]
        kinds = {
            "cell": pyarrow.int32(),
            "units": pyarrow.int32(),
            "charge": pyarrow.int32(),
            "line": pyarrow.int32(),
            "pence": pyarrow.int64(),
            "extra": pyarrow.int64(),
            "extra_to": pyarrow.int64(),
        }
        columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
        self.stages.place(
            "charges",
            pyarrow.table(
                {
                    name: pyarrow.array(list(column), kind)
                    for (name, kind), column in zip(kinds.items(), columns, strict=True)
                }
            ),
        )
        return charges, unmapped

    def _last_records(self, charges: Charges) -> dict[tuple[int, int, int], int]:
        """Find, for each class in which leftover pence run out, the last record that takes one."""
        import pyarrow

        last: dict[tuple[int, int, int], int] = {}
        running_out = [
            (number, share) for number, share in charges.shares if share.with_a_penny_more
        ]
        for name in self.tables:
            numbers = {service.number for service in self.cells.services_in(name)}
            partial = [
                (number, share)
                for number, share in running_out
                if share.cell // way_in.SERVICE_STEP in numbers
            ]
            if not partial:
                continue
            low, high = self.spans[name]
            width = (high - low) // BANDS + 1
            self.stages.place(
                "running_out", _pairs({(share.cell, share.units) for _, share in partial})
            )
            bands: dict[tuple[int, int], list[tuple[int, int]]] = {}
            for cell, units, band, records in zip(
                *columns_of(self.stages.fetch(spending.histogram(f"records_{name}", low, width))),
                strict=True,
            ):
                bands.setdefault((cell, units), []).append((band, records))
            wanted = {}
            for number, share in partial:
                before, place = 0, abs(share.with_a_penny_more)
                for band, records in sorted(bands[share.cell, share.units]):
                    if before + records >= place:
                        wanted[number, share.cell, share.units] = (band, place - before)
                        break
                    before += records
            columns = _pairs(
                {(cell, units, band) for (_, cell, units), (band, _) in wanted.items()}
            )
            self.stages.place(
                "last_bands",
                pyarrow.table(
                    {
                        **dict(zip(("cell", "units"), columns.columns[:2], strict=True)),
                        "band": columns.columns[2].cast(pyarrow.int64()),
                    }
                ),
            )
            found: dict[tuple[int, int, int], list[int]] = {}
            for cell, units, record in zip(
                *columns_of(
                    self.stages.fetch(spending.records_in_bands(f"records_{name}", low, width))
                ),
                strict=True,
            ):
                found.setdefault((cell, units, (record - low) // width), []).append(record)
            for (number, cell, units), (band, place) in wanted.items():
                last[number, cell, units] = sorted(found[cell, units, band])[place - 1]
        return last

    def add_up(self, *results: str) -> None:
        """Add the pence up: by_list, by_profile and by_person, and by_activity where it is named,
        each a kept stage.
        """
        statements = {
            "by_list": spending.BY_LIST,
            "by_profile": spending.BY_PROFILE,
            "by_person": spending.OF_PERSON,
            "by_activity": spending.BY_ACTIVITY,
        }
        for name in results or ("by_list", "by_profile", "by_person"):
            statement = statements[name].replace(
                "FROM records AS r", f"FROM ({self._records}) AS r"
            )
            self.stages.make(
                name,
                statement,
                ["records", "charges"],
                totals_among="people" if name == "by_person" else "",
            )


def _pairs(keys: set[tuple[int, ...]]) -> pyarrow.Table:
    import pyarrow

    columns = list(zip(*sorted(keys), strict=True))
    return pyarrow.table(
        {
            name: pyarrow.array(list(column), pyarrow.int32())
            for name, column in zip(("cell", "units", "band"), columns, strict=False)
        }
    )

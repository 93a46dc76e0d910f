"""Synthetic people and their records: ages, conditions, practices, skewed use, seasons, joins,
leavers and deaths.

Nothing here comes from real people. Each block of people draws from its own stream of the seed, so
the same seed gives the same records whatever the machine. Source: handbook 2.4.5; req 102.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.generic]
Columns = dict[str, Column]
Whole = NDArray[np.int64]

BLOCK = 50_000
"""People drawn from one stream: part of what a seed means."""
CONDITIONS: dict[str, tuple[float, float, int]] = {
    # share of people at the oldest ages, how steeply it rises with age, and the youngest age
    "asthma": (0.08, 0.0, 5),
    "cancer": (0.16, 3.0, 20),
    "copd": (0.12, 3.5, 35),
    "dementia": (0.22, 9.0, 60),
    "depression": (0.14, 0.3, 16),
    "diabetes": (0.20, 2.2, 18),
    "frailty": (0.45, 7.0, 65),
    "heart_disease": (0.22, 4.0, 30),
    "hypertension": (0.55, 2.5, 25),
    "learning_disability": (0.006, 0.0, 0),
    "smi": (0.012, 0.2, 16),
    "stroke": (0.09, 4.5, 40),
}
SPECIALTIES = ("100", "110", "300", "320", "502")
WINTER = np.array([0.93, 0.95, 0.96, 0.98, 0.94, 0.97, 1.02, 1.05, 1.12, 1.10, 1.00, 0.98])
EVEN = np.array([1.0, 1.0, 1.0, 1.0, 0.9, 1.02, 1.05, 1.05, 0.88, 1.02, 1.02, 1.06])


@dataclass(frozen=True)
class Wanted:
    """What to make: how many people, on which lists, in which year, and how many faulty records."""

    people: int
    seed: int
    lists: tuple[str, ...]
    first_day: datetime.date
    days: int
    faulty_share: float = 0.0


def blocks(wanted: Wanted) -> Iterator[dict[str, Columns]]:
    """Make people block by block: a register and records of each table, by column."""
    streams = np.random.SeedSequence(wanted.seed).spawn(-(-wanted.people // BLOCK))
    counters: dict[str, int] = {}
    for number, stream in enumerate(streams):
        size = min(BLOCK, wanted.people - number * BLOCK)
        yield _Block(
            wanted, np.random.Generator(np.random.SFC64(stream)), number * BLOCK, size, counters
        ).tables()


class _Block:
    """One block of people and the records they leave in a year."""

    def __init__(
        self,
        wanted: Wanted,
        chance: np.random.Generator,
        first: int,
        size: int,
        counters: dict[str, int],
    ):
        self.wanted, self.chance, self.first, self.size, self.counters = (
            wanted,
            chance,
            first,
            size,
            counters,
        )
        self.pseudonym = scrambled(np.arange(first, first + size), wanted.seed)
        self.age = chance.choice(_AGES, size, p=_AGE_SHARES)
        self.conditions = self._conditions()
        burden = sum(flags.astype(np.int64) for flags in self.conditions.values())
        self.need = chance.gamma(0.8, 1.25, size) * (
            0.45 + 0.55 * burden + 0.35 * (self.age >= 75) + 0.2 * (self.age < 2)
        )
        self.start, self.end = self._days_on_list()

    def _conditions(self) -> dict[str, NDArray[np.bool_]]:
        leaning = self.chance.gamma(2.0, 0.5, self.size)
        held = {}
        for name, (share, steepness, youngest) in CONDITIONS.items():
            level = share * np.exp(steepness * (np.minimum(self.age, 90) / 90.0 - 1.0))
            held[name] = (self.chance.random(self.size) < np.minimum(0.95, level * leaning)) & (
                self.age >= youngest
            )
        return held

    def _days_on_list(self) -> tuple[Whole, Whole]:
        days, chance = self.wanted.days, self.chance
        start = np.where(chance.random(self.size) < 0.05, chance.integers(1, days, self.size), 0)
        end = np.where(chance.random(self.size) < 0.04, chance.integers(1, days, self.size), days)
        self.dies = chance.random(self.size) < 0.00025 * np.exp(np.maximum(self.age - 40, 0) / 11.0)
        end = np.where(self.dies & (end == days), chance.integers(1, days, self.size), end)
        return start, np.maximum(end, start + 1)

    def tables(self) -> dict[str, Columns]:
        """Make the register and every table of records."""
        need, age = self.need, self.age
        made = {"person_register": self._register()}
        made["admitted_care"] = self._admitted(0.16 * need * (0.5 + age / 60))
        made["outpatient_care"] = self._attendances(
            "outpatient_care",
            "attended_on",
            0.9 * need,
            ("first", "follow_up"),
            (0.3, 0.7),
            specialties=True,
        )
        made["emergency_care"] = self._attendances(
            "emergency_care",
            "arrived_on",
            0.3 * need,
            ("type_1", "type_3"),
            (0.75, 0.25),
            specialties=False,
        )
        made["community_contacts"] = self._contacts(
            0.7 * need * (0.2 + (age >= 65) + 2.0 * self.conditions["frailty"])
        )
        made["mental_health_clusters"] = self._clusters(
            0.01
            + 0.03 * self.conditions["depression"]
            + 0.8 * self.conditions["smi"]
            + 0.3 * self.conditions["dementia"]
        )
        made["gp_appointments"] = self._appointments(3.2 * (0.4 + need))
        made["person_care_packages"] = self._packages(
            np.minimum(
                0.6,
                0.001
                + 0.12 * self.conditions["frailty"]
                + 0.25 * self.conditions["dementia"]
                + 0.4 * self.conditions["learning_disability"],
            )
        )
        return made

    def _register(self) -> Columns:
        wanted, chance = self.wanted, self.chance
        place = (chance.random(self.size) ** 1.25 * len(wanted.lists)).astype(np.int64)
        lists = np.array(wanted.lists, dtype=object)[place]
        lists[chance.random(self.size) < 0.004] = ""
        joined = self._dates(self.start, self.start > 0)
        left = self._dates(self.end - 1, (self.end < wanted.days) & ~self.dies)
        died = self._dates(self.end - 1, (self.end < wanted.days) & self.dies)
        area = chance.integers(0, max(1, wanted.people // 1500), self.size)
        columns: Columns = {
            "pseudonym": self.pseudonym,
            "list_code": lists,
            "age": self.age.astype(np.int32),
            "sex": np.where(chance.random(self.size) < 0.505, "f", "m").astype(object),
            "residence": np.array([f"AREA{number:05d}" for number in area], dtype=object),
            "joined_on": joined,
            "left_on": left,
            "died_on": died,
        } | {f"has_{name}": flags for name, flags in self.conditions.items()}
        return self._with_movers(columns)

    def _with_movers(self, columns: Columns) -> Columns:
        """Let one person in fifty change practice: their first stay ends, and a second begins the
        next day.
        """
        wanted, long_enough = self.wanted, self.end - self.start > 60
        moves = np.flatnonzero(long_enough & (self.chance.random(self.size) < 0.02))
        day = self.start[moves] + 30 + self.chance.integers(0, 20, len(moves))
        second = {name: column[moves].copy() for name, column in columns.items()}
        second["joined_on"] = self._dates(day)
        second["list_code"] = np.array(wanted.lists, dtype=object)[
            self.chance.integers(0, len(wanted.lists), len(moves))
        ]
        overlap = np.where(self.chance.random(len(moves)) < 4 * wanted.faulty_share, 9, 0)
        columns["left_on"] = columns["left_on"].copy()
        columns["left_on"][moves] = self._dates(day - 1 + overlap)
        columns["died_on"] = columns["died_on"].copy()
        columns["died_on"][moves] = np.datetime64("NaT")
        return {name: np.concatenate([column, second[name]]) for name, column in columns.items()}

    def _who_and_when(
        self, rate: NDArray[np.float64], season: NDArray[np.float64]
    ) -> tuple[Whole, Whole]:
        """Draw records of each person for their days on a list, and the day of each, by season."""
        exposure = (self.end - self.start) / self.wanted.days
        who = np.repeat(np.arange(self.size), self.chance.poisson(rate * exposure))
        month = np.searchsorted(np.cumsum(season) / season.sum(), self.chance.random(len(who)))
        within = (month + self.chance.random(len(who))) / 12.0
        day = self.start[who] + (within * (self.end[who] - self.start[who])).astype(np.int64)
        return who, day

    def _finish(self, table: str, who: Whole, columns: Columns) -> Columns:
        """Give records identifiers, shuffle them, and make some faulty where asked."""
        size, chance = len(who), self.chance
        order = chance.permutation(size)
        pseudonym = self.pseudonym[who]
        pseudonym = np.where(
            chance.random(size) < 0.003,
            scrambled(self.wanted.people + chance.integers(0, 10_000, size), self.wanted.seed),
            pseudonym,
        )
        begin = self.counters.get(table, 0)
        self.counters[table] = begin + size
        made = {"record": np.arange(begin + 1, begin + size + 1), "pseudonym": pseudonym[order]} | {
            name: column[order] for name, column in columns.items()
        }
        return self._spoilt(made) if self.wanted.faulty_share else made

    def _spoilt(self, columns: Columns) -> Columns:
        """Make a share of records faulty: units below nought, dates of other years, unknown codes,
        repeated identifiers.
        """
        size = len(columns["record"])
        kind = np.where(
            self.chance.random(size) < self.wanted.faulty_share, self.chance.integers(1, 5, size), 0
        )
        if "units" in columns:
            columns["units"] = np.where(kind == 1, -1, columns["units"])
        for name in ("discharged_on", "attended_on", "arrived_on", "contact_on", "appointment_on"):
            if name in columns:
                columns[name] = np.where(
                    kind == 2,
                    columns[name].astype("datetime64[D]") + np.timedelta64(800, "D"),
                    columns[name],
                )
        for name in ("hrg", "service", "cluster", "appointment_class"):
            if name in columns:
                columns[name] = np.where(
                    (kind == 3) & (columns[name] != ""), "UNKNOWN", columns[name]
                ).astype(object)
        repeated = np.flatnonzero(kind == 4)
        columns["record"][repeated[1:]] = columns["record"][repeated[:-1]]
        return columns

    def _admitted(self, rate: NDArray[np.float64]) -> Columns:
        who, day = self._who_and_when(rate, WINTER)
        point = self.chance.choice(3, len(who), p=(0.35, 0.15, 0.5))
        length = np.where(
            point == 0, 0, self.chance.geometric(np.where(point == 1, 0.45, 0.25), len(who))
        )
        specialty = self.chance.integers(0, len(SPECIALTIES), len(who))
        group = (self.chance.random(len(who)) ** 1.6 * 8).astype(np.int64)
        columns: Columns = {
            "provider": np.where(self.chance.random(len(who)) < 0.8, "ACU1", "ACU2").astype(object),
            "point_of_delivery": np.array(["day_case", "elective", "non_elective"], dtype=object)[
                point
            ],
            "treatment_function": np.array(SPECIALTIES, dtype=object)[specialty],
            "hrg": np.array(
                [f"H{code}{letter}" for code in SPECIALTIES for letter in "ABCDEFGH"], dtype=object
            )[specialty * 8 + group],
            "admitted_on": self._dates(day - np.minimum(length, day)),
            "discharged_on": self._dates(day),
            "units": np.ones(len(who), dtype=np.int64),
        }
        return self._finish("admitted_care", who, columns)

    def _attendances(
        self,
        table: str,
        date: str,
        rate: NDArray[np.float64],
        points: tuple[str, ...],
        shares: tuple[float, ...],
        *,
        specialties: bool,
    ) -> Columns:
        who, day = self._who_and_when(rate, EVEN if specialties else WINTER)
        size = len(who)
        columns: Columns = {
            "provider": np.where(self.chance.random(size) < 0.8, "ACU1", "ACU2").astype(object),
            "point_of_delivery": np.array(points, dtype=object)[
                self.chance.choice(len(points), size, p=shares)
            ],
        }
        if specialties:
            columns["treatment_function"] = np.array(SPECIALTIES, dtype=object)[
                self.chance.integers(0, len(SPECIALTIES), size)
            ]
            columns["hrg"] = np.full(size, "", dtype=object)
        else:
            columns["hrg"] = np.array([f"V{level}" for level in range(1, 6)], dtype=object)[
                self.chance.integers(0, 5, size)
            ]
        columns[date] = self._dates(day)
        columns["units"] = np.ones(size, dtype=np.int64)
        return self._finish(table, who, columns)

    def _contacts(self, rate: NDArray[np.float64]) -> Columns:
        who, day = self._who_and_when(rate, EVEN)
        size = len(who)
        columns: Columns = {
            "provider": np.full(size, "COM1", dtype=object),
            "service": np.array(["DISTRICT_NURSING", "THERAPY", "PODIATRY"], dtype=object)[
                self.chance.choice(3, size, p=(0.55, 0.3, 0.15))
            ],
            "contact_type": np.array(["home_visit", "clinic", "telephone"], dtype=object)[
                self.chance.choice(3, size, p=(0.45, 0.35, 0.2))
            ],
            "contact_on": self._dates(day),
            "units": self.chance.choice(np.array([1, 2, 3]), size, p=(0.8, 0.15, 0.05)),
        }
        return self._finish("community_contacts", who, columns)

    def _clusters(self, rate: NDArray[np.float64]) -> Columns:
        who, day = self._who_and_when(np.asarray(rate, dtype=np.float64), EVEN)
        who, first = np.unique(who, return_index=True)
        day = day[first]
        size, lasts = len(who), self.chance.geometric(1 / 90.0, len(who))
        ends = np.minimum(day + lasts, self.wanted.days - 1)
        columns: Columns = {
            "provider": np.full(size, "MHT1", dtype=object),
            "cluster": np.array(
                [f"C{number:02d}" for number in (1, 2, 3, 4, 5, 10, 11, 12, 18, 19)], dtype=object
            )[self.chance.integers(0, 10, size)],
            "started_on": self._dates(day),
            "ended_on": self._dates(ends, ends < self.wanted.days - 1),
        }
        return self._finish("mental_health_clusters", who, columns)

    def _appointments(self, rate: NDArray[np.float64]) -> Columns:
        who, day = self._who_and_when(rate, EVEN)
        size = len(who)
        columns: Columns = {
            "appointment_class": np.array(["gp", "nurse", "telephone", "other"], dtype=object)[
                self.chance.choice(4, size, p=(0.45, 0.25, 0.2, 0.1))
            ],
            "attendance": np.array(["attended", "did_not_attend", "cancelled"], dtype=object)[
                self.chance.choice(3, size, p=(0.92, 0.05, 0.03))
            ],
            "appointment_on": self._dates(day),
        }
        return self._finish("gp_appointments", who, columns)

    def _packages(self, rate: NDArray[np.float64]) -> Columns:
        who = np.flatnonzero((self.chance.random(self.size) < rate) & (self.age >= 18))
        size = len(who)
        kind = self.chance.choice(4, size, p=(0.25, 0.5, 0.15, 0.1))
        gross = np.round(
            np.array([38_000.0, 11_000.0, 14_000.0, 1_200.0])[kind]
            * self.chance.gamma(4.0, 0.25, size),
            2,
        )
        begin = self.counters.get("packages", 0)
        self.counters["packages"] = begin + size
        condition = np.where(
            self.conditions["dementia"][who],
            "dementia",
            np.where(
                self.conditions["frailty"][who],
                "frailty",
                np.where(self.conditions["learning_disability"][who], "learning_disability", ""),
            ),
        ).astype(object)
        return {
            "package": np.arange(begin + 1, begin + size + 1),
            "pseudonym": self.pseudonym[who],
            "commissioner": np.full(size, "LA1", dtype=object),
            "provision": (
                np.where(self.chance.random(size) < 0.7, "private", "in_house").astype(object)
            ),
            "package_type": np.array(
                ["placement", "domiciliary", "personal_budget", "meals"], dtype=object
            )[kind],
            "condition": condition,
            "service_line": np.full(size, "CARE_AT_HOME", dtype=object),
            "funding_stream": np.full(size, "social_care", dtype=object),
            "gross_value": gross,
            "client_contribution": np.round(
                gross * np.where(self.chance.random(size) < 0.4, 0.2, 0.0), 2
            ),
            "in_scope_share": np.where(kind == 0, 0.7, 1.0),
            "attributable": self.chance.random(size) < 0.97,
        }

    def _dates(self, day: Whole, there: NDArray[np.bool_] | None = None) -> NDArray[np.datetime64]:
        dates = np.datetime64(self.wanted.first_day, "D") + np.asarray(day).astype("timedelta64[D]")
        return dates if there is None else np.where(there, dates, np.datetime64("NaT", "D"))


def scrambled(number: Whole, seed: int) -> Whole:
    """Give each person a pseudonym of nine digits, no two the same, in no order."""
    return (number.astype(np.int64) * 486_187_739 + seed * 97_911) % 899_999_963 + 100_000_000


_AGES = np.arange(0, 96)
_SHAPE = np.interp(
    _AGES,
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95],
    [11.5, 12.3, 12.0, 13.5, 13.2, 13.5, 12.0, 9.8, 6.5, 2.4, 0.8],
)
_AGE_SHARES = _SHAPE / _SHAPE.sum()

"""Kinds of people: segments by rules in order of priority, and the integrated-care cohort. Rules
work on profiles, not persons.

A profile is an age band, a sex where rules ask for it, and a set of conditions; a few thousand
stand for millions.
Source: handbook 3.3.3 Tower Hamlets; req 181, 302.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.schema import TypedTable

AGE_CUTS = (0, 5, 16, 45, 65, 75, 85)
SEXES = {"": 0, "f": 1, "m": 2, "x": 3}
NO_SEGMENT = "no_rule_met"


@dataclass(frozen=True)
class Rule:
    """A segment and what a person must meet to be in it."""

    segment: str
    age_from: int = 0
    age_to: int = 200
    sex: int = 0
    all_of: frozenset[str] = frozenset()
    any_of: frozenset[str] = frozenset()
    none_of: frozenset[str] = frozenset()
    at_least: int = 0

    def met_by(self, age_from: int, age_to: int, sex: int, conditions: frozenset[str]) -> bool:
        """Say whether everyone of an age band, sex and conditions meets the rule."""
        return (
            self.age_from <= age_from
            and age_to <= self.age_to
            and self.sex in (0, sex)
            and self.all_of <= conditions
            and (not self.any_of or bool(self.any_of & conditions))
            and not self.none_of & conditions
            and len(conditions) >= self.at_least
        )


DEFAULT_RULES = (
    Rule("children", age_to=15),
    Rule("frail_or_dementia", any_of=frozenset({"frailty", "dementia"})),
    Rule("three_or_more_conditions", at_least=3),
    Rule("serious_mental_illness", any_of=frozenset({"smi"})),
    Rule("cancer", any_of=frozenset({"cancer"})),
    Rule("one_or_two_conditions", at_least=1),
    Rule("older_and_well", age_from=65),
    Rule("adults_and_well"),
)
"""Used where a model has no segment_rules; say so in what is shown."""


def read_rules(table: TypedTable | None) -> tuple[Rule, ...]:
    """Read segment rules in order of priority; the default rules where there are none.

    Source: handbook 3.3.3; req 181, 302.
    """
    if table is None or not len(table):
        return DEFAULT_RULES
    order = sorted(range(len(table)), key=lambda row: float(table.numbers("priority")[row]))
    return tuple(
        Rule(
            str(table.columns["segment"][row]),
            _whole(table, "age_from", row, 0),
            _whole(table, "age_to", row, 200),
            SEXES[str(table.columns["sex"][row])],
            frozenset(str(table.columns["all_of"][row]).split()),
            frozenset(str(table.columns["any_of"][row]).split()),
            frozenset(str(table.columns["none_of"][row]).split()),
            _whole(table, "at_least", row, 0),
        )
        for row in order
    )


def read_cohort(given: Mapping[str, object], log: ProblemLog) -> Rule | None:
    """Read the integrated-care cohort from settings: age_from, age_to, all_of, any_of, none_of,
    at_least.

    Source: handbook 3.3.3 Tower Hamlets; req 181.
    """
    if not given:
        return None
    known = {"age_from", "age_to", "all_of", "any_of", "none_of", "at_least"}
    for key in given:
        if key not in known:
            log.error(
                Cell("patients/patients.yaml", "patients", f"cohort.{key}"),
                f"'{key}' is not part of a rule.",
                f"Use {', '.join(sorted(known))}.",
                "patients_settings",
            )
    every, some, none = (
        frozenset(str(code) for code in _listed(given.get(name)))
        for name in ("all_of", "any_of", "none_of")
    )
    first, last, least = (
        _whole_setting(given, name, default, log)
        for name, default in (("age_from", 0), ("age_to", 200), ("at_least", 0))
    )
    return Rule("integrated_care", first, last, 0, every, some, none, least)


def _whole_setting(given: Mapping[str, object], name: str, default: int, log: ProblemLog) -> int:
    value = given.get(name, default)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 200:
        return value
    log.error(
        Cell("patients/patients.yaml", "patients", f"cohort.{name}"),
        f"'{value}' is not a whole number from 0 to 200.",
        "Enter one, such as 65.",
        "patients_settings",
    )
    return default


def cuts_for(rules: Sequence[Rule], bands: Sequence[int] = ()) -> tuple[int, ...]:
    """First ages of the bands in which every rule holds for a band whole or not at all, and given
    bands too.
    """
    asked = {rule.age_from for rule in rules} | {rule.age_to + 1 for rule in rules} | set(bands)
    return tuple(sorted(set(AGE_CUTS) | {age for age in asked if 0 < age <= 120}))


def check_conditions(rules: Sequence[Rule], conditions: Sequence[str], log: ProblemLog) -> None:
    """Refuse a rule that names a condition the register has no column for: it would be met by no
    one in silence.
    """
    for rule in rules:
        for condition in sorted((rule.all_of | rule.any_of | rule.none_of) - set(conditions)):
            log.error(
                Cell("patients/segment_rules.csv", "segment_rules", ""),
                f"The rule for {rule.segment} names {condition}, which the register has no"
                f" has_{condition} column for.",
                "Correct the code, or add the column to the register.",
                "segment_condition_unknown",
            )


@dataclass(frozen=True)
class Kinds:
    """What each profile is: age band, conditions, segment and whether in the cohort, by profile
    number.
    """

    cuts: tuple[int, ...]
    conditions: tuple[str, ...]
    band: Mapping[int, int]
    held: Mapping[int, frozenset[str]]
    segment: Mapping[int, str]
    cohort: frozenset[int]

    def band_name(self, band: int) -> str:
        """Name an age band: 65-74, or 85+."""
        first = self.cuts[band]
        return f"{first}-{self.cuts[band + 1] - 1}" if band + 1 < len(self.cuts) else f"{first}+"


def kinds_of(
    profiles: Sequence[Mapping[str, int]],
    cuts: tuple[int, ...],
    conditions: tuple[str, ...],
    rules: Sequence[Rule],
    cohort: Rule | None,
) -> Kinds:
    """Give each profile its segment, by the first rule it meets, and say which are in the
    integrated-care cohort.

    Source: handbook 3.3.3; req 181, 302.
    """
    band, held, segment, inside = {}, {}, {}, set()
    for profile in profiles:
        number = profile["profile"]
        band[number] = profile["band"]
        held[number] = frozenset(
            condition for bit, condition in enumerate(conditions) if profile["mask"] >> bit & 1
        )
        first = cuts[profile["band"]]
        last = cuts[profile["band"] + 1] - 1 if profile["band"] + 1 < len(cuts) else 120
        meets = (first, last, profile["sex"], held[number])
        segment[number] = next((rule.segment for rule in rules if rule.met_by(*meets)), NO_SEGMENT)
        if cohort and cohort.met_by(*meets):
            inside.add(number)
    return Kinds(cuts, conditions, band, held, segment, frozenset(inside))


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else str(value).split()  # type: ignore[return-value]


def _whole(table: TypedTable, column: str, row: int, default: int) -> int:
    value = float(table.numbers(column)[row])
    return default if value != value else int(value)

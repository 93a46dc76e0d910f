"""Reading an arrangement file: YAML that remembers its lines, and the values it declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wpb.kernel.lined_yaml import LinedPage, shortened
from wpb.kernel.numerals import as_number
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.sharing import steps
from wpb.sharing.values import (
    Band,
    Bands,
    Case,
    Cases,
    Match,
    Named,
    Paired,
    Value,
    constant,
    product,
)

Kinds = Mapping[str, str]
"""What each column that a look-up may read holds: text, choice, whole_number, flag or year."""


class Page(LinedPage):
    """One arrangement file as read: its values, where each stands, and the problems met."""

    def __init__(self, file: str, log: ProblemLog) -> None:
        super().__init__(file, log)
        self.kinds: dict[str, str] = {}
        self.choices: dict[str, tuple[str, ...]] = {}
        self.names: dict[str, Value] = {}
        self.known_names: set[str] = set()
        self.noun = "a column"

    # values ---------------------------------------------------------------------------------------

    def value(self, within: Any, key: Any, name: str) -> Value:
        """Read a declared value: a number, a name, a look-up, a scale, a product, the first given
        or the least.
        """
        found = within[key]
        place = self.place(within, key, shortened(found))
        number = as_number(found)
        if number is not None:
            return constant(name, number, place)
        if isinstance(found, str):
            return self._named(found, within, key, place)
        if isinstance(found, Mapping):
            for word, reader in (
                ("by", self._by),
                ("where", self._where),
                ("cases", self._cases),
                ("bands", self._bands),
                ("first_given", self._pair),
                ("least_of", self._pair),
                ("rate", self._product),
                ("pounds", self._pounds),
                ("measure", self._reached),
            ):
                if word in found:
                    return reader(found, word, name, place)
        self.error(
            within,
            key,
            f"'{name}' is not a value that can be read.",
            "Give a number, a column or parameter by name, or a look-up with 'by', 'where',"
            " 'cases', 'bands', 'first_given', 'least_of' or 'rate' and 'of'.",
            "wrong_value",
        )
        return constant(name, float("nan"), place)

    def _named(self, found: str, within: Any, key: Any, place: Cell) -> Value:
        if found in self.names:
            return self.names[found]
        if found == "none":
            return constant("none", float("nan"), place)
        if found not in self.known_names:
            near = sorted([*self.names, *self.known_names])
            self.error(
                within,
                key,
                f"'{found}' is not {self.noun}, a parameter or a figure of an earlier step.",
                f"There are: {', '.join(near)}.",
                "unknown_name",
            )
        return Named(found, place)

    def _by(self, found: Mapping[str, Any], _: str, name: str, place: Cell) -> Value:
        self.only(found, ("by", "table", "otherwise"), name)
        columns = [found["by"]] if isinstance(found["by"], str) else list(found["by"])
        cases: list[Case] = []
        self._flatten(self.section(found, "table"), columns, (), cases, name)
        return Cases(name, tuple(cases), self._otherwise(found), place)

    def _flatten(
        self,
        table: Mapping[str, Any],
        columns: Sequence[str],
        where: tuple[tuple[str, Match], ...],
        cases: list[Case],
        name: str,
    ) -> None:
        earlier: list[Match] = []
        for key, found in table.items():
            matched = self.match(table, key, columns[0])
            twice = next((one for one in earlier if one.overlaps(matched)), None)
            if twice is not None:
                self.error(
                    table,
                    key,
                    f"{name}: '{matched.text}' and '{twice.text}' are both for some of the same"
                    f" {columns[0].replace('_', ' ')}.",
                    "Let every value stand under one key, so that only one of them can apply.",
                    "keys_overlap",
                )
            earlier.append(matched)
            so_far = (*where, (columns[0], matched))
            if isinstance(found, Mapping) and len(columns) > 1:
                self._flatten(found, columns[1:], so_far, cases, name)
                continue
            cases.append(
                Case(
                    so_far, self._plain(table, key, name), self.place(table, key, shortened(found))
                )
            )

    def _plain(self, within: Any, key: Any, name: str) -> float:
        found = within[key]
        value = float("nan") if found == "none" else as_number(found)
        if value is None:
            self.error(
                within,
                key,
                f"{name}: '{shortened(found)}' is not a number.",
                "Enter digits only, for example 0.5, or 'none' where there is no limit.",
                "not_a_number",
            )
            return float("nan")
        return value

    def _otherwise(self, found: Mapping[str, Any]) -> float | None:
        return self._plain(found, "otherwise", "otherwise") if "otherwise" in found else None

    def _where(self, found: Mapping[str, Any], _: str, name: str, place: Cell) -> Value:
        self.only(found, ("where", "value", "otherwise"), name)
        if "value" not in found or "otherwise" not in found:
            self.error(
                found,
                "where",
                f"{name}: 'where' needs 'value' and 'otherwise'.",
                "Add both, so that nothing is left unsaid.",
                "missing_value",
            )
            return constant(name, float("nan"), place)
        case = Case(self.condition(found, "where"), self._plain(found, "value", name), place)
        return Cases(name, (case,), self._otherwise(found), place)

    def _cases(self, found: Mapping[str, Any], _: str, name: str, place: Cell) -> Value:
        self.only(found, ("cases", "otherwise"), name)
        cases = []
        for position, line in enumerate(self.items(found, "cases")):
            if not isinstance(line, Mapping) or "where" not in line or "value" not in line:
                self.error(
                    found["cases"],
                    position,
                    f"{name}: each case needs 'where' and 'value'.",
                    "Write it as - {where: {...}, value: 0.5}.",
                    "missing_value",
                )
                continue
            cases.append(
                Case(
                    self.condition(line, "where"),
                    self._plain(line, "value", name),
                    self.place(found["cases"], position),
                )
            )
        return Cases(name, tuple(cases), self._otherwise(found), place)

    def condition(self, within: Mapping[str, Any], key: str) -> tuple[tuple[str, Match], ...]:
        """Read a condition: for each column, the values it must have."""
        found = within[key]
        if not isinstance(found, Mapping):
            self.error(
                within,
                key,
                f"'{key}' is not a condition.",
                "Write columns and values, for example {track: A, performance_year: from 2024}.",
                "wrong_value",
            )
            return ()
        return tuple(
            (str(column), self.match(found, column, str(column), found[column])) for column in found
        )

    def match(self, within: Mapping[str, Any], key: Any, column: str, given: Any = None) -> Match:
        """Read the key of a look-up: 'A, B', '2019 to 2020', 'to 2018', 'from 2021', '3 and over',
        true.
        """
        text = key if given is None else given
        kind = self.kinds.get(column)
        if kind is None:
            self.error(
                within,
                key,
                f"'{column}' is not a column that a look-up can read.",
                f"It can read: {', '.join(self.kinds)}.",
                "unknown_name",
            )
            return Match(frozenset(), text=str(text))
        if kind == "flag":
            if not isinstance(text, bool):
                self.error(
                    within,
                    key,
                    f"'{column}' is true or false, not '{shortened(text)}'.",
                    "Write true or false.",
                    "wrong_value",
                )
            return Match(frozenset([text]), text=str(text))
        singles, spans = set(), []
        for part in (
            str(item).strip() for item in (text if isinstance(text, list) else str(text).split(","))
        ):
            low, high, single = _span(part)
            ends = [self._key_value(within, key, column, kind, end) for end in (low, high, single)]
            if single:
                singles.add(ends[2])
            else:
                spans.append((ends[0], ends[1]))
        return Match(frozenset(singles), tuple(spans), str(text))

    def _key_value(self, within: Any, key: Any, column: str, kind: str, text: str) -> Any:
        if not text:
            return None
        if kind == "whole_number":
            if text.lstrip("-").isdigit():
                return int(text)
            self.error(
                within,
                key,
                f"'{text}' is not a whole number, as {column} is.",
                "Write digits, 'to', 'from' or 'and over'.",
                "wrong_value",
            )
            return None
        if column in self.choices and text not in self.choices[column]:
            self.error(
                within,
                key,
                f"'{text}' is not a {column} of this arrangement.",
                f"There are: {', '.join(self.choices[column])}.",
                "unknown_name",
            )
        return text

    def _bands(self, found: Mapping[str, Any], _: str, name: str, place: Cell) -> Value:
        self.only(found, ("bands", "of"), name)
        bands: list[Band] = []
        listed = self.items(found, "bands")
        for position, line in enumerate(listed):
            band = _band(line, position + 1 == len(listed))
            if band is None:
                self.error(
                    listed,
                    position,
                    f"{name}: a band needs 'from', 'to' and 'rate', its edges whole numbers and in"
                    " order.",
                    "Write it as - {from: 500, to: 999, rate: [0.122, 0.087]}; the last band has no"
                    " 'to' and one rate.",
                    "wrong_value",
                )
                continue
            if bands and (bands[-1].high is None or band.low != bands[-1].high + 1):
                self.error(
                    listed,
                    position,
                    f"{name}: the band from {band.low:g} doesn't follow on from the one before.",
                    "Let each band start one after the last ends.",
                    "band_gap",
                )
            bands.append(band)
        of = self.text(found, "of")
        return (
            Bands(name, of, tuple(bands), place) if bands else constant(name, float("nan"), place)
        )

    def _pair(self, found: Mapping[str, Any], word: str, name: str, place: Cell) -> Value:
        self.only(found, (word,), name)
        items = self.items(found, word)
        if len(items) != 2:
            self.error(
                found,
                word,
                f"{name}: '{word}' needs two values.",
                "Write it as [first, second].",
                "wrong_value",
            )
            return constant(name, float("nan"), place)
        first, second = (
            self.value(items, position, f"{name}_{position + 1}") for position in range(2)
        )
        return Paired(
            steps.first_given if word == "first_given" else steps.least,
            {"first": first, "second": second},
            name,
        )

    def _product(self, found: Mapping[str, Any], _: str, name: str, place: Cell) -> Value:
        self.only(found, ("rate", "of"), name)
        if "of" not in found:
            self.error(
                found,
                "rate",
                f"{name}: a rate needs 'of', what it is a rate of.",
                "Write it as {rate: 0.1, of: benchmark}.",
                "missing_value",
            )
            return constant(name, float("nan"), place)
        return product(
            self.value(found, "rate", f"{name}_rate"), self.value(found, "of", f"{name}_of"), name
        )

    def _pounds(self, found: Mapping[str, Any], _: str, name: str, place: Cell) -> Value:
        self.only(found, ("pounds",), name)
        return product(
            constant("pence_in_a_pound", 100.0, place),
            self.value(found, "pounds", f"{name}_pounds"),
            f"{name}_pence",
        )

    def _reached(self, found: Mapping[str, Any], _: str, name: str, place: Cell) -> Value:
        self.only(found, ("measure", "at_least"), name)
        if "at_least" not in found:
            self.error(
                found,
                "measure",
                f"{name}: a measure needs 'at_least', the value that opens the gate.",
                "Write it as {measure: ips_score, at_least: 0.7}.",
                "missing_value",
            )
            return constant(name, float("nan"), place)
        return Paired(
            steps.reached,
            {word: self.value(found, word, word) for word in ("measure", "at_least")},
            name,
        )


def _band(line: Any, last: bool) -> Band | None:
    """Read a band of a sliding scale; None where it can't be."""
    if not isinstance(line, Mapping):
        return None
    low, high = as_number(line.get("from")), as_number(line.get("to"))
    given = line.get("rate")
    rates = (
        [as_number(rate) for rate in given] if isinstance(given, list) else [as_number(given)] * 2
    )
    ends = [rate for rate in rates if rate is not None]
    whole = all(edge is None or edge == int(edge) for edge in (low, high))
    if (
        low is None
        or low < 0
        or not whole
        or len(ends) != 2
        or (high is None) != last
        or (high is None and ends[0] != ends[1])
        or (high is not None and high < low)
    ):
        return None
    return Band(low, high, ends[0], ends[1])


def _span(text: str) -> tuple[str, str, str]:
    """Take a key apart: (low, high, '') for a span, ('', '', value) for one value."""
    if text.startswith("from "):
        return text[5:].strip(), "", ""
    if text.startswith("to "):
        return "", text[3:].strip(), ""
    if text.endswith(" and over"):
        return text[:-9].strip(), "", ""
    low, middle, high = text.partition(" to ")
    return (low.strip(), high.strip(), "") if middle else ("", "", text)

"""Files of agreed terms: YAML that remembers its lines, so that every problem is told at one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wpb.kernel.calendar import is_financial_year, year_range
from wpb.kernel.numerals import as_number
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.kernel.safe_yaml import load_yaml


def read_yaml(text: str, file: str, log: ProblemLog) -> Mapping[str, Any]:
    """Read YAML that remembers its lines; records an error with the line where it can't be read.

    Source: handbook 6.4.6 (prospectively agreed rules); req 286.
    """
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        found = load_yaml(text)
    except MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        log.error(
            Cell(file, "", f"line {line}"),
            f"The file can't be read: {fault.problem}.",
            "Check the colons, the brackets and the spaces at the start of the line.",
            "unreadable",
        )
        return {}
    except YAMLError:
        log.error(
            Cell(file, "", ""),
            "The file can't be read as YAML.",
            "Check that it is plain text.",
            "unreadable",
        )
        return {}
    if not isinstance(found, Mapping):
        log.error(
            Cell(file, "", "line 1"),
            "The file is not a list of names and values.",
            "Start from one of the bundled examples.",
            "unreadable",
        )
        return {}
    return found


class LinedPage:
    """One file as read: where each value stands, and the problems met."""

    def __init__(self, file: str, log: ProblemLog) -> None:
        self.file = file
        self.log = log

    def place(self, within: Any, key: Any = None, entered: str = "") -> Cell:
        """Give the line a key of a mapping (or an item of a list) stands on."""
        line = 0
        try:
            if isinstance(within, Mapping) and key is not None:
                line = within.lc.key(key)[0] + 1  # type: ignore[attr-defined]
            elif isinstance(within, Sequence) and isinstance(key, int):
                line = within.lc.item(key)[0] + 1  # type: ignore[attr-defined]
            else:
                line = within.lc.line + 1
        except (AttributeError, KeyError, TypeError, IndexError):
            line = 0
        return Cell(self.file, "", f"line {line}" if line else "", entered)

    def error(self, within: Any, key: Any, what: str, fix: str, code: str) -> None:
        """Record a problem at a key."""
        self.log.error(self.place(within, key), what, fix, code)

    def section(
        self, within: Mapping[str, Any], key: str, required: bool = True
    ) -> Mapping[str, Any]:
        """Read a mapping under a key; an empty one where it isn't there or isn't a mapping (a
        problem is recorded).
        """
        found = within.get(key)
        if isinstance(found, Mapping):
            return found
        if found is not None or required:
            self.error(
                within,
                key if found is not None else None,
                f"'{key}' is {'missing' if found is None else 'not a list of names and values'}.",
                f"Add '{key}:' with a line for each entry.",
                "missing_section",
            )
        return {}

    def items(self, within: Mapping[str, Any], key: str, required: bool = True) -> Sequence[Any]:
        """Read a list under a key; an empty one where it isn't there or isn't a list (a problem is
        recorded).
        """
        found = within.get(key)
        if isinstance(found, Sequence) and not isinstance(found, str):
            return found
        if found is not None or required:
            self.error(
                within,
                key if found is not None else None,
                f"'{key}' is {'missing' if found is None else 'not a list'}.",
                f"Add '{key}:' with one '- ' line for each entry.",
                "missing_list",
            )
        return []

    def text(
        self,
        within: Mapping[str, Any],
        key: str,
        choices: Iterable[str] = (),
        required: bool = True,
    ) -> str:
        """Read words under a key, one of `choices` where those are given."""
        found = within.get(key)
        allowed = list(choices)
        if found is None:
            if required:
                self.error(
                    within,
                    None,
                    f"'{key}' is missing.",
                    f"Add '{key}:'{_one_of(allowed)}.",
                    "missing_value",
                )
            return ""
        if isinstance(found, (Mapping, list)) or (allowed and str(found) not in allowed):
            self.error(
                within,
                key,
                f"'{key}: {shortened(found)}' is not understood.",
                f"Write{_one_of(allowed) or ' words'}.",
                "wrong_value",
            )
            return ""
        return str(found)

    def only(self, within: Mapping[str, Any], allowed: Iterable[str], what: str) -> None:
        """Record a problem for every key that isn't known, so that a slip of the pen is never
        passed over.
        """
        known = list(allowed)
        for key in within:
            if str(key) not in known:
                self.error(
                    within,
                    key,
                    f"{what} has no '{key}'.",
                    f"It may have: {', '.join(known)}.",
                    "unknown_key",
                )

    def number(
        self,
        within: Mapping[str, Any],
        key: str,
        least: float | None = None,
        most: float | None = None,
    ) -> float:
        """Read a plain number under a key."""
        found = within.get(key)
        value = as_number(found)
        if value is None:
            self.error(
                within,
                key if key in within else None,
                f"'{key}'"
                f" {'is missing' if found is None else f'is {shortened(found)!r}, not a number'}.",
                "Enter digits only, for example 0.5.",
                "not_a_number",
            )
            return float("nan")
        if (least is not None and value < least) or (most is not None and value > most):
            self.error(
                within,
                key,
                f"'{key}' is {found}, outside {least} to {most}.",
                "Check the figure.",
                "out_of_range",
            )
        return value

    def years(self, within: Mapping[str, Any], least: int, most: int) -> tuple[str, ...]:
        """Read financial years from 'first_year' and the number of them under 'years'; none where
        they can't be read.
        """
        first, count = self.text(within, "first_year"), as_number(within.get("years"))
        if not is_financial_year(first):
            self.error(
                within,
                "first_year" if first else None,
                f"'{first}' is not a financial year.",
                "Write it as 2030-31.",
                "wrong_year",
            )
            return ()
        if count is None or not least <= count <= most or count != int(count):
            self.error(
                within,
                "years" if "years" in within else None,
                "'years' is not a number of years.",
                f"Enter how many years it runs, from {least} to {most}.",
                "wrong_value",
            )
            return ()
        return year_range(first, int(count))

    def entries(
        self, within: Mapping[str, Any], key: str, required: bool = True
    ) -> list[Mapping[str, Any]]:
        """Read a list of entries under a key, each with names and values; anything else is a
        problem.
        """
        listed = self.items(within, key, required)
        for position, line in enumerate(listed):
            if not isinstance(line, Mapping):
                self.error(
                    listed,
                    position,
                    f"'{shortened(line)}' is not an entry of '{key}'.",
                    "Write it as - {name: value, ...}.",
                    "wrong_value",
                )
        return [line for line in listed if isinstance(line, Mapping)]

    def chosen(
        self, within: Mapping[str, Any], key: str, choices: Sequence[str], required: bool = True
    ) -> list[str]:
        """Read a list of words under a key, each one of `choices`."""
        listed = self.items(within, key, required)
        for position, word in enumerate(listed):
            if str(word) not in choices:
                self.error(
                    listed,
                    position,
                    f"'{shortened(word)}' is not one of '{key}'.",
                    f"There are: {', '.join(choices)}.",
                    "unknown_name",
                )
        return [str(word) for word in listed if str(word) in choices]

    def keyed(
        self,
        within: Mapping[str, Any],
        key: str,
        allowed: Sequence[str],
        noun: str,
        every: bool = True,
    ) -> Mapping[str, Any]:
        """Read a mapping whose keys are among `allowed` (all of them, where `every`); others are
        problems, and left out.
        """
        section = self.section(within, key)
        for name in section:
            if str(name) not in allowed:
                self.error(
                    section,
                    name,
                    f"'{name}' is not {noun}.",
                    (
                        f"There are: {', '.join(allowed)}."
                        if allowed
                        else "Correct the names they rest on."
                    ),
                    "unknown_name",
                )
        missing = (
            [name for name in allowed if name not in section]
            if every and isinstance(within.get(key), Mapping)
            else []
        )
        if missing:
            self.error(
                within,
                key,
                f"'{key}' has nothing for {', '.join(missing)}.",
                "Enter a value for each; 0 where there is none.",
                "missing_value",
            )
        return {str(name): name for name in section if str(name) in allowed}

    def numbers(
        self,
        within: Mapping[str, Any],
        key: str,
        allowed: Sequence[str],
        noun: str,
        least: float | None = None,
        most: float | None = None,
        every: bool = True,
    ) -> dict[str, float]:
        """Read a number for each of `allowed` (of those given, unless `every`): one number for all
        of them, or one under each.
        """
        if every and as_number(within.get(key)) is not None:
            return dict.fromkeys(allowed, self.number(within, key, least, most))
        known = self.keyed(within, key, allowed, noun, every)
        return {name: self.number(within[key], own, least, most) for name, own in known.items()}


def _one_of(allowed: Sequence[str]) -> str:
    return (
        f" {', '.join(allowed[:-1])} or {allowed[-1]}"
        if len(allowed) > 1
        else f" {allowed[0]}"
        if allowed
        else ""
    )


def shortened(found: Any) -> str:
    """Spell something entered in no more than sixty characters."""
    text = str(found)
    return text if len(text) <= 60 else f"{text[:57]}..."

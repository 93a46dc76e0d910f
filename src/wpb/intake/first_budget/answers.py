"""Answers to the questions of a first budget, each with the line it stands on, and the questions
that nobody has answered yet.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from wpb.kernel.calendar import is_financial_year
from wpb.kernel.lined_yaml import read_yaml
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.kernel.words import did_you_mean

ANSWERS_FILE = "answers.yaml"
STEPS: dict[str, tuple[str, ...]] = {
    "place": (
        *("code", "name", "icb", "icb_name", "lead_provider", "lead_provider_name", "form"),
        *("spend_year", "first_year", "years", "prepared_by", "prepared_on"),
    ),
    "ledger": (
        *("file", "sheet", "heading_row", "columns", "year_column", "control_totals", "times"),
        *("markers", "totals", "duplicates", "part_year"),
    ),
    "contracts": (
        *("file", "sheet", "heading_row", "columns", "control_total", "times", "types"),
        *("replaces", "markers", "totals", "duplicates", "population_method"),
    ),
    "practices": (
        *("file", "sheet", "heading_row", "columns", "people", "payments", "streams", "times"),
        *("replaces", "participation", "markers", "totals", "duplicates"),
    ),
    "scope": (),
    "normalisation": (),
    "funding": ("streams", "letter", "plan"),
    "growth": (
        *("cost_uplift", "efficiency", "demography", "other", "source", "efficiency_method"),
    ),
}
"""The eight steps, in the order they are asked, with the answers each may hold."""
FREE = ("scope", "normalisation")
SCOPE_WORDS = (
    "in or out, then acute, community, mental_health, primary_care, prescribing, continuing_care,"
    " ambulance, social_care, public_health or other; or out running_costs, out reserve, out income"
)
NONE_WORDS = ("none", "no", "nil", "unknown")


@dataclass(frozen=True)
class Question:
    """Something only the user can answer: its key in the answers, the words, likely answers."""

    key: str
    ask: str
    choices: tuple[str, ...] = ()
    example: str = ""
    kind: str = "text"

    @property
    def fix(self) -> str:
        """How to answer it in the file of answers."""
        *parents, last = self.key.split(".")
        where = f" under `{': '.join(parents)}:`" if parents else ""
        shown = self.example or (self.choices[0] if self.choices else "...")
        choice = f" One of: {', '.join(self.choices)}." if len(self.choices) > 1 else ""
        if self.kind == "scope":
            choice = f" Write {SCOPE_WORDS}."
        return f"Write `{last}: {shown}`{where}.{choice}"


@dataclass
class Answers:
    """The answers of a user, by dotted key, and what is still to be asked."""

    content: dict[str, Any]
    file: str = ANSWERS_FILE
    lines: Mapping[str, int] = field(default_factory=dict)
    log: ProblemLog = field(default_factory=ProblemLog)
    asked: list[Question] = field(default_factory=list)

    def get(self, key: str) -> Any:
        """Give an answer as it was written; None where there is none."""
        found: Any = self.content
        for part in key.split("."):
            if not isinstance(found, Mapping) or part not in found:
                return None
            found = found[part]
        return found

    def text(self, key: str) -> str:
        """Give an answer as text; '' where there is none."""
        found = self.get(key)
        return "" if found is None or isinstance(found, Mapping | list) else spelled(found)

    def mapping(self, key: str) -> dict[str, Any]:
        """Give the answers below a key; {} where there are none."""
        found = self.get(key)
        if found is None or isinstance(found, Mapping):
            return {str(name): value for name, value in (found or {}).items()}
        self.error(key, f"`{key}` should hold names with values.", "Write one name a line.")
        return {}

    def place(self, key: str) -> Cell:
        """Give the line an answer stands on, or that of the step it belongs to."""
        parts = key.split(".")
        while parts:
            line = self.lines.get(".".join(parts))
            if line is not None:
                return Cell(self.file, "", f"line {line}", self.text(key))
            parts.pop()
        return Cell(self.file, "", "")

    def ask(
        self,
        key: str,
        ask: str,
        choices: Sequence[str] = (),
        example: str = "",
        kind: str = "text",
    ) -> None:
        """Note a question that nobody has answered, once."""
        if all(question.key != key for question in self.asked):
            self.asked.append(Question(key, ask, tuple(choices), example, kind))

    def needed(
        self,
        key: str,
        ask: str,
        choices: Sequence[str] = (),
        example: str = "",
        kind: str = "text",
    ) -> str:
        """Give an answer as text, and ask for it where there is none or it is none of the
        choices.
        """
        found = self.text(key)
        if found and choices and found not in choices:
            self.error(
                key,
                f"`{key}: {found}` is not one of {', '.join(choices)}.",
                f"{did_you_mean(found, list(choices))}Write one of them.",
                "answer_unknown",
            )
            return ""
        if not found:
            self.ask(key, ask, choices, example, kind)
        return found

    def year(self, key: str, ask: str, example: str) -> str:
        """Give a financial year, asking where there is none."""
        found = self.needed(key, ask, example=example, kind="year")
        if found and not is_financial_year(found):
            self.error(key, f"'{found}' is not a financial year.", f"Write it as {example}.")
            return ""
        return found

    def amount(self, key: str) -> Decimal | None:
        """Give an amount as written; None where there is none, or `none`, or it is none."""
        found = self.get(key)
        if found is None or str(found).casefold() in NONE_WORDS:
            return None
        value = decimal_of(found)
        if value is None:
            self.error(
                key,
                f"'{found}' is not an amount.",
                "Write it in pounds and pence, such as 1234567.89, or `none`.",
                "not_a_number",
            )
        return value

    def error(self, key: str, what: str, fix: str, code: str = "answer_wrong") -> None:
        """Record an answer that can't be used."""
        self.log.error(self.place(key), what, fix, code)

    def typed_values(self) -> int:
        """Count the values a user typed: every scalar of the answers.

        Source: req 372.
        """
        return _scalars(self.content)


def _scalars(found: Any) -> int:
    if isinstance(found, Mapping):
        return sum(map(_scalars, found.values()))
    if isinstance(found, list):
        return sum(map(_scalars, found))
    return found is not None


def spelled(found: Any) -> str:
    """Spell a scalar as its user wrote it: true as yes, a date as 2026-11-28."""
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, datetime.date):
        return found.isoformat()
    return str(found).strip()


def decimal_of(found: Any) -> Decimal | None:
    """Read an amount or a rate of the answers exactly: 1234.5, "1,234.50", 2.5%; None for
    anything else.
    """
    text = str(found).strip().replace(",", "").replace("£", "").replace("_", "")
    percent = text.endswith("%")
    try:
        value = Decimal(text.rstrip("% "))
    except InvalidOperation:
        return None
    if not value.is_finite():
        return None
    return value / 100 if percent else value


def read_answers(text: str, file: str, log: ProblemLog) -> Answers:
    """Read a file of answers; what is not known in it is an error at its line."""
    content = read_yaml(text, file, log) if text.strip() else {}
    lines: dict[str, int] = {}
    _collect_lines(content, "", lines)
    answers = Answers({str(k): _plain(v) for k, v in content.items()}, file, lines, log)
    _check_keys(answers)
    return answers


def _plain(found: Any) -> Any:
    """The values without what the reader added, codes with leading zeros and years as text."""
    if isinstance(found, Mapping):
        return {spelled(name): _plain(value) for name, value in found.items()}
    if isinstance(found, list):
        return [_plain(value) for value in found]
    if isinstance(found, bool) or found is None or isinstance(found, datetime.date):
        return found
    if isinstance(found, float) and hasattr(found, "_width"):
        return str(found) if found != found else repr(float(found))
    return str(found)


def _collect_lines(found: Any, above: str, lines: dict[str, int]) -> None:
    if isinstance(found, Mapping) and hasattr(found, "lc"):
        for name, value in found.items():
            key = f"{above}.{spelled(name)}" if above else spelled(name)
            lines[key] = found.lc.key(name)[0] + 1
            _collect_lines(value, key, lines)
    elif isinstance(found, list) and hasattr(found, "lc"):
        for at, value in enumerate(found):
            lines[f"{above}.{at}"] = found.lc.item(at)[0] + 1
            _collect_lines(value, f"{above}.{at}", lines)


def _check_keys(answers: Answers) -> None:
    _unknown(answers, "", answers.content, STEPS)
    for step, keys in STEPS.items():
        found = answers.content.get(step)
        if step not in FREE and isinstance(found, Mapping):
            _unknown(answers, step, found, keys)
        elif found is not None and step != "normalisation" and not isinstance(found, Mapping):
            answers.error(step, f"`{step}:` should hold answers by name.", "Write one a line.")


def _unknown(answers: Answers, step: str, found: Iterable[str], keys: Iterable[str]) -> None:
    allowed = list(keys)
    for name in found:
        if name not in allowed:
            key = f"{step}.{name}" if step else name
            answers.error(
                key,
                f"`{name}` is not an answer that is known{f' under `{step}:`' if step else ''}.",
                f"{did_you_mean(name, allowed)}The known ones are {', '.join(allowed)}.",
                "answer_unknown",
            )


def with_answer(content: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Give the answers with one more."""
    first, _, rest = key.partition(".")
    if not rest:
        return {**content, first: value}
    below = content.get(first)
    return {**content, first: with_answer(below if isinstance(below, Mapping) else {}, rest, value)}

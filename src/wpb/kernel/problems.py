"""Problems found in the inputs: collected, all of them, each with its place and its mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from wpb.kernel.identifiers import without_numbers
from wpb.kernel.places import Cell

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it is, and how to mend it."""

    severity: Severity
    where: Cell | None
    what: str
    fix: str
    code: str = ""

    def __post_init__(self) -> None:
        """Take valid NHS numbers out of the words and the place, and hyphens out of the code."""
        for name in ("what", "fix"):
            object.__setattr__(self, name, without_numbers(getattr(self, name)))
        if self.where:
            shown = Cell(*(without_numbers(text) for text in self.where.as_dict().values()))
            object.__setattr__(self, "where", shown if shown != self.where else self.where)
        # one spelling, whichever part of a name the code was put together from
        if "-" in self.code:
            object.__setattr__(self, "code", self.code.replace("-", "_"))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what} {self.fix}".strip()

    def as_dict(self) -> dict[str, object]:
        """Spell the problem for JSON: severity, code, where (file, sheet, cell), what and fix."""
        return {
            "severity": self.severity,
            "code": self.code,
            "where": self.where.as_dict() if self.where else None,
            "what": self.what,
            "fix": self.fix,
        }


@dataclass(slots=True)
class ProblemLog:
    """The problems found so far, in the order they were met."""

    problems: list[Problem] = field(default_factory=list)

    def error(self, where: Cell | None, what: str, fix: str, code: str = "") -> None:
        """Record something that stops the run."""
        self.problems.append(Problem("error", where, what, fix, code))

    def warning(self, where: Cell | None, what: str, fix: str, code: str = "") -> None:
        """Record something a reader must weigh, which does not stop the run."""
        self.problems.append(Problem("warning", where, what, fix, code))

    def note(self, where: Cell | None, what: str, fix: str = "", code: str = "") -> None:
        """Record something worth knowing that asks for no action."""
        self.problems.append(Problem("note", where, what, fix, code))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add problems found elsewhere."""
        self.problems.extend(problems)

    @property
    def errors(self) -> list[Problem]:
        """The problems that stop the run."""
        return [problem for problem in self.problems if problem.severity == "error"]

    def raise_if_errors(self) -> None:
        """Stop with every problem at once if any of them is an error.

        Raises InputProblems.
        """
        if self.errors:
            raise InputProblems(self.problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)

    def __len__(self) -> int:
        return len(self.problems)


class InputProblems(Exception):
    """Raised once with every problem found, so that a user can mend them all in one go."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = list(problems)
        errors = sum(problem.severity == "error" for problem in self.problems)
        super().__init__(f"{errors} problem(s) in the inputs stop the run")


class UsageProblem(Exception):
    """Raised where a command or call asks for something that isn't there; the message says what
    is.
    """

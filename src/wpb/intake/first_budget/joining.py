"""Files overlap: a contract and practice payments replace named lines of the ledger, and nothing
is counted from two files.

Source: req 439.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from wpb.intake.first_budget.answers import NONE_WORDS, Answers
from wpb.intake.first_budget.reading import Files, LedgerLine, lines_named
from wpb.intake.first_budget.sources import words

PRACTICES = "practice payments"
AREAS = (
    *("acute", "community", "mental_health", "primary_care", "prescribing", "continuing_care"),
    *("ambulance", "social_care", "public_health", "other"),
)
CLASSES = ("running_costs", "reserve", "income")
"""What is out of scope by its kind and has to be said to be so."""
AREA_WORDS = (
    ("acute", ("acute", "hospital", "elective")),
    ("community", ("community",)),
    ("mental_health", ("mental", "camhs", "psych", "learning disab")),
    ("prescribing", ("prescrib",)),
    ("primary_care", ("primary care", "gms", "co-commission", "co commission")),
    ("continuing_care", ("continuing", "chc", "funded nursing")),
    ("ambulance", ("ambulance", "999", "patient transport")),
    ("social_care", ("social care",)),
    ("public_health", ("public health",)),
)
CLASS_WORDS = (
    ("running_costs", ("running cost", "admin", "corporate")),
    ("reserve", ("reserve", "contingenc")),
    ("income", ("income", "recharge")),
)


@dataclass(frozen=True)
class Placed:
    """Where a ledger group or a contract stands: in scope or out, and the area it grows with."""

    scope: str
    area: str
    kind: str = ""
    """running_costs, reserve or income, where it is one of these."""


@dataclass
class Joined:
    """The files with their overlap settled: which lines each contract replaces, and the scope of
    every cost centre.
    """

    year_column: str
    lines: list[LedgerLine]
    contracts: dict[str, list[LedgerLine]] = field(default_factory=dict)
    practices: list[LedgerLine] = field(default_factory=list)
    placed: dict[str, Placed] = field(default_factory=dict)
    """By cost centre, and by contract."""

    def amount(self, lines: Sequence[LedgerLine]) -> Decimal:
        """Pounds of the chosen year's column, or of the budget while none is chosen."""
        column = self.year_column or "budget"
        return sum((line.amounts.get(column, Decimal(0)) for line in lines), Decimal(0))

    @property
    def left(self) -> list[LedgerLine]:
        """The lines that no contract and no practice payment replaces."""
        return [line for line in self.lines if not line.replaced_by]


def join(files: Files, answers: Answers) -> Joined:
    """Settle what replaces what, and what is in scope; what was not answered is asked.

    Source: req 439.
    """
    joined = Joined(answers.text("ledger.year_column"), files.ledger)
    if not files.ledger:
        return joined
    for contract in files.contracts:
        likely = _likely(joined, files, contract.code)
        joined.contracts[contract.code] = _replaced(
            answers,
            joined,
            f"contracts.replaces.{contract.code}",
            f"contract {contract.code}",
            f"Which ledger lines does contract {contract.code} replace ({contract.provider_name},"
            f" £{contract.value:,.2f})? Name cost centres or lines.",
            likely,
        )
    if files.payments:
        joined.practices = _replaced(
            answers,
            joined,
            "practices.replaces",
            PRACTICES,
            f"Which ledger lines do the practice payments replace (£{files.payments:,.2f})?",
            _centres_like(joined, "primary_care"),
        )
    _place(joined, files, answers)
    return joined


def _replaced(
    answers: Answers,
    joined: Joined,
    key: str,
    what: str,
    ask: str,
    likely: Sequence[str],
) -> list[LedgerLine]:
    given: Any = answers.get(key)
    if given is None:
        answers.ask(key, ask, (*likely, "none"), kind="lines")
        return []
    names = [str(name) for name in (given if isinstance(given, list) else [given])]
    if [name.casefold() for name in names] == ["none"] or names[0].casefold() in NONE_WORDS:
        return []
    found: list[LedgerLine] = []
    for name in names:
        lines = lines_named(joined.lines, name)
        if not lines:
            answers.error(
                key,
                f"The ledger has no cost centre or line '{name}'.",
                "Name a cost centre, cost centre and account as 919101-52151005, or a line's"
                " description.",
                "line_unknown",
            )
        for line in lines:
            if line.replaced_by and line.replaced_by != what:
                answers.error(
                    key,
                    f"The ledger line {line.code} ({line.description}) is replaced by"
                    f" {line.replaced_by} already: it can't be counted twice.",
                    "Name each ledger line once.",
                    "line_replaced_twice",
                )
            elif not line.replaced_by:
                line.replaced_by = what
                found.append(line)
    return found


def _likely(joined: Joined, files: Files, code: str) -> list[str]:
    """Cost centres with a line that ends in the name of a service of the contract."""
    contract = next(one for one in files.contracts if one.code == code)
    services = [words(service.service) for service in contract.services]
    return sorted(
        {
            line.centre
            for line in joined.lines
            if any(words(line.description).endswith(service) for service in services)
        }
    )


def _centres_like(joined: Joined, area: str) -> list[str]:
    return sorted({line.centre for line in joined.lines if _area_like(line.centre_name) == area})


def _area_like(name: str) -> str:
    text = name.casefold()
    return next((area for area, marks in AREA_WORDS if any(mark in text for mark in marks)), "")


def _class_like(name: str) -> str:
    text = name.casefold()
    return next((kind for kind, marks in CLASS_WORDS if any(mark in text for mark in marks)), "")


def _place(joined: Joined, files: Files, answers: Answers) -> None:
    """Settle the scope of each cost centre, and of each contract: its own answer, else that of the
    one kind of cost centre it replaces.
    """
    centres = {line.centre: line.centre_name for line in joined.lines}
    for centre in sorted(centres):
        name = centres[centre]
        kind, area = _class_like(name), _area_like(name)
        likely = f"out {kind}" if kind else f"in {area or 'other'}"
        pounds = joined.amount([line for line in joined.lines if line.centre == centre])
        found = _placed(answers, centre, f"{centre} {name} (£{pounds:,.2f})", likely)
        if found:
            joined.placed[centre] = found
    for contract in files.contracts:
        own = answers.get(f"scope.{contract.code}")
        under = {
            joined.placed[line.centre]
            for line in joined.contracts.get(contract.code, ())
            if line.centre in joined.placed
        }
        if own is None and len(under) == 1:
            joined.placed[contract.code] = next(iter(under))
        elif own is not None or answers.get(f"contracts.replaces.{contract.code}") is not None:
            found = _placed(answers, contract.code, f"contract {contract.code}", "in other")
            if found:
                joined.placed[contract.code] = found
    known = {*centres, *(contract.code for contract in files.contracts)}
    for name in answers.mapping("scope"):
        if name not in known and joined.lines:
            answers.error(
                f"scope.{name}",
                f"'{name}' is no cost centre of the ledger and no contract.",
                f"The known ones are {', '.join(sorted(known))}.",
                "answer_unknown",
            )


def _placed(answers: Answers, name: str, what: str, likely: str) -> Placed | None:
    """Read `in acute`, `out community` or `out running_costs`; never in scope by default."""
    key = f"scope.{name}"
    said = answers.text(key).replace(",", " ").split()
    if not said:
        answers.ask(
            key,
            f"Is {what} in scope or out, and what kind of care is it?",
            (likely,),
            likely,
            "scope",
        )
        return None
    scope, area = said[0], said[1] if len(said) > 1 else ""
    if scope == "out" and area in CLASSES:
        return Placed("out", "other", area)
    if scope not in ("in", "out") or area not in AREAS or len(said) != 2:
        answers.error(
            key,
            f"'{' '.join(said)}' does not say in or out and the kind of care.",
            f"Write such as `{likely}`: in or out, then one of {', '.join(AREAS)}; or out with one"
            f" of {', '.join(CLASSES)}.",
            "answer_unknown",
        )
        return None
    return Placed(scope, area)

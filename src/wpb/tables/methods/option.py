"""What an option of a block contract's step declares, in one place.

Source: handbook Table 1, Table 2, 2.4; req 37, 92.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from wpb.kernel.arithmetic import share_of
from wpb.kernel.ledger import Array, Axis, Block, Ledger
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.findings import Finding
from wpb.tables.methods.facts import BlockFacts, Tables, activity_types, some
from wpb.tables.model import Model

Step = Literal["non_service_split", "step_1", "step_2", "step_3", "step_4"]
STEPS: tuple[Step, ...] = ("non_service_split", "step_1", "step_2", "step_3", "step_4")
"""Steps of handbook Table 2, and how lines such as Admin are spread (Figure 3)."""


@dataclass(frozen=True)
class Work:
    """What an option works on: one block contract, its tables, the ledger it adds to and the
    problems.
    """

    tables: Tables
    ledger: Ledger
    problems: ProblemLog
    row: int
    """Row of the contract in `contracts`."""
    contract: str
    split: SplitOption | None = None
    """How lines that are no service are spread, where the contract names a way."""

    def place(self, step: Step) -> Cell:
        """The cell that names a contract's option for a step; the contract's own where an option
        is tried out that it does not name.

        Source: handbook Table 2; req 37.
        """
        methods = self.tables["contract_methods"]
        named = (
            r
            for r in methods.rows_where("contract", self.contract)
            if methods.columns["step"][r] == step
        )
        return next(
            (methods.where(r, "option") for r in named),
            self.tables["contracts"].where(self.row, "contract"),
        )


def nothing_missing(tables: Tables, contract: str) -> str:
    """Say that an option needs nothing beyond what every block contract has."""
    return ""


def no_checks(model: Model, ledger: Ledger, contract: BlockFacts) -> list[Finding]:
    """Make no check of an option."""
    return []


def as_declared(tables: Tables, contract: str) -> tuple[int, str] | None:
    """Leave the grade of an option as it is declared."""
    return None


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option of a step: everything that is said of it, and the code that carries it out.

    Other code refers to an option by its object, so a misspelt option is a type error.
    """

    step: Step
    name: str
    order: int
    """Place in the handbook's order of preference, within the step."""
    grade: Literal[1, 2, 3]
    """1 preferred, 2 second, 3 last option of its step (handbook Table 2)."""
    sheets: tuple[str, ...]
    """Tables it takes, which `wpb add` and the template put into a model."""
    help: str
    need: Callable[[Tables, str], str] = nothing_missing
    """What a contract lacks for it, in words; '' where the data allows it."""
    check: Callable[[Model, Ledger, BlockFacts], list[Finding]] = no_checks
    """Checks made of a contract that uses it."""
    regrade: Callable[[Tables, str], tuple[int, str] | None] = as_declared
    """A weaker grade, with its reason, where the figures behind the option are second best."""

    @property
    def words(self) -> str:
        """Its name as people read it."""
        return self.name.replace("_", " ")

    def missing(self, tables: Tables, contract: str) -> str:
        """What a contract lacks for the option, in words; '' where the data allows it.

        Source: handbook Table 2; req 37, 93.
        """
        return self.need(tables, contract)


@dataclass(frozen=True, kw_only=True)
class ServiceOption(Option):
    """An option of Step 1: how a contract's value is shared over service lines."""

    step: Step = "step_1"
    weigh: Callable[[Work, Block], Block] | None
    """Weight of each service line; none where the contract is carried undivided."""
    services: Callable[[Tables, str], set[str]] | None = None
    """Service lines that get pounds; none where all do."""
    cost_kinds: tuple[str, ...] = ()
    """Kinds of provider cost that it shares by."""


@dataclass(frozen=True, kw_only=True)
class SplitOption(Option):
    """A way to spread lines that are no service, such as Admin, over service lines."""

    step: Step = "non_service_split"
    driver: Callable[[Work, Axis, Block], Block]
    """Driver of each service line, from the contract and its own schedule values."""
    units: Callable[[Tables, str, Mapping[str, float]], list[float]]
    """The same driver as plain numbers for some schedule values; empty where figures are short."""


@dataclass(frozen=True, kw_only=True)
class SourceOption(Option):
    """An option of Step 2: where activity counts come from. It moves the grade, not the counts."""

    step: Step = "step_2"
    sources: tuple[str, ...] = ()
    """Sources it takes; empty where it takes any."""


@dataclass(frozen=True, kw_only=True)
class ListOption(Option):
    """An option of Step 4: how activity is found by GP list. The contract names the same way as
    its population_method, and that one calculates.
    """

    step: Step = "step_4"
    population_method: str


@dataclass(frozen=True, kw_only=True)
class WeightOption(Option):
    """An option of Step 3: the weight of a unit of each activity type."""

    step: Step = "step_3"
    weigh: Callable[[Work, Axis, Sequence[str]], Block]
    """Weight of each row of activity, given the activity type of each row."""
    known: Callable[[Tables, str], set[str]] | None = None
    """Activity types that have a weight; none where the option needs no figures."""
    table: str = ""
    """Table that holds the weights."""
    needs: str = ""
    """What it needs for each activity type, in words."""
    rate: Callable[[Array, Array], Array] = share_of
    """Pounds for one weighted unit: part / whole."""

    def lacks(self, tables: Tables, contract: str) -> list[str]:
        """Activity types of a contract that have no weight of this kind.

        Source: handbook 2.4.4; req 80, 93.
        """
        if self.known is None:
            return []
        known = self.known(tables, contract)
        return [kind for kind in activity_types(tables, contract) if kind and kind not in known]

    def missing(self, tables: Tables, contract: str) -> str:
        """What a contract lacks: weights for the activity types that have none.

        Source: handbook 2.4.4; req 80, 93.
        """
        short = self.lacks(tables, contract)
        return f"{self.needs} for {some(short)}" if short else ""

"""Results by name: those of the budget at once, those of its contract when they are first asked
for.

A live contract takes a second or two to work out, so a page that doesn't show it never waits for
it.
Source: handbook 3.7; req 361, 366.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wpb.kernel.problems import InputProblems
from wpb.live import LiveContract, live_contract
from wpb.present import contract_results, payment_results, sharing_results
from wpb.present.result_table import ResultTable, label, result_table
from wpb.run import Budget

BUILDERS = {**contract_results.BUILDERS, **payment_results.BUILDERS, **sharing_results.BUILDERS}
FAULTS = "contract_problems"


@dataclass
class LateContract(Mapping[str, ResultTable]):
    """The results of a budget's contract by name: the contract and each table are made once, when
    first asked for.
    """

    budget: Budget
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _live: LiveContract | None = None
    _faults: ResultTable | None = None
    _made: dict[str, ResultTable] = field(default_factory=dict)

    @property
    def live(self) -> LiveContract | None:
        """The live contract; None where the model states none, or its events can't be worked
        out.
        """
        if not len(self.budget.model["contract_terms"]):
            return None
        with self._lock:
            if self._live is None and self._faults is None:
                try:
                    self._live = live_contract(self.budget.model, self.budget.book)
                except InputProblems as found:
                    columns = (
                        label("severity", "Severity", "code"),
                        label("where", "Where"),
                        label("what", "What was found"),
                        label("fix", "What to do"),
                    )
                    rows = [
                        [problem.severity, str(problem.where or ""), problem.what, problem.fix]
                        for problem in found.problems
                    ]
                    self._faults = result_table(
                        FAULTS,
                        "Why the contract can't be worked out",
                        "Mend these in the inputs; the rest of the budget is not touched.",
                        columns,
                        rows,
                    )
            return self._live

    def __getitem__(self, name: str) -> ResultTable:
        if name not in BUILDERS and name != FAULTS:
            raise KeyError(name)
        with self._lock:
            if name not in self._made:
                live = self.live
                if name == FAULTS:
                    if self._faults is None:
                        raise KeyError(name)
                    return self._faults
                if live is None:
                    raise KeyError(name)
                self._made[name] = BUILDERS[name](live)
            return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(BUILDERS if self.live else [FAULTS] if self._faults else ())

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Tables(Mapping[str, ResultTable]):
    """Results by name: those that are there at once, then those of groups that are worked out
    late.
    """

    def __init__(self, at_once: Mapping[str, ResultTable], *late: Mapping[str, ResultTable]):
        self._groups = (dict(at_once), *late)

    def __getitem__(self, name: str) -> ResultTable:
        for group in self._groups:
            if name in group:
                return group[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        for group in self._groups:
            yield from group

    def __len__(self) -> int:
        return sum(1 for _ in self)

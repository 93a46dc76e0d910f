"""The versions of a contract: indicative, agreed, and one for each event, each a function of the
events known by then.

Source: handbook 4.1, 4.3, 4.4; req 213, 215, 238, 244, 369.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from wpb.contract.events import Event
from wpb.contract.population_update import Membership, PopulationUpdates, Update
from wpb.contract.practice_changes import PracticeChange, Standing, practice_change
from wpb.contract.scope_change import ScopeChange, scope_change, scope_factor
from wpb.contract.terms import Terms
from wpb.contract.wpb_tree import ContractTree
from wpb.kernel.ledger import Block, Ledger
from wpb.kernel.problems import ProblemLog
from wpb.tables.contract_records import Effect, FrozenLines, Version
from wpb.tables.model import Model


@dataclass
class ContractHistory:
    """Everything a contract's value rests on: its versions and how each event was worked out."""

    terms: Terms
    tree: ContractTree
    versions: list[Version]
    events: list[Event]
    updates: dict[str, Update] = field(default_factory=dict)
    practices: dict[str, PracticeChange] = field(default_factory=dict)
    scopes: dict[str, ScopeChange] = field(default_factory=dict)

    def at(self, known_on: datetime.date | None = None) -> Version:
        """The version that held on a day, by what was known; the last where no day is given."""
        known = [
            version for version in self.versions if known_on is None or version.known_on <= known_on
        ]
        return known[-1] if known else self.versions[0]

    @property
    def agreed(self) -> Version:
        """The version agreed; the indicative one where there is no agreement yet."""
        return next(
            (version for version in self.versions if version.status == "agreed"), self.versions[0]
        )


class History:
    """Builds the versions one event at a time."""

    def __init__(
        self,
        model: Model,
        terms: Terms,
        lines: FrozenLines,
        ledger: Ledger,
        problems: ProblemLog,
        periodic: Mapping[str, Block],
    ) -> None:
        self.model, self.terms, self.lines, self.ledger, self.problems, self.periodic = (
            model,
            terms,
            lines,
            ledger,
            problems,
            periodic,
        )
        self.tree = ContractTree(model, terms, lines, ledger)
        self.people = PopulationUpdates(
            model,
            terms,
            self.tree.cells,
            ledger,
            self._scope_factor,
            self.tree.paid_streams(),
            problems,
        )
        self.history = ContractHistory(terms, self.tree, [], [])
        self._factors: dict[tuple[str, ...], Block] = {}
        lists = model["gp_lists"]
        self._participation = dict(
            zip(lists.text("list_code"), lists.text("participation"), strict=True)
        )

    def build(self, events: Sequence[Event], indicative_on: datetime.date) -> ContractHistory:
        """Make the indicative version, then one for each event.

        Source: handbook 4.1-4.4; req 213, 369.
        """
        base, elements, wpb = self.tree.tree(0, [], self.terms.ends_on)
        self.history.versions.append(
            Version(
                0,
                "indicative",
                "",
                "",
                indicative_on,
                self.terms.starts_on,
                "Indicative value",
                self.terms.ends_on,
                base,
                elements,
                wpb,
            )
        )
        for event in events:
            self.history.events.append(event)
            self._work_out(event)
            if not self.problems.errors:
                self._add_version(event)
            elif event.kind == "population_update":
                self._look_at(event)
        return self.history

    def _look_at(self, event: Event) -> None:
        """Find what is wrong with an update after something else was found wrong, so that
        everything is told at once.
        """
        changes = [
            change
            for change in self.history.events
            if change.code in self.history.practices or change.code in self.history.scopes
        ]
        if any(found.kind == "agreement" for found in self.history.events):
            self.people.update(
                event.code,
                event.effective_on,
                event.known_on,
                self._agreed_on(self.history.events, event),
                self._membership(changes, event.effective_on),
                event.place,
            )

    def _work_out(self, event: Event) -> None:
        if event.kind in ("reactivation", "joining"):
            found = practice_change(
                event,
                self._standing(event),
                self.model,
                self.terms,
                self.tree.cells,
                self.tree.by_element["wpap"],
                self.ledger,
                self.people.counts,
                self.problems,
            )
            if found is not None:
                self.history.practices[event.code] = found
        elif event.kind == "scope_change":
            moved = scope_change(
                event,
                list(self.history.scopes.values()),
                self.lines,
                self.terms,
                self.tree.cells,
                self.ledger,
                self.problems,
            )
            if moved is not None:
                self.history.scopes[event.code] = moved

    def _standing(self, event: Event) -> Standing:
        """How a practice stands just before its change takes effect."""
        before = [change for change in self.history.events if change.code in self.history.practices]
        inside = self._membership(before, event.effective_on)
        own = [change for change in before if change.list_code == event.list_code]
        return Standing(
            event.list_code in inside.core,
            event.list_code in inside.whole,
            max(own, key=lambda change: change.effective_on, default=None),
        )

    def _add_version(self, event: Event) -> None:
        ends_on = min(
            (e.effective_on for e in self.history.events if e.kind == "termination"),
            default=self.terms.ends_on,
        )
        effects = self._effects(self.history.events)
        if self.problems.errors:
            return
        number = len(self.history.versions)
        payment, elements, wpb = self.tree.tree(number, effects, ends_on)
        status = "agreed" if event.kind == "agreement" else "updated"
        self.history.versions.append(
            Version(
                number,
                status,
                event.code,
                event.kind,
                event.known_on,
                event.effective_on,
                event.reason,
                ends_on,
                payment,
                elements,
                wpb,
            )
        )

    def _effects(self, events: Sequence[Event]) -> list[Effect]:
        """Every effect of the events known so far: practices, scope, one-off corrections,
        agreements, and people.
        """
        effects: list[Effect] = []
        for event in events:
            if event.code in self.history.practices:
                effects.append(
                    Effect(event.code, self.history.practices[event.code].rate, event.effective_on)
                )
            elif event.code in self.history.scopes:
                effects.append(
                    Effect(event.code, self.history.scopes[event.code].rate, event.effective_on)
                )
            elif event.code in self.periodic:
                effects.append(Effect(event.code, self.periodic[event.code], event.effective_on))
        return effects + self._population(events)

    def _population(self, events: Sequence[Event]) -> list[Effect]:
        """Cut the term where people or membership change: each stretch has the latest count, for
        the lists then inside.

        A corrected count takes the place of the one it corrects, from the same day.
        """
        updates = sorted(
            (event for event in events if event.kind == "population_update"),
            key=lambda event: (event.effective_on, event.code),
        )
        if not updates:
            return []
        corrected = {
            event.refers_to: event
            for event in events
            if event.kind == "correction" and event.refers_to in {update.code for update in updates}
        }
        changes = [
            event
            for event in events
            if event.code in self.history.practices or event.code in self.history.scopes
        ]
        edges = sorted(
            {update.effective_on for update in updates}
            | {
                change.effective_on
                for change in changes
                if change.effective_on >= updates[0].effective_on
            }
        )
        effects: list[Effect] = []
        for start, end in zip(edges, [*edges[1:], None], strict=True):
            update = [found for found in updates if found.effective_on <= start][-1]
            source = corrected.get(update.code, update)
            made = self.people.update(
                update.code,
                update.effective_on,
                source.known_on,
                self._agreed_on(events, update),
                self._membership(changes, start),
                source.place,
            )
            if made is None:
                return []
            if update.effective_on == start:
                self.history.updates[update.code] = made
            effects.append(Effect(update.code, made.rate, start, end))
        return effects

    def _agreed_on(self, events: Sequence[Event], update: Event) -> datetime.date:
        agreements = [
            event.known_on
            for event in events
            if event.kind in ("agreement", "periodic_agreement")
            and event.effective_on <= update.effective_on
            and event.known_on <= update.known_on
        ]
        return max(agreements)

    def _membership(self, changes: Sequence[Event], day: datetime.date) -> Membership:
        whole = {code for code, form in self._participation.items() if form != "none"}
        core = {code for code, form in self._participation.items() if form == "full"}
        table = self.model["list_changes"]
        for row in range(len(table)):
            if (
                str(table.columns["effective_on"][row]) <= day.isoformat()
                and str(table.columns["change"][row]) == "opened"
            ):
                form = str(table.columns["participation"][row])
                whole |= (
                    {str(table.columns["list_code"][row])} if form not in ("", "none") else set()
                )
                core |= {str(table.columns["list_code"][row])} if form == "full" else set()
        for change in (
            change
            for change in changes
            if change.effective_on <= day and change.code in self.history.practices
        ):
            practice = self.history.practices[change.code]
            gone = {change.list_code}
            core = core - gone if change.kind == "reactivation" else core | gone
            if not practice.core_only:
                whole = whole - gone if change.kind == "reactivation" else whole | gone
        changed = tuple(
            (
                c.list_code,
                c.kind,
                self.history.practices[c.code].core_only,
                c.effective_on,
                c.known_on,
            )
            for c in changes
            if c.effective_on <= day and c.code in self.history.practices
        )
        scopes = tuple(
            change.code
            for change in changes
            if change.effective_on <= day and change.code in self.history.scopes
        )
        return Membership(frozenset(whole), frozenset(core & whole), changed, scopes)

    def _scope_factor(self, scope_events: tuple[str, ...]) -> Block:
        if scope_events not in self._factors:
            name, cells = f"wpb/scope_factor/{'+'.join(scope_events) or 'none'}", self.tree.cells
            if scope_events:
                rows = np.arange(len(cells))
                change = self.ledger.total(
                    f"{name}/change",
                    cells,
                    *((self.history.scopes[code].rate, rows) for code in scope_events),
                    title="Change of scope",
                )
                block = self.ledger.add(
                    name,
                    scope_factor,
                    cells,
                    "ratio",
                    self.terms.years,
                    "Scope since values were agreed",
                    change_pence=change,
                    lines_pence=self.tree.by_element["wpap"],
                )
            else:
                block = self.ledger.leaf(
                    name,
                    cells,
                    "ratio",
                    np.ones((len(cells), len(self.terms.years))),
                    lambda row, year: self.terms.place,
                    self.terms.years,
                    "Scope as agreed",
                )
            self._factors[scope_events] = block
        return self._factors[scope_events]


def change_between(before: Version, after: Version) -> np.ndarray:
    """What changed in the budget from one version to another, unrounded pence by cell and year:
    after - before.

    Source: handbook 4.3.1 (show the impact of new information); req 219, 369.
    """
    return np.asarray(after.wpb.value[0] - before.wpb.value[0])

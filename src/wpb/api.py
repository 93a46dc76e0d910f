"""The same names in Python as on the command line: load, check, run, explain, export; and results
as tables, frames and charts.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wpb.intake.reading import check_model, read_model
from wpb.kernel.assumptions import AssumptionBook, load_book
from wpb.kernel.explain import explain
from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems, Problem, ProblemLog, UsageProblem
from wpb.national import national_folder
from wpb.present.summary import summary
from wpb.run import Budget, calculate
from wpb.tables.model import Model
from wpb.tables.sealed_record import FOLDER as RECORD

if TYPE_CHECKING:
    from wpb.live import LiveContract
    from wpb.patients.joining import PersonTables
    from wpb.present.documents.papers import Papers
    from wpb.present.notebook import Picture
    from wpb.present.result_table import ResultTable
    from wpb.present.whole_pence import WholePence

Progress = Callable[[str], None]


CONTRACT_FIGURES = "wpb"
"""The first word of the figures that a live contract makes; all others are the budget's."""


def _quiet(stage: str) -> None:
    return None


@dataclass
class LoadedModel:
    """A model at a path: read once, calculated once, asked as often as you like."""

    path: Path
    as_known_on: str = ""
    progress: Progress = _quiet
    engine: str = "duckdb"
    """What works people's records up, where the model has any: duckdb, spark://host:port or
    sc://host:port.
    """
    memory_limit: str = ""
    spill_limit: str = ""
    """Sizes such as 4GB that the embedded engine is held to; '' leaves them to it."""
    notice: Progress = _quiet
    """Told, before people's records are worked up, what that may keep and spill."""

    @cached_property
    def model(self) -> Model:
        """The settings and tables as read.

        Raises InputProblems with every problem at once.
        """
        model = read_model(self.path, self._person_tables)
        if self.as_known_on:
            model.settings = replace(model.settings, known_on=self.as_known_on)
        if self.path.is_file():
            model.workbook = self.path
        return model

    @cached_property
    def _person_tables(self) -> PersonTables | None:
        if not (self.path / "patients").is_dir():
            return None
        from wpb.patients.joining import PersonTables

        return PersonTables(
            self.engine, self.progress, self.memory_limit, self.spill_limit, self.notice
        )

    def write_people(self, folder: Path) -> list[Problem]:
        """Write what may be published of people's records, at the run's own pounds, where the model
        has such records.

        Gives warnings, such as why a risk score could not be made. Raises InputProblems where the
        engine can't go on.
        """
        if self._person_tables is None:
            return []
        self.progress("people")
        current = self.budget.current
        block = {
            (line.contract, line.service_line, line.activity_type): current.spend.at(row, 0)
            for row, line in enumerate(current.lines.lines)
            if line.payment_basis == "block"
        }
        return self._person_tables.publish(block, folder)

    @cached_property
    def book(self) -> AssumptionBook:
        """National assumptions and the model's own.

        Raises InputProblems where the model's own do not load.
        """
        problems = ProblemLog()
        book = load_book(national_folder(), self.model.folder / "assumptions", problems)
        if len(self.model.tables["rates"]):
            from wpb.intake.rate_sheets import with_rates

            prepared_on = self.model.settings.prepared_on
            book = with_rates(self.model.tables, book, prepared_on, self.model.folder, problems)
        if self.path.is_file():
            from wpb.intake.assumption_sheets import with_sheet

            book = with_sheet(self.path, book, self.model.settings.prepared_on, problems)
        problems.raise_if_errors()
        return book

    @cached_property
    def budget(self) -> Budget:
        """The calculated budget.

        Raises InputProblems with every problem the calculation found.
        """
        self.progress("reading")
        return calculate(self.model, self.book, self.progress)

    @cached_property
    def contract(self) -> LiveContract:
        """The live contract: its versions, payments and settlement ledger, as known on the day
        asked for.

        Raises InputProblems with every problem found, such as a model without contract terms.
        """
        from wpb.live import live_contract

        self.progress("reading")
        return live_contract(
            self.model,
            self.book,
            datetime.date.fromisoformat(self.as_known_on) if self.as_known_on else None,
            self.progress,
        )

    @cached_property
    def tables(self) -> Mapping[str, ResultTable]:
        """Every result table by name; a table gives itself as `records()` or as a frame:
        `frame("pandas")`.
        """
        from wpb.present.result_tables import result_tables
        from wpb.present.section_tables import section_tables

        return result_tables(self._whole) | section_tables(self.budget)

    @cached_property
    def _whole(self) -> WholePence:
        from wpb.present.whole_pence import WholePence

        return WholePence(self.budget)

    @cached_property
    def charts(self) -> Mapping[str, Picture]:
        """The report's charts by name; a notebook shows one that stands on a line of its own."""
        from wpb.present.notebook import pictures

        return pictures(self._whole)

    def papers(self, mark: str = "Draft") -> Papers:
        """Bring together what a document is made from: the budget, its contract where it has one,
        and its arrangements.

        Raises InputProblems with every problem found.
        """
        from wpb.kernel.lined_yaml import read_yaml
        from wpb.live.sharing import model_arrangements
        from wpb.present.documents.papers import Papers
        from wpb.tables.arrangement_files import arrangement_texts

        budget, live = self.budget, self._live()
        problems = ProblemLog()
        declared = [
            (Path(name).stem, read_yaml(text, name, problems))
            for name, text in arrangement_texts(self.model.arrangements_place)
        ]
        problems.raise_if_errors()
        return Papers(
            budget, mark, live, declared, model_arrangements(self.model.arrangements_place)
        )

    def _live(self) -> LiveContract | None:
        return self.contract if len(self.model["contract_terms"]) else None

    def export(self, name: str, out: str | Path, mark: str = "Draft") -> None:
        """Write the live workbook (`workbook`) or a document, such as `board-paper`, in the form
        that the file's ending asks for.

        Raises UsageProblem for a name or an ending that there isn't.
        """
        from wpb.present.documents import DOCUMENTS, make_document, write_document

        path = Path(out)
        if name == "workbook":
            self._export_workbook(path, mark)
        elif name in DOCUMENTS:
            self.progress("writing the document")
            write_document(make_document(name, self.papers(mark)), path)
        else:
            raise UsageProblem(
                f"there is no document '{name}'; there is workbook, {', '.join(DOCUMENTS)}"
            )

    def _export_workbook(self, path: Path, mark: str) -> None:
        from wpb.input_sheets import input_sheets
        from wpb.present.live_workbook import write_live_workbook

        if path.suffix.lower() != ".xlsx":
            raise UsageProblem(f"{path} does not end in .xlsx. Give the name of an Excel workbook.")
        budget, live = self.budget, self._live()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_live_workbook(
            budget, input_sheets(self.path, self.model), path, mark, self.progress, live
        )

    @property
    def results_folder(self) -> Path:
        """Where a run writes its results unless told otherwise: beside the inputs."""
        return self.model.folder / "results"

    def check(self) -> list[Problem]:
        """List every problem that the check of the inputs, the assumptions, the calculation and the
        live contract finds.
        """
        reading = check_model(self.path, self._person_tables)
        if reading.model is None:
            return reading.problems
        try:
            found = list(self.budget.problems)
        except InputProblems as stopped:
            return stopped.problems
        more = [*self._contract_problems(), *self._scenario_problems()]
        return [*found, *(problem for problem in more if problem not in found)]

    def _scenario_problems(self) -> list[Problem]:
        """What is wrong with the changes of the model's scenarios; nothing where it names none."""
        if not len(self.model["scenario_changes"]):
            return []
        from wpb.shadow.scenarios import check_scenarios

        return check_scenarios(self.model, self.book)

    def _contract_problems(self) -> list[Problem]:
        """What is wrong with the contract's terms, events and payments; nothing where the model has
        no terms yet.
        """
        if not len(self.model["contract_terms"]):
            return [_without_terms()] if self.model.record else []
        from wpb.live import live_contract

        try:
            return list(live_contract(self.model, self.book, progress=self.progress).problems)
        except InputProblems as stopped:
            return stopped.problems

    def run(self) -> Budget:
        """Calculate the budget, held to what was signed and closed.

        Raises InputProblems where an input that changed since the last sealing would move it.
        """
        budget = self.budget
        if self.model.record and self._differs_from_sealed():
            if len(self.model["contract_terms"]):
                _ = self.contract
            else:
                raise InputProblems([_without_terms()])
        return budget

    def _differs_from_sealed(self) -> bool:
        """Whether any input, or the record itself, is not what was sealed last; the contract is
        then worked out to see what moves.
        """
        from wpb.live.sealed import inputs_of
        from wpb.tables.sealed_record import read_record

        problems = ProblemLog()
        last = read_record(self.model.record, problems).last
        problems.raise_if_errors()
        return last is None or last.inputs != inputs_of(self.model)

    def summary(self) -> dict[str, Any]:
        """Give the headline figures in whole pence."""
        return summary(self.budget)

    def explain(self, figure: str, depth: int | None = None) -> dict[str, Any]:
        """Give the tree of any figure of the budget or of its contract, down to cells and
        citations.

        Raises UsageProblem for a figure that isn't there.
        """
        if figure.strip("/").split("/")[0] != CONTRACT_FIGURES:
            return explain(self.budget.ledger, figure, depth)
        if not len(self.model["contract_terms"]):
            raise UsageProblem(
                f"'{figure}' is a figure of a live contract, and this model has none: enter its row"
                " in contract_terms"
            )
        return self.contract.explain(figure, depth)


def _without_terms() -> Problem:
    return Problem(
        "error",
        Cell(f"{RECORD}/0001.json", "", ""),
        "The folder holds the sealed record of a signed contract, and contract_terms has no row.",
        "Put the contract's terms back as they were signed.",
        "record_without_contract",
    )


def load(
    path: str | Path,
    as_known_on: str = "",
    progress: Progress = _quiet,
    engine: str = "duckdb",
    memory_limit: str = "",
    spill_limit: str = "",
    notice: Progress = _quiet,
) -> LoadedModel:
    """Open a model folder or workbook; nothing is read until something is asked of it."""
    return LoadedModel(Path(path), as_known_on, progress, engine, memory_limit, spill_limit, notice)

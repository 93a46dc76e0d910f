"""People's records joined to the model at its edge: the room's summaries become rows of the model's
own tables.

Source: handbook 2.3, 2.4.5; req 38, 95, 101.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wpb.kernel.money import round_parts
from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems, Problem, ProblemLog
from wpb.patients.engine import EngineProblem
from wpb.patients.output_check import release_hash
from wpb.patients.outputs import summary, write_cells, write_summary
from wpb.patients.publishing import (
    FOLDER,
    all_or_none,
    hold_differences,
    work_out,
    write_published,
    write_risk,
)
from wpb.patients.risk_publishing import risk_tables, score_of
from wpb.patients.room import MODEL_TABLES, Room, open_room
from wpb.patients.spending import ChargeKey
from wpb.patients.stopping import stopped_from_keyboard
from wpb.tables.joined import chosen_rows, joined
from wpb.tables.schema import TableSpec, TypedTable
from wpb.tables.settings import ModelSettings

OF_CONTRACT = (
    "cost_weights",
    "patient_group_mapping",
    "local_reports",
    "unit_codes",
    "activity_history",
    "time_observations",
    "activity_proxies",
)
"""Tables that say something of an activity type of a contract."""
ReadTable = Callable[[TableSpec, Path], TypedTable | None]


@dataclass
class PersonTables:
    """Adds the tables that people's records give to a model that is being read, and publishes what
    the run makes of them.
    """

    engine: str = "duckdb"
    progress: Callable[[str], None] = lambda stage: None
    memory_limit: str = ""
    spill_limit: str = ""
    """Sizes such as 4GB that the embedded engine is held to; '' leaves them to it."""
    notice: Callable[[str], None] = lambda told: None
    """Told, before anything starts, what the work may keep and spill."""
    room: Room | None = None

    def __call__(
        self,
        folder: Path,
        tables: dict[str, TypedTable],
        settings: ModelSettings,
        read_table: ReadTable,
        hashes: dict[str, str],
        log: ProblemLog,
    ) -> None:
        """Join the summaries of patients/ to the tables, where the model has such a folder;
        problems go to the log.

        A key that both the records and an input table give is a problem, as any key given twice is.
        """
        try:
            room = open_room(
                folder,
                {name: tables[name] for name in MODEL_TABLES},
                read_table,
                settings.spend_year,
                log,
                self.engine,
                settings.population.get("projection", ""),
            )
            if room is None:
                return
            self.room = room
            room.progress, room.memory_limit, room.largest_spill = (
                self._tell,
                self.memory_limit,
                self.spill_limit,
            )
            with stopped_from_keyboard() as room.cancelled:
                for name, table in room.summary().items():
                    tables[name] = joined(tables[name], table)
                _without_pooled(tables, room.gone, log)
            hashes.update({source.label: source.fingerprint for source in room.sources.values()})
        except EngineProblem as fault:
            log.error(Cell("patients", "", ""), fault.what, fault.fix, fault.code)
        except InputProblems:
            return

    def _tell(self, stage: str, state: str, seconds: float) -> None:
        if state == "told":
            self.notice(f"People's records: {stage}.")
        elif state == "started":
            self.progress(f"people's records: {stage.replace('_', ' ')}")

    def publish(self, block_pence: Mapping[ChargeKey, float], folder: Path) -> list[Problem]:
        """Share a run's own pence of block activity over records and write what may be published of
        people.

        `block_pence` is unrounded, by contract, service line and activity type; it is rounded here,
        each contract to its whole pence. Gives what kept the risk score from being made, where
        something did; the rest is published.
        Source: handbook 2.4.5, 3.3.3, 4.4; Mid-Nottinghamshire article (2016); req 95, 100, 101,
        180, 181, 242, 315.
        """
        if self.room is None:
            return []
        pence: dict[ChargeKey, int] = {}
        for contract in sorted({key[0] for key in block_pence}):
            keys = sorted(key for key in block_pence if key[0] == contract)
            pence |= dict(
                zip(
                    keys,
                    round_parts(
                        [block_pence[key] for key in keys], [".".join(key) for key in keys]
                    ),
                    strict=True,
                )
            )
        try:
            pot = {
                key: value
                for key, value in self.room.monetised().items()
                if key[0] not in {code for code, _, _ in pence}
            }
            with stopped_from_keyboard() as self.room.cancelled, all_or_none(folder) as fresh:
                results = work_out(self.room, pence | pot)
                problems = self._publish_risk(self.room, fresh)
                write_published(self.room, hold_differences(self.room, results), fresh)
                self._tell_checker(self.room, fresh)
            self.room.encode().stages.clear_others()
        except EngineProblem as fault:
            raise InputProblems(
                [Problem("error", Cell("patients", "", ""), fault.what, fault.fix, fault.code)]
            ) from None
        return problems

    def _tell_checker(self, room: Room, folder: Path) -> None:
        """Write every cell that leaves for the output checker inside, and what may be said of them
        outside.
        """
        cells_hash = write_cells(room.folder, room.outputs.cells)
        release, known = release_hash(folder / FOLDER), list(room.releases.hashes)
        told = summary(room.outputs, cells_hash) | {
            "release": release,
            "judged_against": known if room.releases.any_earlier else [],
        }
        write_summary(told, folder / FOLDER)
        room.releases.remember(release)

    def _publish_risk(self, room: Room, folder: Path) -> list[Problem]:
        try:
            scored = score_of(room)
            write_risk(risk_tables(room, scored) if scored else {}, folder)
        except EngineProblem as fault:
            return [
                Problem(
                    "warning",
                    Cell("patients/patients.yaml", "patients", "risk"),
                    fault.what,
                    fault.fix,
                    fault.code,
                )
            ]
        return []


def _used(tables: Mapping[str, TypedTable]) -> set[tuple[str, str]]:
    """Service lines and their activity types that some contract has."""
    return {
        *zip(
            tables["contract_activity"].text("service_line"),
            tables["contract_activity"].text("activity_type"),
            strict=True,
        ),
        *zip(
            tables["priced_activity"].text("service_line"),
            tables["priced_activity"].text("point_of_delivery"),
            strict=True,
        ),
    }


def _without_pooled(
    tables: dict[str, TypedTable], gone: Sequence[ChargeKey], log: ProblemLog
) -> None:
    """Leave out what other tables say of activity types that are counted with others, and say
    so.
    """
    if not gone:
        return
    in_contract = {(contract, kind) for contract, _, kind in gone}
    in_line = {(line, kind) for _, line, kind in gone}
    left = []
    for name in (*OF_CONTRACT, "part_scope"):
        table = tables[name]
        first = "service_line" if name == "part_scope" else "contract"
        keys = zip(table.text(first), table.text("activity_type"), strict=True)
        out = in_line - _used(tables) if name == "part_scope" else in_contract
        kept = [row for row, key in enumerate(keys) if key not in out]
        if len(kept) < len(table):
            tables[name] = chosen_rows(table, kept)
            left.append(f"{len(table) - len(kept)} of {name}")
    if left:
        log.note(
            Cell("patients", "", ""),
            f"Rows of activity types that are counted with others are not used: {', '.join(left)}.",
            "",
            "pooled_rows_unused",
        )

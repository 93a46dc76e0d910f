"""The room's door: a model folder with people's records in, tables for the chain out. No row about
a person leaves.

Source: handbook 2.3, 2.4.5, 2.5, 2.6; req 38, 95, 101, 102, 130.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from functools import cached_property
from pathlib import Path

from wpb.kernel.places import Cell
from wpb.kernel.problems import Problem, ProblemLog
from wpb.patients import packages, summaries
from wpb.patients.carried_use import asks_for_segments, projection_bands, summarise_use, tally
from wpb.patients.cells import Cells, check_block_schedules, read_cells
from wpb.patients.contributions import (
    BY_LIST,
    ListCells,
    by_pool,
    charge_facts,
    list_cells,
    pool_codes,
    pooled,
)
from wpb.patients.engine import Engine, EngineProblem, Source, open_engine, rows_of
from wpb.patients.faults import list_faults, pence_by_table, tell_faults, tell_register_faults
from wpb.patients.gate import PENCE, UNITS, Contributions, DisclosureRule
from wpb.patients.governance import check_governance
from wpb.patients.monetising import block_pence, pot_pence
from wpb.patients.opt_outs import leave_out_opted
from wpb.patients.outputs import OutputCell, Outputs, note_activity, note_pooled
from wpb.patients.people import count_register, people_by_list
from wpb.patients.person_level import PersonLevel
from wpb.patients.pooling import MIXED, POOL_KIND, Pooling, Side, pool_lists, summed
from wpb.patients.private_files import (
    ENGINE_FOLDER,
    clear,
    forget,
    open_private,
    refuse_links,
    spill_folder,
    write_private,
)
from wpb.patients.releases import Releases, read_cell, read_releases, spelt_cell
from wpb.patients.safeguards import (
    check_agreements,
    check_columns,
    check_identifiers,
    check_small_table,
)
from wpb.patients.segments import (
    Kinds,
    Rule,
    check_conditions,
    cuts_for,
    kinds_of,
    read_cohort,
    read_rules,
)
from wpb.patients.settings import (
    RECORD_TABLES,
    PatientSettings,
    check_appointments,
    read_settings,
)
from wpb.patients.sources import bytes_of, find_sources, tell_unused
from wpb.patients.specifications import PERSON_TABLES, RISK_SCORES, SMALL_TABLES
from wpb.patients.spending import ChargeKey
from wpb.patients.stages import Progress, Stages
from wpb.tables.schema import TableSpec, TypedTable, empty_table

FOLDER = "patients"
KEPT_TABLES = {
    "segment_use": ("segment_use", "segment_people"),
    "care_packages": ("care_packages",),
}
"""Tables that stay as they were released as a whole, and the tables of the model that they make."""
LAYOUT = "pooled-7"
"""Changes when summaries are made in another way, so that kept ones are made anew."""
KEPT_SHARE, SPILLED_SHARE = 1.5, 3.0
"""What is kept and what may spill, as shares of the records' size; measured, and rounded up."""
MODEL_TABLES = (
    "contracts",
    "contract_methods",
    "contract_activity",
    "cost_drivers",
    "provider_costs",
    "time_observations",
    "schedule_lines",
    "cost_weights",
    "benchmark_costs",
    "national_unit_costs",
    "gp_lists",
    "prices",
    "primary_care_payments",
    "growth_categories",
    "population_projections",
    "service_lines",
    "part_scope",
    "commissioner_ledger",
)


@dataclass
class Room:
    """The person-level side of one model folder, opened with an engine."""

    folder: Path
    tables: Mapping[str, TypedTable]
    small: Mapping[str, TypedTable]
    settings: PatientSettings
    sources: Mapping[str, Source]
    cells: Cells
    rules: tuple[Rule, ...]
    cohort: Rule | None
    log: ProblemLog
    bands: tuple[tuple[int, str], ...] = ()
    """First age and name of each age band of the population projection, where use by segment is to
    be carried into the forecast.
    """
    engine_address: str = "duckdb"
    memory_limit: str = ""
    largest_spill: str = ""
    progress: Progress = lambda stage, state, seconds: None
    cancelled: Callable[[], bool] | None = None
    work: PersonLevel | None = field(default=None, init=False)
    pooling: Pooling | None = field(default=None, init=False)
    """What is counted with what, once that is decided."""
    unpooled: Cells = field(init=False)
    """The cells as they were before that."""
    pooled_cells: ListCells = field(default_factory=dict, init=False)
    """What each list's people contribute to each pooled activity, at no pounds for block sums."""
    charge_keys: list[ChargeKey] = field(default_factory=list, init=False)
    """What the last adding-up charged: contract, service line and activity type by number."""
    gone: list[ChargeKey] = field(default_factory=list)
    """Activities that are no more: they are counted with others."""

    @property
    def list_codes(self) -> list[str]:
        """GP lists in order of code."""
        return sorted(self.tables["gp_lists"].text("list_code"))

    def list_of_kind(self, kind: str) -> str:
        """The first list of a kind by code ('' where there is none)."""
        lists = self.tables["gp_lists"]
        return min(
            (
                code
                for code, found in zip(lists.text("list_code"), lists.text("kind"), strict=True)
                if found == kind
            ),
            default="",
        )

    @property
    def proxies(self) -> dict[ChargeKey, tuple[str, str]]:
        """Services without activity by practice, and the contract and line whose activity they
        follow.
        """
        table = self.small["proxy_services"]
        names = ("contract", "service_line", "activity_type", "proxy_service_line")
        rows = zip(*(table.text(name) for name in names), strict=True)
        own = {(contract, line, kind): (contract, proxy) for contract, line, kind, proxy in rows}
        if self.pooling is None:
            return own
        follows = self.pooling.follows
        moved = {key[:2]: followed for key, followed in follows.items()}
        return {key: moved.get(proxy, proxy) for key, proxy in own.items()} | follows

    @property
    def rule(self) -> DisclosureRule:
        """What a cell must hold to be shown."""
        return self.settings.rule

    @cached_property
    def outputs(self) -> Outputs:
        """Every figure that leaves, for the output checker."""
        return Outputs(self.rule)

    @cached_property
    def releases(self) -> Releases:
        """What earlier releases of this place and year let out."""
        return read_releases(
            self.folder,
            self.settings.activity_year,
            self.rule,
            not self.settings.differences_accepted_by,
        )

    def side_of(self) -> dict[str, Side]:
        """Whether each list is in scope, and its commissioner: elsewhere counts as the first
        one's.
        """
        lists = self.tables["gp_lists"]
        names = ("list_code", "participation", "commissioner")
        rows = list(zip(*(lists.text(name) for name in names), strict=True))
        first = min((owner for _, _, owner in rows if owner), default="")
        return {code: (part not in ("none", ""), owner or first) for code, part, owner in rows}

    def decide_pools(self) -> Pooling:
        """Decide, once for the run, which activities and lists are counted with which.

        Raises InputProblems, EngineProblem, Cancelled.
        Source: handbook 2.4.5; req 463.
        """
        if self.pooling is None:
            work = self.encode()
            self.add_up({}, "by_list")
            codes = [self.list_of_kind("elsewhere"), *self.list_codes]
            cells = list_cells(work.stages.fetch(BY_LIST), self.charge_keys, codes)
            own = {key: by_list for key, by_list in cells.items() if key not in self.proxies}
            if any("" in by_list for by_list in own.values()):
                self.log.error(
                    Cell("gp_lists", "gp_lists", "kind"),
                    "Some activity is of people on no list, and gp_lists has no list of people"
                    " elsewhere to show it under.",
                    "Add a row of kind elsewhere, so that it is not spread over your lists.",
                    "no_list_elsewhere",
                )
                self.log.raise_if_errors()
            side_of, lists = self.side_of(), self.tables["gp_lists"]
            side_codes = pool_codes(set(side_of.values()))
            pooling = Pooling(self.rule)
            pooling.weights = {
                code: {side_codes[side_of[code]]: int(people) if people == people else 0}
                for code, people in zip(
                    lists.text("list_code"), lists.numbers("population").tolist(), strict=True
                )
            }
            facts = charge_facts(
                self.cells, self.tables["service_lines"], self.tables["part_scope"]
            )
            self.pooled_cells = pooled(own, facts, side_of, pooling, self.releases)
            self.pooling = pooling
            self.unpooled = self.cells
            self.cells = work.cells = self.cells.pooled(pooling.key_of, pooling.alone)
        return self.pooling

    def shown_uses(self) -> list[summaries.ListUse]:
        """Use by pooled activity and list or pool, as it may be shown; none of activities that have
        too few people in their whole contract.
        """
        pooling = self.decide_pools()
        uses: list[summaries.ListUse] = []
        for key, by_list in sorted(self.pooled_cells.items()):
            if key in pooling.alone:
                continue
            units: dict[str, int] = {}
            pence: dict[str, int] = {}
            for code, cell in by_pool(key, by_list, pooling).items():
                for into, measure in ((units, UNITS), (pence, PENCE)):
                    for name, part in pooling.shown(key, code, int(cell[measure].sum())).items():
                        into[name] = into.get(name, 0) + part
            uses += [
                summaries.ListUse(key, code, units[code], pence[code]) for code in sorted(units)
            ]
        return uses

    def encode(self) -> PersonLevel:
        """Bring people and records in, once; tell what is wrong with them.

        Raises InputProblems where a source must be refused or too much of it is faulty;
        EngineProblem, Cancelled.
        """
        if self.work is None:
            engine = self._engine()
            stages = Stages(self.folder / ENGINE_FOLDER, engine, self.progress, self.cancelled)
            self._check_disk(stages.kept_bytes())
            by_sex = any(rule.sex for rule in self.rules)
            cuts = cuts_for(
                [*self.rules, *([self.cohort] if self.cohort else [])],
                [first for first, _ in self.bands],
            )
            work = PersonLevel(
                stages,
                self.sources,
                self.cells,
                self.list_codes,
                self.list_of_kind("unregistered"),
                self.settings.activity_year,
                cuts,
                by_sex,
            )
            self._check_sources(engine, work)
            self.sources = work.sources = leave_out_opted(
                work, self.settings.governance, self.settings.smallest_count, self.log
            )
            work.encode()
            check_conditions(
                [
                    *(self.rules if len(self.small["segment_rules"]) else ()),
                    *([self.cohort] if self.cohort else []),
                ],
                work.conditions,
                self.log,
            )
            self.work = work
        return self.work

    def _check_disk(self, kept: int) -> None:
        """Say, before anything starts, what the work may keep and spill; refuse where the disk
        can't hold what is yet to be kept.

        docs/performance.md has what was measured.
        """
        size = sum(bytes_of(source) for source in self.sources.values())
        keeps, spills = round(KEPT_SHARE * size), round(SPILLED_SHARE * size)
        limit = f", by the limit given at most {self.largest_spill}" if self.largest_spill else ""
        self.progress(
            f"up to {_size(keeps)} kept and {_size(spills)} spilled{limit} in"
            f" patients/{ENGINE_FOLDER}",
            "told",
            0.0,
        )
        if shutil.disk_usage(self.folder).free < keeps - kept:
            raise EngineProblem(
                "disk_short",
                f"The disk has less free than the {_size(keeps)} that working up these records"
                " keeps.",
                "Free some space, or move the model to a larger disk.",
            )

    def _engine(self) -> Engine:
        return open_engine(
            self.engine_address,
            scratch=spill_folder(open_private(self.folder / ENGINE_FOLDER)),
            memory_limit=self.memory_limit,
            largest_spill=self.largest_spill,
        )

    def _check_sources(self, engine: Engine, work: PersonLevel) -> None:
        for name, source in self.sources.items():
            spec = next(table for table in PERSON_TABLES if table.name == name)
            try:
                types = work.types[name] = engine.read(source)
                check_columns(source, spec, types, self.log)
                check_identifiers(engine, source, spec, types, self.log)
            except EngineProblem as fault:
                if fault.code in ("memory", "disk_full"):  # and so it would be of every other table
                    raise
                self.log.error(
                    Cell(source.label, name, ""),
                    fault.naming(source.label).what,
                    fault.fix,
                    fault.code,
                )
        self.log.raise_if_errors()

    def monetised(self) -> dict[ChargeKey, int]:
        """Pence of block and primary care activity by the model's own schedule values and
        weights.
        """
        self.decide_pools()
        units = self.encode().units_of()
        return block_pence(self.tables, self.cells, units, self.proxies) | pot_pence(
            self.tables["primary_care_payments"], self.settings.appointments, self.cells, units
        )

    def kinds(self) -> Kinds:
        """What each profile is."""
        work = self.encode()
        return kinds_of(
            work.profiles, tuple(work.age_cuts), work.conditions, self.rules, self.cohort
        )

    def uses(self, work: PersonLevel) -> list[summaries.ListUse]:
        """Use by list and activity, as the last adding-up left it."""
        keys = self.charge_keys
        found = rows_of(
            work.stages.fetch(
                "SELECT list, charge, CAST(SUM(units) AS BIGINT) AS units, CAST(SUM(pence) AS"
                " BIGINT) AS pence FROM by_list GROUP BY list, charge"
            )
        )
        codes = ["", *self.list_codes]
        return [
            summaries.ListUse(keys[row["charge"]], codes[row["list"]], row["units"], row["pence"])
            for row in found
            if keys[row["charge"]] not in self.proxies
        ]

    def add_up(self, pence: Mapping[ChargeKey, int], *results: str) -> dict[ChargeKey, int]:
        """Charge the records and add them up; gives the pounds that no record takes."""
        work = self.encode()
        charges, unmapped = work.charge(pence, self.proxies)
        self.charge_keys = charges.keys
        work.add_up(*results)
        return unmapped

    def summary(self) -> dict[str, TypedTable]:
        """Give the chain's tables, from the kept summary where nothing changed since.

        Raises InputProblems, EngineProblem, Cancelled.
        """
        kept = self.folder / ENGINE_FOLDER / f"summary-{self._digest()}.json"
        if kept.is_file():
            read = json.loads(kept.read_text(encoding="utf-8"))
            self.log.extend(_problem(given) for given in read["problems"])
            summary = summaries.Summary(
                read["rows"], [(code, line, kind) for code, line, kind in read["gone"]]
            )
            self.outputs.cells += [OutputCell(*given) for given in read["outputs"]]
            self.releases.new_rows |= read["new_rows"]
            self.releases.now |= {tuple(place): read_cell(cell) for place, cell in read["now"]}
        else:
            before = len(self.log.problems)
            summary = self._summarise()
            self.log.raise_if_errors()
            written = {
                "rows": summary.rows,
                "gone": summary.gone,
                "new_rows": self.releases.new_rows,
                "now": [[place, spelt_cell(cell)] for place, cell in self.releases.now.items()],
                "outputs": [astuple(cell) for cell in self.outputs.cells],
                "problems": [_spelt(problem) for problem in self.log.problems[before:]],
            }
            for old in kept.parent.glob("summary-*.json"):
                old.unlink()
            write_private(kept, json.dumps(written).encode())
        self.gone = summary.gone
        tables = summaries.typed(summary)
        summaries.write_summaries(tables, self.folder)
        return tables

    def _summarise(self) -> summaries.Summary:
        work, summary, base = self.encode(), summaries.Summary(), self.settings.round_counts_to
        self._tell_register(work)
        pooling, uses = self.decide_pools(), self.shown_uses()
        if self.bands:
            self.add_up({}, "by_activity")
        pence = self.monetised()
        tell_faults(
            work,
            list_faults(work, pence, self.rule),
            pence_by_table(work, pence),
            self.settings.stop_over_share,
            self.log,
        )
        self.log.raise_if_errors()
        summaries.summarise_activity(
            summary, self.cells, uses, self.settings.activity_year, base, pooling
        )
        note_activity(self.outputs, self.pooled_cells, pooling, base)
        without = summaries.summarise_proxies(summary, self.proxies, uses, base)
        alone = [*pooling.alone, *(key for key in without if key not in pooling.alone)]
        summaries.summarise_alone(
            summary, self.tables, self.unpooled, alone, self.settings.activity_year
        )
        _, registers = people_by_list(work)
        self._summarise_registers(summary, registers)
        if self.bands:
            summarise_use(
                summary,
                tally(work, self.kinds(), self.charge_keys, self.bands, self.proxies),
                self.bands,
                work.year,
                self.rule,
                base,
                self.log,
                self.outputs,
                self.cells.priced_lines,
            )
        if "person_care_packages" in self.sources:
            self._summarise_packages(work, summary)
        self._keep_released(summary)
        self._tell_pools(summary, pooling)
        for provider in sorted(self.cells.without_factor):
            self.log.warning(
                Cell("patients/providers.csv", "providers", ""),
                f"Provider {provider} is paid national prices and has no market forces factor for"
                f" {self.settings.activity_year}; a factor of 1 is used.",
                "Add it to providers.",
                "factor_missing",
            )
        return summary

    def _keep_released(self, summary: summaries.Summary) -> None:
        """Let tables stay as an earlier release has them where their differences would show few
        people, and say so.

        Source: handbook 2.4.5; req 463.
        """
        releases, kept = self.releases, list(self.releases.kept)
        self.outputs.kept_as_released(kept)
        for table, of_table in KEPT_TABLES.items():
            cells = self.outputs.contributions
            places = [place for place in cells if place[0] == table]
            rows = {name: summary.rows.get(name, []) for name in of_table}
            if releases.allows(cells, table) or table not in releases.rows:
                releases.now |= {place: cells[place] for place in places}
                releases.new_rows |= rows
                continue
            for name in of_table:
                summary.rows[name] = [dict(row) for row in releases.rows.get(name, [])]
            self.outputs.kept_as_released(places)
            kept += places
        if releases.path.is_file() and not releases.earlier:
            self.log.warning(
                Cell("patients/patients.yaml", "patients", "smallest_count"),
                f"Earlier releases of {self.settings.activity_year} were under another rule than"
                f" {self.rule.told()}, so this run is compared with none of them.",
                "Take the earlier results back before these are released.",
                "earlier_releases_not_compared",
            )
        if self.settings.differences_accepted_by:
            self.log.warning(
                Cell("patients/patients.yaml", "patients", "differences_accepted_by"),
                "Figures may differ from earlier releases by a few people; accepted by"
                f" {self.settings.differences_accepted_by}.",
                "Take the earlier results back, or take the setting out.",
                "earlier_releases_not_compared",
            )
        if kept:
            names = sorted({f"{row} {column}" for _, row, column in kept})
            self.log.warning(
                Cell("patients", "", ""),
                f"Figures that stay as they were released: {len(kept):,}, such as {names[0]}. Each"
                f" differs from an earlier release of {self.settings.activity_year} by too few"
                f" people to be shown ({self.rule.told()}).",
                "Nothing has to be done: they follow once more has changed. Where nothing was"
                " released, run wpb people clear with --releases.",
                "earlier_figures_kept",
            )

    def _tell_register(self, work: PersonLevel) -> None:
        counts, stays = count_register(work)
        tell_register_faults(
            counts,
            stays,
            self.sources["person_register"].label,
            self.settings.stop_over_share,
            self.log,
        )

    def _summarise_registers(
        self, summary: summaries.Summary, registers: Mapping[str, dict[str, Contributions]]
    ) -> None:
        """Write condition registers by list, lists with few patients in pools."""
        pooling, side_of = self.decide_pools(), self.side_of()
        base = self.settings.round_counts_to
        shown: dict[tuple[str, str], int] = {}
        few = []
        for condition, cells in sorted(registers.items()):
            if not cells:
                continue
            if not self.rule.fits(summed(cells.values(), 1)):
                few.append(condition)
                place = ("condition_registers", condition, "")
                self.outputs.add(place, summed(cells.values(), 1), "suppressed")
                continue
            pools = pool_lists(
                cells,
                side_of,
                pool_codes(set(side_of.values())),
                self.rule,
                pooling.without_people,
            )
            key = ("", "condition register", condition)
            if pools:
                pooling.lists[key] = dict(sorted(pools.items()))
            told = by_pool(key, cells, pooling)
            note_pooled(self.outputs, "condition_registers", condition, told, pools, base)
            for code, cell in told.items():
                for name, part in pooling.shown(key, code, int(cell[0].sum())).items():
                    shown[name, condition] = shown.get((name, condition), 0) + part
        summaries.summarise_registers(summary, shown, base)
        if few:
            self.log.warning(
                Cell("patients/person_register", "person_register", ""),
                f"Registers of {', '.join(few)} are suppressed: fewer than"
                f" {self.rule.smallest} people have the condition.",
                "Share what depends on them by another method.",
                "condition_suppressed",
            )

    def _tell_pools(self, summary: summaries.Summary, pooling: Pooling) -> None:
        """Add the pools that were used to the lists, and say what is counted with what."""
        lists = self.tables["gp_lists"]
        codes = pool_codes(set(self.side_of().values()))
        used = pooling.pools_used()
        for (in_scope, owner), code in sorted(codes.items(), key=lambda item: item[1]):
            if code not in used or (in_scope, owner) == MIXED:
                continue
            if code in lists.text("list_code"):
                self.log.error(
                    lists.where(lists.rows_where("list_code", code)[0], "list_code"),
                    f"{code} is the code that a run gives to small numbers pooled.",
                    "Give the list another code.",
                    "list_code_taken",
                )
            summary.add(
                "gp_lists",
                list_code=code,
                name=f"Small numbers pooled, lists {'in' if in_scope else 'out of'} scope",
                kind=POOL_KIND,
                commissioner=owner,
                participation="partial" if in_scope else "none",
                population=0.0,
            )
        kept = {
            *(key for key in self.pooled_cells if key not in pooling.charges),
            *self.proxies,
        }
        summary.gone = sorted(
            key
            for key in pooling.charges
            if (key[0], key[2]) not in {(one[0], one[2]) for one in kept}
        )
        if used or pooling.charges or pooling.alone:
            self.log.note(
                Cell("patients", "", ""),
                "Small numbers are pooled before anything is made from them"
                f" ({self.rule.told()}): activity types counted with another,"
                f" {len(pooling.charges)}; activity types with lists in a pool,"
                f" {len(pooling.lists)}. results/people/pooled.csv says which.",
                "",
                "small_numbers_pooled",
            )
        for contract in sorted({key[0] for key in pooling.alone}):
            self.log.warning(
                Cell("patients/commissioned_activity.csv", "commissioned_activity", ""),
                f"The records of contract {contract} are of too few people to be shown"
                f" ({self.rule.told()}): it is shared by the population of lists, at what the"
                " contract pays.",
                "Count it with another contract, or take its rows out of commissioned_activity.",
                "contract_of_few",
            )

    def _summarise_packages(self, work: PersonLevel, summary: summaries.Summary) -> None:
        stages, side_of = self.encode_packages(work), self.side_of()
        rows, alone = packages.packages_fit_to_leave(
            packages.package_cells(
                rows_of(stages.fetch(packages.BY_GROUP)),
                [self.list_of_kind("elsewhere"), *self.list_codes],
            ),
            side_of,
            pool_codes(set(side_of.values())),
            self.decide_pools(),
            self.outputs,
        )
        rows += self._packages_from_ledger(rows, alone)
        packages.tell_package_faults(
            rows_of(stages.fetch(packages.BY_FAULT)),
            rows_of(stages.fetch(packages.LISTLESS))[0],
            self.sources["person_care_packages"].label,
            self.settings.stop_over_share,
            self.log,
        )
        summaries.summarise_packages(summary, rows, self.settings.activity_year)

    def _packages_from_ledger(
        self, shown: Sequence[Mapping[str, object]], alone: Sequence[packages.Payer]
    ) -> list[dict[str, object]]:
        """Packages of too few people to be shown, at what their commissioner's ledger has for care
        packages; none where it has nothing, or packages of the same commissioner are shown.

        Nothing of the records is in it. Source: handbook 2.6; req 126, 463.
        """
        ledger, rows = self.tables["commissioner_ledger"], list[dict[str, object]]()
        for payer in alone:
            paid = sum(
                float(ledger.numbers("ledger_value")[row])
                for row in ledger.rows_where("commissioner", payer[0])
                if str(ledger.columns["covers"][row]) == "care_packages"
            )
            known = paid and payer[0] not in {row["commissioner"] for row in [*shown, *rows]}
            if known:
                rows.append(
                    {
                        "commissioner": payer[0],
                        "service_line": payer[1],
                        "funding_stream": payer[2],
                        "list_code": self._largest_list(),
                        "gross_value": paid,
                        "client_contribution": 0.0,
                        "in_scope_share": 1.0,
                    }
                )
            self.log.warning(
                Cell(self.sources["person_care_packages"].label, "person_care_packages", ""),
                f"Care packages of {payer[0]} in {payer[1]} ({payer[2]}) are suppressed: too few"
                f" people have one ({self.rule.told()}). "
                + (
                    "They are in the budget at what the commissioner's ledger has for them, all in"
                    " scope and on one list."
                    if known
                    else "They are not in the budget."
                ),
                "Enter them in care_packages by groups that may be shown.",
                "packages_suppressed",
            )
        return rows

    def _largest_list(self) -> str:
        """The list in scope with the most people; the first one where none has a population."""
        lists = self.tables["gp_lists"]
        sizes = dict(
            zip(lists.text("list_code"), lists.numbers("population").tolist(), strict=True)
        )
        inside = [code for code, side in self.side_of().items() if side[0]] or list(sizes)
        return min(inside, key=lambda code: (-(sizes[code] or 0.0), code))

    def encode_packages(self, work: PersonLevel) -> Stages:
        """Bring people's care packages in."""
        work.stages.make(
            "packages",
            packages.encoded_packages(work.reader("person_care_packages")),
            ["person_care_packages_source", "people"],
        )
        return work.stages

    def _digest(self) -> str:
        """Digest everything a summary is made from."""
        digest = hashlib.sha256(
            repr(
                (
                    LAYOUT,
                    sorted((name, source.fingerprint) for name, source in self.sources.items()),
                    self.settings,
                    self.rules,
                    self.cohort,
                    self.bands,
                    self.releases.digest(),
                    self.engine_address.split(":")[0],
                )
            ).encode()
        )
        for table in [
            *(self.small[spec.name] for spec in SMALL_TABLES),
            *(self.tables[name] for name in MODEL_TABLES),
        ]:
            for name, column in sorted(table.columns.items()):
                digest.update(f"{table.spec.name}.{name}:{column.tolist()!r}".encode())
        return digest.hexdigest()[:20]


def open_room(
    model_folder: Path,
    tables: Mapping[str, TypedTable],
    read_table: Callable[[TableSpec, Path], TypedTable | None],
    spend_year: str,
    log: ProblemLog,
    engine: str = "duckdb",
    projection: str = "",
) -> Room | None:
    """Open the person-level side of a model folder; None where it has no records of people.

    `read_table` reads one small table's CSV and logs what is wrong with it; `projection` names the
    population projection that growth rests on.
    Raises InputProblems with every problem of the small tables and settings at once.
    """
    folder = model_folder / FOLDER
    if not folder.is_dir():
        return None
    refuse_links(folder, log)
    log.raise_if_errors()
    settings = read_settings(folder, spend_year, log)
    small = {
        spec.name: (
            (
                read_table(spec, folder / f"{spec.name}.csv")
                if (folder / f"{spec.name}.csv").is_file()
                else None
            )
            or empty_table(spec)
        )
        for spec in SMALL_TABLES
    }
    sources = _sources_of(folder, settings, small, log)
    cells = read_cells(
        small["commissioned_activity"],
        tables["prices"],
        small["providers"],
        settings.activity_year,
        log,
    )
    check_block_schedules(cells, tables["contracts"], tables["schedule_lines"], log)
    check_appointments(
        settings.appointments,
        {
            service.activity_type
            for service in cells.services.values()
            if service.valuation == "appointments"
        },
        tables["primary_care_payments"].text("payment_stream"),
        log,
    )
    cohort = read_cohort(settings.cohort, log)
    bands = (
        projection_bands(tables["population_projections"], projection, log)
        if asks_for_segments(tables["growth_categories"])
        else ()
    )
    log.raise_if_errors()
    return Room(
        folder,
        tables,
        small,
        settings,
        sources,
        cells,
        read_rules(small["segment_rules"]),
        cohort,
        log,
        bands,
        engine,
    )


def _sources_of(
    folder: Path, settings: PatientSettings, small: Mapping[str, TypedTable], log: ProblemLog
) -> dict[str, Source]:
    """Find the records, and say what must be there and is not, or must not be there and is."""
    sources = find_sources(
        folder, {table.name: table for table in PERSON_TABLES}, settings.sources, log
    )
    forget(folder, set(RECORD_TABLES) - set(sources))
    if "person_register" not in sources:
        clear(folder)
    if "person_register" not in sources and not log.errors:
        log.error(
            Cell(f"{FOLDER}/person_register", "person_register", ""),
            "There is no register of people.",
            "Put it at patients/person_register.parquet or .csv, or name it under sources in"
            " patients.yaml.",
            "register_missing",
        )
    check_agreements(settings, "person_care_packages" in sources, log)
    check_governance(settings.governance, datetime.date.today(), log)
    for table in small.values():
        check_small_table(table, log)
    tell_unused(folder, {*(spec.name for spec in SMALL_TABLES), *RECORD_TABLES}, sources, log)
    if settings.risk.get("method") == "supplied" and RISK_SCORES.name not in sources:
        log.error(
            Cell(f"{FOLDER}/patients.yaml", "patients", "risk.method"),
            "A risk score is to be supplied, and there is none.",
            "Put it at patients/risk_scores.csv or .parquet with pseudonym and score, or set method"
            " to train.",
            "risk_scores",
        )
    return sources


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 100_000_000 else f"{max(1, round(count / 1e6))} MB"


def _spelt(problem: Problem) -> dict[str, object]:
    return {
        "severity": problem.severity,
        "what": problem.what,
        "fix": problem.fix,
        "code": problem.code,
        "where": asdict(problem.where) if problem.where else None,
    }


def _problem(given: Mapping[str, object]) -> Problem:
    where = given["where"]
    return Problem(
        given["severity"],  # type: ignore[arg-type]
        Cell(**where) if isinstance(where, dict) else None,
        str(given["what"]),
        str(given["fix"]),
        str(given["code"]),
    )

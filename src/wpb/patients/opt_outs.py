"""People who opted out: their records are left out at the way in, before anything is counted.

Source: national data opt-out; handbook 2.6; req 462.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.patients.engine import Source, rows_of
from wpb.patients.governance import Governance
from wpb.patients.person_level import PersonLevel
from wpb.patients.specifications import OPT_OUTS

REGISTER = "person_register"


def leave_out_opted(
    work: PersonLevel, governance: Governance, smallest: int, log: ProblemLog
) -> Mapping[str, Source]:
    """Leave every row of people who opted out unread, tell how many, and give the sources as they
    are read then.

    They are named by the table opt_outs, or by a flag of the register. Source: req 462.
    """
    statement = _opted(work, governance, log)
    log.raise_if_errors()
    if not statement:
        return work.sources
    stages, of = work.stages, OPT_OUTS.name if OPT_OUTS.name in work.sources else REGISTER
    work.reader(of)
    stages.make("opted_out", statement, [f"{of}_source"])
    opted = "SELECT person FROM opted_out"
    changed: dict[str, Source] = {}
    records = 0
    for name, source in work.sources.items():
        changed[name] = source
        if name == OPT_OUTS.name:
            continue
        key = f"COALESCE({work.reader(name).key('pseudonym')}, 0)"
        counted = stages.fetch(
            f"SELECT COUNT(*) AS found FROM {name}_source WHERE {key} IN ({opted})"
        )
        records += rows_of(counted)[0]["found"]
        stages.engine.leave_out(source, f"{key} NOT IN ({opted})")
        spelt = f"{source.fingerprint}:{stages.keys['opted_out']}"
        changed[name] = replace(source, fingerprint=hashlib.sha256(spelt.encode()).hexdigest())
    people = rows_of(stages.fetch("SELECT COUNT(DISTINCT person) AS found FROM opted_out"))[0]
    few = people["found"] < smallest
    who = f"fewer than {smallest}" if few else f"{people['found']:,}"
    rows = "" if few else f" ({records:,} rows of all tables)"
    log.note(
        Cell(work.sources[of].label, of, ""),
        f"People who opted out: {who}. What is held of them{rows} is left out before anything is"
        " counted; their care stays in the contracts' totals, and no record explains it.",
        "",
        "opt_outs_applied",
    )
    return changed


def _opted(work: PersonLevel, governance: Governance, log: ProblemLog) -> str:
    """State the people who opted out; '' where no one is named."""
    given = governance.opt_outs
    if OPT_OUTS.name in work.sources:
        key = work.reader(OPT_OUTS.name).key("pseudonym")
        return f"SELECT DISTINCT {key} AS person FROM opt_outs_source WHERE {key} IS NOT NULL"
    if "file" in given:
        log.error(
            Cell("patients/patients.yaml", "patients", "governance.opt_outs.file"),
            "The settings name a file of people who opted out, and there is none.",
            "Put their pseudonyms at patients/opt_outs.csv or .parquet.",
            "opt_outs_missing",
        )
        return ""
    column = given.get("column", "")
    if not column:
        return ""
    reader = work.reader(REGISTER)
    if not reader.has(column):
        log.error(
            Cell("patients/patients.yaml", "patients", "governance.opt_outs.column"),
            "The register has no column of that name, so opt-outs can't be applied.",
            "Name the register's column that holds true for people who opted out.",
            "opt_outs_missing",
        )
        return ""
    key = reader.key("pseudonym")
    return (
        f"SELECT DISTINCT {key} AS person FROM {REGISTER}_source WHERE {reader.flag(column)} AND"
        f" {key} IS NOT NULL"
    )

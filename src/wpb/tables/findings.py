"""What a review check found: what was checked, of what, whether it passed, and on what evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.records import Section, SectionColumn

Status = Literal["passed", "warned", "not_checked"]
STATUS_WORDS = {"passed": "passed", "warned": "look at this", "not_checked": "not checked"}


@dataclass(frozen=True)
class Finding:
    """One check of one subject: passed, warned (a reader must weigh it), or not checked for want of
    figures.
    """

    check: str
    subject: str
    status: Status
    evidence: str
    fix: str = ""
    place: Cell | None = None


def passed(check: str, subject: str, evidence: str, place: Cell | None = None) -> Finding:
    """A check that passed, with its evidence."""
    return Finding(check, subject, "passed", evidence, "", place)


def warned(check: str, subject: str, evidence: str, fix: str, place: Cell | None = None) -> Finding:
    """A check that did not pass, with its evidence and what to do."""
    return Finding(check, subject, "warned", evidence, fix, place)


def not_checked(check: str, subject: str, missing: str) -> Finding:
    """A check that could not be made, and what it needs."""
    return Finding(check, subject, "not_checked", missing, missing)


def judged(
    check: str, subject: str, fine: bool, evidence: str, fix: str, place: Cell | None = None
) -> Finding:
    """A check that passed or warned by a test."""
    return (
        passed(check, subject, evidence, place)
        if fine
        else warned(check, subject, evidence, fix, place)
    )


def tell(findings: Iterable[Finding], problems: ProblemLog) -> None:
    """Put every finding that warns among the problems, once for each place and check."""
    for finding in findings:
        if finding.status == "warned":
            problems.warning(finding.place, finding.evidence, finding.fix, finding.check)


def findings_section(name: str, title: str, note: str, findings: Sequence[Finding]) -> Section:
    """Lay findings out as a section."""
    columns = (
        SectionColumn("check", "Check", "code"),
        SectionColumn("subject", "Of", "code"),
        SectionColumn("status", "Result"),
        SectionColumn("evidence", "Evidence"),
        SectionColumn("fix", "What to do"),
    )
    rows = tuple(
        (
            f.check,
            f.subject,
            STATUS_WORDS[f.status],
            f.evidence,
            f.fix if f.status == "warned" else "",
        )
        for f in findings
    )
    return Section(name, title, note, columns, rows)

"""The ledger, the contract schedule and the practice list, each as rows with amounts in pounds."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from wpb.intake.account import FileAccount
from wpb.intake.first_budget.answers import NONE_WORDS, Answers, decimal_of
from wpb.intake.first_budget.sources import (
    Source,
    Wanted,
    finish_account,
    hold_to,
    leave_out_duplicates,
    leave_out_totals,
    read_amounts,
    read_source,
    settle_unit,
    words,
)
from wpb.intake.icbs import pick_place
from wpb.intake.mapping.amounts import plain
from wpb.intake.mapping.suggesting import part_year_said
from wpb.kernel.calendar import is_financial_year
from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems
from wpb.tables.population import NEEDS

PAYMENT_STREAMS = (
    *("global_sum", "capitation", "apms", "cqc_fees", "mpig", "qof", "des", "enhanced_services"),
    *("out_of_area_urgent_care", "local_items", "premises", "vaccinations", "central_development"),
    "dispensing",
)
BASES = {
    **dict.fromkeys(("api", "aligned", "aligned payment and incentive"), "aligned"),
    **dict.fromkeys(("block", "block contract", "fixed"), "block"),
    **dict.fromkeys(("activity", "pbr", "cost per case", "cost and volume"), "activity"),
}
LEDGER_COLUMNS = (
    Wanted("cost_centre", re.compile(r"^cost cent(re|er)( code)?$|^cc$")),
    Wanted(
        "cost_centre_name", re.compile(r"^cost cent(re|er) (name|desc(ription)?)$|^cc (name|desc)$")
    ),
    Wanted(
        "account",
        re.compile(r"^(subjective|account|nominal|analysis|gl)( code)?$"),
        needed=True,
    ),
    Wanted(
        "description",
        re.compile(r"^((subjective|account|nominal) )?(desc|description|name)$|^narrative$"),
        needed=True,
    ),
    Wanted(
        "budget",
        re.compile(r"\b(annual|full year|fy)\b.*\bbudget\b|\bbudget\b.*\b(annual|full year|fy)\b"),
        figures=True,
        never=re.compile(r"\bvar|\bytd\b|to date"),
    ),
    Wanted(
        "outturn",
        re.compile(r"\boutturn\b|\bfot\b|\bfull year (forecast|actual)\b"),
        figures=True,
        never=re.compile(r"\bvar|\bytd\b|to date|\bbudget\b|\b(last|prior|previous) year\b"),
    ),
    Wanted(
        "year_to_date",
        re.compile(
            r"\b(ytd|year to date|to date)\b.*\b(actual|spend)\b|\bactual\b.*\b(ytd|to date)"
        ),
        figures=True,
        never=re.compile(r"\bvar|\bbudget\b"),
    ),
)
YEAR_COLUMNS = ("budget", "outturn")
CONTRACT_COLUMNS = (
    Wanted("contract", re.compile(r"^contract( ref(erence)?| code| no| number| id)?$"), True),
    Wanted("provider_name", re.compile(r"^provider( name)?$"), True),
    Wanted("provider", re.compile(r"^(provider|organisation|ods) code$"), True),
    Wanted("type", re.compile(r"^(contract|payment) (type|basis)$|^type$"), True),
    Wanted("service", re.compile(r"^service( line| name)?$"), True),
    Wanted("fixed", re.compile(r"\bfixed\b"), figures=True),
    Wanted("variable", re.compile(r"\bvariable\b"), figures=True),
    Wanted("value", re.compile(r"\btotal\b|\b(annual|contract) value\b|^value\b"), figures=True),
)
PRACTICE_COLUMNS = (
    Wanted("practice", re.compile(r"^(gp )?(practice|org|ods) ?code$|^code$"), True),
    Wanted("name", re.compile(r"^(gp )?practice name$|^name$"), True),
    Wanted(
        "people",
        re.compile(r"^(number of patients|patients|list size|registered (patients|population))$"),
        True,
        True,
    ),
    Wanted("weighted", re.compile(r"^weighted (capitation|patients|list|list size|population)$")),
    Wanted("neighbourhood", re.compile(r"^(pcn|neighbourhood|network)( name)?$")),
)
STREAM_WORDS = (
    ("global_sum", re.compile(r"\bglobal sum\b|\bgms\b|\bpms\b")),
    ("qof", re.compile(r"\bqof\b|quality and outcomes")),
    ("premises", re.compile(r"\bpremises\b")),
    ("enhanced_services", re.compile(r"\benhanced services\b")),
    ("vaccinations", re.compile(r"\bvaccinations?\b")),
    ("dispensing", re.compile(r"\bdispensing\b")),
    ("mpig", re.compile(r"\bmpig\b")),
)
PEOPLE_TOLERANCE = Decimal("0.5")
"""Published populations are projections with decimals, and control totals are whole people."""
OTHER_PRACTICE_HEADINGS = re.compile(
    r"^(publication|extract date|date|icb|icb code|icb name|pcn code|postcode|sub icb|org type)\b"
)


@dataclass
class LedgerLine:
    """One line of the ledger, its amounts added up over rows that share all its codes."""

    code: str
    centre: str
    centre_name: str
    account: str
    description: str
    place: Cell
    amounts: dict[str, Decimal] = field(default_factory=dict)
    """Pounds by kind: budget, outturn, year_to_date."""
    replaced_by: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What an answer may call the line by."""
        return (self.code, self.centre, f"{self.centre}-{self.account}", self.description)


@dataclass
class ServiceValue:
    """One service of a contract: pounds fixed and variable."""

    service: str
    fixed: Decimal
    variable: Decimal
    place: Cell

    @property
    def value(self) -> Decimal:
        """Fixed and variable."""
        return self.fixed + self.variable


@dataclass
class ContractEntry:
    """One contract of the schedule with its services."""

    code: str
    provider: str
    provider_name: str
    kind: str
    basis: str
    place: Cell
    services: list[ServiceValue] = field(default_factory=list)

    @property
    def value(self) -> Decimal:
        """What the year costs."""
        return sum((service.value for service in self.services), Decimal(0))

    @property
    def fixed(self) -> Decimal:
        """The fixed part."""
        return sum((service.fixed for service in self.services), Decimal(0))


@dataclass
class PracticeEntry:
    """One practice: people, weighted people, and payments by stream."""

    code: str
    name: str
    people: Decimal
    weights: dict[str, str]
    """Weighted people by need, as the file writes them."""
    neighbourhood: str
    payments: dict[str, Decimal]
    place: Cell


@dataclass
class Files:
    """What the three files hold, and the account of each."""

    ledger: list[LedgerLine] = field(default_factory=list)
    contracts: list[ContractEntry] = field(default_factory=list)
    practices: list[PracticeEntry] = field(default_factory=list)
    accounts: list[FileAccount] = field(default_factory=list)
    paths: dict[str, Path] = field(default_factory=dict)
    controls: list[dict[str, str]] = field(default_factory=list)
    """Every control total the user gave, with what was found."""
    period: str = ""
    part_year: str = ""

    @property
    def payments(self) -> Decimal:
        """What all practices are paid."""
        return sum((sum(one.payments.values(), Decimal(0)) for one in self.practices), Decimal(0))


def read_files(answers: Answers, beside: Path) -> Files:
    """Read the three files as far as the answers allow; what is wrong or open stands in answers."""
    files = Files()
    ledger = read_source("ledger", answers, beside, LEDGER_COLUMNS)
    if ledger is not None:
        _ledger(ledger, answers, files)
    schedule = read_source("contracts", answers, beside, CONTRACT_COLUMNS)
    if schedule is not None:
        _contracts(schedule, answers, files)
    if _published(answers, beside, files):
        practices = None
    else:
        practices = read_source("practices", answers, beside, PRACTICE_COLUMNS)
    if practices is not None:
        _practices(practices, answers, files)
    for source in (ledger, schedule, practices):
        if source is not None:
            files.paths[source.step] = source.layout.path
            files.controls += source.controls
    return files


def code_of(text: str) -> str:
    """Make a code of a name: capital letters, digits and hyphens."""
    return "-".join(re.findall(r"[A-Z0-9]+", text.upper().replace("'", "")))[:40].strip("-")


def _ledger(source: Source, answers: Answers, files: Files) -> None:
    kinds = [name for name in ("budget", "outturn", "year_to_date") if name in source.headings]
    leave_out_totals(
        source,
        answers,
        kinds,
        ("cost_centre", "account"),
        "cost_centre_name description",
        {name: f"ledger.control_totals.{name}" for name in kinds},
    )
    leave_out_duplicates(source, answers)
    settle_unit(source, answers, kinds)
    files.period = source.account.period
    files.part_year = part_year_said(source.layout)
    chosen = _year_column(source, answers, files)
    read_amounts(source, answers, [chosen] if chosen else [], "error")
    read_amounts(source, answers, [name for name in kinds if name != chosen], "nil")
    for name in kinds:
        hold_to(source, answers, name, f"ledger.control_totals.{name}", "pounds")
    files.accounts.append(finish_account(source))
    files.ledger = _lines(source, answers)


def _year_column(source: Source, answers: Answers, files: Files) -> str:
    """Which column is the year: always the user's to say; a year to date only at month 12."""
    whole = [name for name in YEAR_COLUMNS if name in source.headings]
    part = f" It is a report of part of a year ({files.part_year})." if files.part_year else ""
    named = ", ".join(f"{name} is '{source.headings[name]}'" for name in whole)
    if not whole:
        answers.ask(
            "ledger.columns.budget",
            f"No heading of {source.layout.path.name} is sure to be a whole year's budget or"
            f" outturn.{part} Which one is?",
            source.layout.headings,
        )
        return ""
    return answers.needed(
        "ledger.year_column",
        f"Which column of {source.layout.path.name} is the year's spend to start from?{part}"
        f" {named}.",
        whole,
    )


def _lines(source: Source, answers: Answers) -> list[LedgerLine]:
    found: dict[tuple[str, str, str], LedgerLine] = {}
    for row in source.rows:
        centre, account, described = (
            source.text(row, name) for name in ("cost_centre", "account", "description")
        )
        lacking = next(
            (
                name
                for name in ("account", "cost_centre")
                if name in source.headings and not source.text(row, name)
            ),
            "",
        )
        if lacking:
            answers.log.error(
                source.where(row, lacking),
                f"A row with figures has no {lacking.replace('_', ' ')}.",
                "Enter it, or take the row out.",
                "code_missing",
            )
            continue
        key = (centre, account, described)
        if key not in found:
            found[key] = LedgerLine(
                "",
                centre or account,
                source.text(row, "cost_centre_name") or described,
                account,
                described or account,
                source.where(row, "account"),
            )
        amounts = found[key].amounts
        for name, values in source.amounts.items():
            amounts[name] = amounts.get(name, Decimal(0)) + values.get(row, Decimal(0))
    lines = [found[key] for key in sorted(found)]
    _name_lines(lines)
    return lines


def _name_lines(lines: list[LedgerLine]) -> None:
    """Give each line its code: cost centre and account, and words of its description where two
    lines share them.
    """
    plain = [
        line.account if line.centre == line.account else f"{line.centre}-{line.account}"
        for line in lines
    ]
    used: set[str] = set()
    for line, code in zip(lines, plain, strict=True):
        full = code if plain.count(code) == 1 else f"{code}-{code_of(line.description)}"
        number = 2
        line.code = full
        while line.code in used:
            line.code, number = f"{full}-{number}", number + 1
        used.add(line.code)


def _contracts(source: Source, answers: Answers, files: Files) -> None:
    figures = [name for name in ("fixed", "variable", "value") if name in source.headings]
    leave_out_totals(
        source,
        answers,
        figures,
        ("contract", "provider"),
        "provider_name service type",
        {"value": "contracts.control_total"},
    )
    leave_out_duplicates(source, answers)
    settle_unit(source, answers, figures)
    read_amounts(source, answers, figures, "nil")
    if "value" not in figures and "fixed" not in figures:
        answers.ask(
            "contracts.columns.value",
            f"Which heading of {source.layout.path.name} is the year's value?",
            source.layout.headings,
        )
        return
    held = "value" if "value" in figures else "fixed"
    hold_to(source, answers, held, "contracts.control_total", "pounds")
    files.accounts.append(finish_account(source))
    files.contracts = _entries(source, answers)


def _entries(source: Source, answers: Answers) -> list[ContractEntry]:
    found: dict[str, ContractEntry] = {}
    given = {
        name.casefold(): str(value) for name, value in answers.mapping("contracts.types").items()
    }
    for row in source.rows:
        code, kind = source.text(row, "contract"), source.text(row, "type")
        if not code:
            answers.log.error(
                source.where(row, "contract"),
                "A row with figures has no contract.",
                "Enter the contract's reference, or take the row out.",
                "code_missing",
            )
            continue
        basis = given.get(kind.casefold()) or BASES.get(words(kind), "")
        if basis not in ("aligned", "block", "activity"):
            answers.ask(
                f"contracts.types.{kind or 'blank'}",
                f"How is a contract of type '{kind}' paid ({code})?",
                ("block", "aligned", "activity"),
            )
            basis = "block"
        entry = found.setdefault(
            code,
            ContractEntry(
                code,
                source.text(row, "provider").upper(),
                source.text(row, "provider_name"),
                kind,
                basis,
                source.where(row, "contract"),
            ),
        )
        if (entry.provider, entry.basis) != (source.text(row, "provider").upper(), basis):
            answers.log.error(
                source.where(row, "provider"),
                f"Contract {code} has more than one provider or type.",
                "Give each contract one provider and one type.",
                "contract_mixed",
            )
        _add_service(entry, source, row, answers)
    for entry in found.values():
        entry.services.sort(key=lambda service: service.service)
    return [found[code] for code in sorted(found)]


def _add_service(entry: ContractEntry, source: Source, row: int, answers: Answers) -> None:
    def amount(name: str) -> Decimal | None:
        return source.amounts.get(name, {}).get(row)

    fixed, variable, value = amount("fixed"), amount("variable"), amount("value")
    if fixed is None and variable is None:
        fixed = (value or Decimal(0)) if entry.basis != "activity" else Decimal(0)
        variable = (value or Decimal(0)) - fixed
    fixed, variable = fixed or Decimal(0), variable or Decimal(0)
    if value is not None and value != fixed + variable:
        answers.log.error(
            source.where(row, "value"),
            f"The total is {value:,.2f}, and fixed and variable come to {fixed + variable:,.2f}.",
            "Correct one of the three.",
            "parts_of_value",
        )
    if fixed < 0 or variable < 0:
        answers.log.error(
            source.where(row, "value" if value is not None else "fixed"),
            f"{entry.code} has a negative amount for {source.text(row, 'service')}.",
            "Take the credit off the service it belongs to.",
            "amount_negative",
        )
    service = source.text(row, "service") or entry.code
    same = next((one for one in entry.services if one.service == service), None)
    if same is not None:
        same.fixed, same.variable = same.fixed + fixed, same.variable + variable
    else:
        entry.services.append(ServiceValue(service, fixed, variable, source.where(row, "service")))


def _practices(source: Source, answers: Answers, files: Files) -> None:
    streams = _payment_headings(source, answers)
    figures = ["people", *(["weighted"] if "weighted" in source.headings else [])]
    source.headings |= {f"stream:{heading}": heading for heading in streams}
    money = [f"stream:{heading}" for heading in streams]
    leave_out_totals(source, answers, [*figures, *money], ("practice",), "name")
    settle_unit(source, answers, money)
    times, source.times = source.times, Decimal(1)
    read_amounts(source, answers, figures, "error")
    source.times = times
    read_amounts(source, answers, money, "nil")
    source.times = Decimal(1)
    hold_to(source, answers, "people", "practices.people", "people")
    files.accounts.append(finish_account(source, list(streams)))
    files.practices = _practice_entries(source, answers, streams)
    _hold_payments(answers, files)


def _published(answers: Answers, beside: Path, files: Files) -> bool:
    """Take the ICB's practices, people and weights from a published place-based allocation file,
    where that is the file at hand; says whether it is.

    Source: req 380.
    """
    path = beside / answers.text("practices.file")
    if not path.is_file() or path.suffix.lower() != ".csv":
        return False
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        headings = stream.readline()
    if not {"Practice_Code", "Final WP"} <= set(headings.strip().split(",")):
        return False
    icb, year = answers.text("place.icb"), answers.text("place.spend_year")
    if not icb or not is_financial_year(year):
        return True
    try:
        found = pick_place(path, icb, datetime.date(int(year[:4]), 4, 1), answers.log)
    except InputProblems as wrong:
        answers.log.extend(wrong.problems)
        return True
    if found is None:
        return True
    rows = found.practices
    for row in found.rows:
        people = decimal_of(rows.entered(row, "population")) or Decimal(0)
        weights = {need: rows.entered(row, need) for need in NEEDS}
        files.practices.append(
            PracticeEntry(
                rows.codes[row],
                rows.names[row],
                people,
                weights,
                "",
                {},
                rows.where(row, "practice"),
            )
        )
    files.paths["practices"] = path
    files.accounts.append(
        FileAccount(
            file=path.name,
            edition=rows.edition,
            standing=rows.standing,
            rows_read=len(rows.codes),
            rows_kept=len(found.rows),
        )
    )
    _hold_people(answers, files)
    return True


def _hold_people(answers: Answers, files: Files) -> None:
    people = sum((one.people for one in files.practices), Decimal(0))
    key = "practices.people"
    if answers.get(key) is None:
        answers.ask(
            key,
            f"What is the control total of people? The {len(files.practices)} practices of"
            f" {answers.text('place.icb')} come to {people:,.6f}. `none` if there is none.",
            example="the total, or none",
            kind="amount",
        )
        return
    total = answers.amount(key)
    if total is not None and abs(total - people) >= PEOPLE_TOLERANCE:
        answers.error(
            key,
            f"The practices have {people:,.6f} people and the control total is {total:,.6f}: a"
            f" difference of {people - total:,.6f}.",
            "Look for practices that are missing or of another ICB.",
            "control_total",
        )


def _payment_headings(source: Source, answers: Answers) -> dict[str, str]:
    given = answers.mapping("practices.streams")
    taken = set(source.headings.values())
    found: dict[str, str] = {}
    for heading in source.layout.headings:
        if heading in taken or OTHER_PRACTICE_HEADINGS.search(words(heading)):
            continue
        said = str(given.get(heading) or "")
        if said in PAYMENT_STREAMS:
            found[heading] = said
            continue
        if said.casefold() in (*NONE_WORDS, "leave_out"):
            continue
        likely = [stream for stream, pattern in STREAM_WORDS if pattern.search(words(heading))]
        if len(likely) == 1 and not said:
            found[heading] = likely[0]
        elif said or likely or _has_figures(source, heading):
            answers.ask(
                f"practices.streams.{heading}",
                f"What is '{heading}' of {source.layout.path.name}: a payment stream, or left out?",
                (*(likely or PAYMENT_STREAMS), "leave_out"),
            )
    return found


def _has_figures(source: Source, heading: str) -> bool:
    values = source.layout.values(heading)[:20]
    return bool(values) and all(re.fullmatch(r"[£\d,.()\s-]+", value) for value in values)


def _practice_entries(
    source: Source, answers: Answers, streams: dict[str, str]
) -> list[PracticeEntry]:
    found: dict[str, PracticeEntry] = {}
    for row in source.rows:
        code = source.text(row, "practice").upper().replace(" ", "")
        if not code or code in found:
            answers.log.error(
                source.where(row, "practice"),
                f"The practice {code} is there twice." if code else "A row has no practice code.",
                "Keep one row for each practice.",
                "row_duplicate" if code else "code_missing",
            )
            continue
        payments: dict[str, Decimal] = {}
        for heading, stream in streams.items():
            amount = source.amounts[f"stream:{heading}"].get(row)
            if amount:
                payments[stream] = payments.get(stream, Decimal(0)) + amount
        found[code] = PracticeEntry(
            code,
            source.text(row, "name"),
            source.amounts["people"].get(row, Decimal(0)),
            {"primary_medical_care": plain(source.amounts["weighted"][row])}
            if row in source.amounts.get("weighted", {})
            else {},
            code_of(source.text(row, "neighbourhood")),
            payments,
            source.where(row, "practice"),
        )
    return [found[code] for code in sorted(found)]


def _hold_payments(answers: Answers, files: Files) -> None:
    if not files.payments:
        return
    given = answers.get("practices.payments")
    if given is None:
        answers.ask(
            "practices.payments",
            f"What is the control total of the practice payments? They come to"
            f" {files.payments:,.2f}. `none` if there is none.",
            example="the total, or none",
            kind="amount",
        )
        return
    total = answers.amount("practices.payments")
    if total is not None:
        files.controls.append(
            {
                "column": "payments to practices",
                "given": plain(total),
                "found": plain(files.payments),
                "difference": plain(files.payments - total),
            }
        )
    if total is not None and total != files.payments:
        answers.error(
            "practices.payments",
            f"The practice payments come to {files.payments:,.2f} and the control total is"
            f" {total:,.2f}: a difference of {files.payments - total:,.2f}.",
            "Look for practices that are missing, there twice, or left out.",
            "control_total",
        )


def lines_named(lines: Iterable[LedgerLine], name: str) -> list[LedgerLine]:
    """Give the ledger lines an answer names: by cost centre, cost centre and account, the line's
    code, or its description.
    """
    return [line for line in lines if name in line.names]

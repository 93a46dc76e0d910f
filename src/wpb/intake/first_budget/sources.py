"""The user's files as rows: read by the guarded reader, with units, marks, totals and duplicates
settled by answers and never by guess.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from wpb.intake.account import ColumnTotal, FileAccount, LeftOutGroup, check_control_total
from wpb.intake.first_budget.answers import NONE_WORDS, Answers
from wpb.intake.grids import SheetFault, as_entered, is_blank
from wpb.intake.known_files import known_file
from wpb.intake.mapping.accounts import period_said
from wpb.intake.mapping.amounts import exact, plain, read_amount
from wpb.intake.mapping.layouts import Layout, read_layout
from wpb.intake.mapping.rules import MEANINGS, ColumnRule, TableMapping
from wpb.intake.mapping.total_like import TotalLike, rows_like_totals
from wpb.intake.units import currency_said, unit_said
from wpb.kernel.places import Cell, column_letters
from wpb.kernel.problems import InputProblems, ProblemLog, UsageProblem

MARKS = ("-", "*", "c", "..", ".", "n/a", "na", "#")
SAFE_YES = ("leave_out", "keep")


@dataclass(frozen=True)
class Wanted:
    """A column a step looks for: the words its heading may have, whether it is needed, whether it
    holds figures.
    """

    name: str
    pattern: re.Pattern[str]
    needed: bool = False
    figures: bool = False
    never: re.Pattern[str] = re.compile(r"(?!)")


@dataclass
class Source:
    """One file as read: its layout, the heading of each column, rows kept, and its account."""

    step: str
    layout: Layout
    headings: dict[str, str]
    rows: list[int]
    account: FileAccount
    times: Decimal = Decimal(1)
    amounts: dict[str, dict[int, Decimal]] = field(default_factory=dict)
    """Amounts in pounds by column and row, exactly."""
    totals: list[TotalLike] = field(default_factory=list)
    controls: list[dict[str, str]] = field(default_factory=list)
    """Each control total with what was found, as the account spells it."""

    def text(self, row: int, name: str) -> str:
        """A value of a column as text; '' where the file has no such column."""
        heading = self.headings.get(name)
        return self.layout.text(row, heading) if heading else ""

    def where(self, row: int, name: str) -> Cell:
        """The cell of a value."""
        return self.layout.where(row, self.headings.get(name) or self.layout.headings[0])

    def total(self, name: str) -> Decimal:
        """What the rows kept add to."""
        return sum((self.amounts[name].get(row, Decimal(0)) for row in self.rows), Decimal(0))


def words(heading: str) -> str:
    """A heading as plain words: lower case, underscores and signs as spaces."""
    return " ".join(re.findall(r"[a-z0-9&]+", heading.replace("_", " ").casefold()))


def read_source(
    step: str, answers: Answers, beside: Path, wanted: Sequence[Wanted]
) -> Source | None:
    """Read the file of a step and settle which heading holds what; None where it has to be asked
    or can't be read.

    Raises nothing: problems are collected in the answers' log.
    """
    path = _path(step, answers, beside)
    if path is None:
        return None
    row = answers.text(f"{step}.heading_row")
    log = ProblemLog()
    try:
        layout = read_layout(
            path, answers.text(f"{step}.sheet"), int(row) if row.isdigit() else None, log
        )
    except InputProblems:
        answers.log.extend(log)
        return None
    except UsageProblem as wrong:
        answers.error(f"{step}.file", str(wrong), "Correct the answer, or the file.", "file")
        return None
    answers.log.extend(log)
    headings = _headings(step, answers, layout, wanted)
    if headings is None:
        return None
    return Source(step, layout, headings, list(layout.rows), _account(layout))


def _path(step: str, answers: Answers, beside: Path) -> Path | None:
    name = answers.needed(
        f"{step}.file",
        f"Which file holds the {step}? (a name beside the answers, or a path)",
        example=f"{step}.csv",
        kind="file",
    )
    if not name:
        return None
    path = beside / name
    if not path.is_file():
        answers.error(
            f"{step}.file", f"There is no file {name}.", "Correct its name or its path.", "file"
        )
        return None
    return path


def _headings(
    step: str, answers: Answers, layout: Layout, wanted: Sequence[Wanted]
) -> dict[str, str] | None:
    given = answers.mapping(f"{step}.columns")
    found: dict[str, str] = {}
    fine = True
    for name in given:
        if name not in {column.name for column in wanted}:
            answers.error(
                f"{step}.columns.{name}",
                f"`{name}` is not a column of this step.",
                f"The known ones are {', '.join(column.name for column in wanted)}.",
                "answer_unknown",
            )
    for column in wanted:
        key = f"{step}.columns.{column.name}"
        heading = " ".join(str(given.get(column.name) or "").split())
        if heading.casefold() in NONE_WORDS and not column.needed:
            continue
        if heading:
            if heading not in layout.headings:
                answers.error(
                    key,
                    f"{layout.path.name} has no heading '{heading}'.",
                    f"It has {', '.join(layout.headings)}.",
                    "heading_unknown",
                )
                fine = False
                continue
            found[column.name] = heading
            continue
        likely = [
            heading
            for heading in layout.headings
            if column.pattern.search(words(heading)) and not column.never.search(words(heading))
        ]
        if len(likely) == 1:
            found[column.name] = likely[0]
        elif likely or column.needed:
            some = likely or list(layout.headings)
            answers.ask(
                key,
                f"Which heading of {layout.path.name} is the {column.name.replace('_', ' ')}?",
                (*some, *(() if column.needed else ("none",))),
            )
            fine = False
    used = Counter(found.values())
    for name, heading in found.items():
        if used[heading] > 1:
            answers.error(
                f"{step}.columns.{name}",
                f"The heading '{heading}' is taken for more than one column.",
                "Name a heading for each.",
                "heading_twice",
            )
            fine = False
    return found if fine else None


def _account(layout: Layout) -> FileAccount:
    grid, known = layout.grid, known_file(layout.path)
    data = set(layout.rows)
    aside: dict[str, list[int]] = {}
    for row, reason in layout.set_aside.items():
        aside.setdefault(reason, []).append(row + 1)
    return FileAccount(
        file=grid.file,
        sheet=grid.sheet if grid.source == "excel" else "",
        heading_row=layout.heading_row + 1,
        titles=layout.titles,
        read_as=grid.said,
        period=_period(layout),
        edition=known.edition if known else "",
        standing=known.standing if known else "",
        rows_read=len(layout.rows),
        hidden_rows=tuple(row + 1 for row in sorted(grid.hidden_rows) if row in data),
        hidden_columns=tuple(
            heading
            for heading, position in layout.position_of.items()
            if position in grid.hidden_columns
        ),
        hidden_sheets=grid.hidden_sheets,
        left_out=tuple(LeftOutGroup(reason, tuple(rows)) for reason, rows in aside.items()),
        columns_without_heading=tuple(column_letters(position) for position in layout.unheaded),
    )


def _period(layout: Layout) -> str:
    """The year the titles name, and the first words of theirs that say a part of it."""
    return ", ".join(dict.fromkeys(period_said(layout).split(", ")))


def settle_unit(source: Source, answers: Answers, figures: Sequence[str]) -> None:
    """Settle what figures are multiplied by: a heading or a title that says £000 is a question, and
    a currency other than the pound is refused.

    figures: columns of money. Source: req 373.
    """
    layout, key = source.layout, f"{source.step}.times"
    headings = [source.headings[name] for name in figures if name in source.headings]
    said = {unit_said(heading) for heading in headings} - {1}
    said |= {unit_said(text) for text in layout.about} - {1}
    said |= {
        layout.grid.shown_divided_by(row, layout.position_of[heading])
        for heading in headings
        for row in source.rows[:50]
    } - {1}
    strange = {currency_said(text) for text in (*headings, *layout.about)} - {"", "GBP"}
    strange |= {
        sign
        for (_, position), sign in layout.grid.shown_in.items()
        if position in {layout.position_of[heading] for heading in headings}
    }
    if strange:
        answers.error(
            f"{source.step}.file",
            f"{layout.path.name} names another currency: {', '.join(sorted(strange))}.",
            "Give the amounts in pounds sterling.",
            "currency",
        )
    given = answers.get(key)
    if given is None and said:
        answers.ask(
            key,
            f"{layout.path.name} says that its figures are in"
            f" {' or '.join(f'£{unit:,}s' for unit in sorted(said))}. What are they multiplied by"
            " to give pounds?",
            tuple(str(unit) for unit in (*sorted(said), 1)),
            kind="whole",
        )
        return
    times = answers.amount(key)
    if times is not None and times not in (1, 1_000, 1_000_000):
        answers.error(key, f"Figures can't be multiplied by {times}.", "Write 1, 1000 or 1000000.")
        return
    source.times = times or Decimal(1)
    if source.times != 1:
        source.account.units = dict.fromkeys(headings, f"times {source.times}")


def leave_out_totals(
    source: Source,
    answers: Answers,
    figures: Sequence[str],
    codes: Sequence[str],
    names: str = "",
    controls: Mapping[str, str] | None = None,
) -> None:
    """Leave out the rows that are totals by their word, and ask about those that are by their
    value, unless a control total says which it is.

    controls: the answer that holds a column's control total, by column.

    Source: req 373.
    """
    rules = {
        name: ColumnRule(sources=(source.headings[name],))
        for name in figures
        if name in source.headings
    }
    coded = [source.headings[name] for name in codes if name in source.headings]
    named = [source.headings[name] for name in names.split() if name in source.headings]
    found = rows_like_totals(
        TableMapping(source.step, rules), source.layout, list(rules), named, coded
    )
    by_value = [row for row in found if not row.by_word]
    source.account.totals_like = tuple((row.row + 1, row.why) for row in found)
    key = f"{source.step}.totals"
    given = answers.text(key)
    if by_value and given not in SAFE_YES:
        given = _settled_by_control(source, answers, found, controls or {})
    if by_value and given not in SAFE_YES:
        places = "; ".join(f"row {row.row + 1}: {row.why}" for row in by_value[:5])
        answers.ask(
            key,
            f"In {source.layout.path.name} these rows look like totals ({places}). Leave them out,"
            " or keep them as figures of their own?",
            SAFE_YES,
        )
    gone = [row for row in found if row.by_word or given == "leave_out"]
    source.totals = gone
    _leave_out(source, [row.row for row in gone], "a total")


def _settled_by_control(
    source: Source, answers: Answers, found: Sequence[TotalLike], controls: Mapping[str, str]
) -> str:
    """Say what the user's own control totals prove: all columns tie with the rows that look like
    totals kept, or with them left out; '' where neither.
    """
    times = answers.amount(f"{source.step}.times") or Decimal(1)
    said = set()
    for name, key in controls.items():
        total = answers.amount(key) if name in source.headings else None
        if total is None:
            continue

        def adds(without: set[int], heading: str = source.headings[name]) -> Decimal:
            rows = [row for row in source.rows if row not in without]
            return times * sum(
                (_bare(source.layout, row, heading) or Decimal(0) for row in rows), Decimal(0)
            )

        kept, left = (
            adds({row.row for row in found if row.by_word}),
            adds({row.row for row in found}),
        )
        if kept != left and total in (kept, left):
            said.add("keep" if total == kept else "leave_out")
    return said.pop() if len(said) == 1 else ""


def _leave_out(source: Source, rows: Sequence[int], reason: str) -> None:
    if not rows:
        return
    drop = set(rows)
    source.rows = [row for row in source.rows if row not in drop]
    source.account.left_out = (
        *source.account.left_out,
        LeftOutGroup(reason, tuple(row + 1 for row in sorted(drop))),
    )


def leave_out_duplicates(source: Source, answers: Answers) -> None:
    """Ask about rows that are the same as another in every column: the same line twice, or two
    lines alike.
    """
    first: dict[tuple[str, ...], int] = {}
    twice: list[tuple[int, int]] = []
    for row in source.rows:
        values = tuple(source.layout.text(row, heading) for heading in source.layout.headings)
        if values in first:
            twice.append((row, first[values]))
        else:
            first[values] = row
    if not twice:
        return
    key = f"{source.step}.duplicates"
    given = answers.text(key)
    if given not in SAFE_YES:
        places = "; ".join(f"row {one + 1} as row {other + 1}" for one, other in twice[:5])
        answers.ask(
            key,
            f"{len(twice)} of the rows of {source.layout.path.name} are there twice, alike in every"
            f" column ({places}). Leave the second ones out, or keep both?",
            SAFE_YES,
        )
    elif given == "leave_out":
        _leave_out(source, [row for row, _ in twice], "the same in every column as a row above")


def read_amounts(source: Source, answers: Answers, figures: Sequence[str], blank_is: str) -> None:
    """Read every figure exactly, in pounds: amount x times. A mark such as * has to be given a
    meaning; an error cell, a formula never calculated and a date are refused.

    blank_is: 'nil' where a blank means nothing, else a blank is an error.
    """
    meanings = {str(mark): str(said) for mark, said in _markers(source, answers).items()}
    open_marks: Counter[str] = Counter()
    for name in figures:
        heading = source.headings.get(name)
        if not heading:
            continue
        source.amounts[name] = {}
        for row in source.rows:
            found = _amount(source, answers, row, heading, meanings, open_marks, blank_is)
            if found is not None:
                source.amounts[name][row] = found * source.times
    for mark, count in open_marks.items():
        answers.ask(
            f"{source.step}.markers.{mark}",
            f"'{mark}' stands in place of a figure {count} times in {source.layout.path.name}."
            " What does it mean?",
            MEANINGS,
        )
    used = {mark: said for mark, said in meanings.items() if mark}
    source.account.markers = used


def _markers(source: Source, answers: Answers) -> Mapping[str, object]:
    found = answers.mapping(f"{source.step}.markers")
    for mark, said in found.items():
        if said not in MEANINGS:
            answers.error(
                f"{source.step}.markers.{mark}",
                f"'{said}' is not a meaning of a mark.",
                f"Write one of {', '.join(MEANINGS)}.",
            )
    return found


def _amount(
    source: Source,
    answers: Answers,
    row: int,
    heading: str,
    meanings: Mapping[str, str],
    open_marks: Counter[str],
    blank_is: str,
) -> Decimal | None:
    raw = source.layout.value(row, heading)
    where = source.layout.where(row, heading)
    if is_blank(raw):
        if blank_is != "nil":
            answers.log.error(
                where, f"'{heading}' is blank.", "Enter the figure, or 0.", "amount_missing"
            )
        return None
    if isinstance(raw, SheetFault):
        what = (
            f"The cell holds the error {raw.text}."
            if raw.calculated
            else f"The formula {raw.text} was never calculated."
        )
        fix = "Correct it in Excel, calculate, and save the file again."
        answers.log.error(where, what, fix, "cell_error" if raw.calculated else "not_calculated")
        return None
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return exact(raw)
    text = as_entered(raw).strip()
    if text in meanings:
        return Decimal(0) if meanings[text] == "nil" else None
    amount = read_amount(text) if isinstance(raw, str) else None
    if amount is None and text.casefold() in MARKS:
        open_marks[text] += 1
    elif amount is None:
        answers.log.error(
            where,
            f"'{text}' under '{heading}' is not an amount.",
            "Write it as 1234.56, (1,234.56) or 1,234.56-.",
            "not_a_number",
        )
    return amount


def hold_to(source: Source, answers: Answers, name: str, key: str, what: str) -> None:
    """Hold what was read against the total at the foot of the user's own report; `none` is said
    in the account.

    Source: req 374.
    """
    if name not in source.amounts:
        return
    found = source.total(name)
    gone = sum(
        (
            amount * source.times
            for row in {row.row for row in source.totals}
            if (amount := _bare(source.layout, row, source.headings[name])) is not None
        ),
        Decimal(0),
    )
    column = source.headings[name]
    source.account.totals = (
        *source.account.totals,
        ColumnTotal(
            column,
            what == "pounds",
            plain(found + gone),
            plain(gone),
            plain(found),
            "0",
            len(source.amounts[name]),
        ),
    )
    given = answers.get(key)
    if given is None:
        answers.ask(
            key,
            f"What is the control total of '{column}', from the foot of your own report? The rows"
            f" read come to {found:,.{2 if what == 'pounds' else 0}f}. `none` if there is none.",
            example="the total, or none",
            kind="amount",
        )
        return
    total = answers.amount(key)
    if total is None:
        answers.log.warning(
            answers.place(key),
            f"'{column}' comes to {found:,.2f} and was held against no control total.",
            "Write the total from the foot of your own report.",
            "control_total_none",
        )
        return
    before = source.account.totals
    check_control_total(
        source.account, [f"{column}={plain(total)}"], answers.place(key), answers.log
    )
    source.controls.append(source.account.control_total)
    source.account.totals = before


def _bare(layout: Layout, row: int, heading: str) -> Decimal | None:
    raw = layout.value(row, heading)
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return exact(raw)
    return read_amount(as_entered(raw)) if not is_blank(raw) else None


def finish_account(source: Source, ignored: Sequence[str] = ()) -> FileAccount:
    """Give the account with the rows kept and the headings nobody read."""
    read = {*source.headings.values(), *ignored}
    source.account.rows_kept = len(source.rows)
    source.account.columns_not_read = tuple(
        heading for heading in source.layout.headings if heading not in read
    )
    return source.account

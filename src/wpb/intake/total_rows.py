"""Rows that add up other rows: never data, in any table and any file.

By word, a row whose code or name is a total, a sub-total, a grand total or "all". By value, a row
whose figure is the sum of the rows above it, or of all the others.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

TOTALS = {"total", "totals", "subtotal", "subtotals"}
WHOLE = {
    "sum",
    "overall",
    "all",
    "all lines",
    "all rows",
    "all practices",
    "all above",
    "sum total",
    "tot",
    "cyfanswm",
    "\u03c3",
    "\u2211",
}
COUNTED_ELSEWHERE = re.compile(
    r"\W*(of which|memo(randum)?( items?)?\s*(:|-|$)|(balances? )?(brought|carried) (forward|down)"
    r"|balance [bc]/[fd])(\W|$)"
)
"""Rows whose amount other rows hold already: of which, memorandum items, balances carried over."""
LOOKS_LATIN = str.maketrans("\u0430\u0435\u043e\u0442\u0456\u0455\u0441\u0440", "aeotiscp")
SPACED_OUT = re.compile(r"(?:\w )+\w")
AFTER_TOTAL = {
    *("for", "of", "all", "net", "gross", "spend", "spending", "expenditure", "cost", "costs"),
    *("budget", "value", "amount", "income", "payments", "activity", "england", "lines", "rows"),
    *("contracts", "services", "practices", "patients", "population", "commissioned", "programme"),
    *("healthcare", "acute", "community", "mental", "primary", "nhs", "icb", "providers", "year"),
    *("month", "ytd", "forecast", "outturn", "allocation", "funding", "resource", "units", "above"),
    *("pounds", "gbp", "list", "lists", "ledger", "report", "column", "section", "social", "adult"),
}
"""Words that follow "total" in the name of a total row; "total hip replacement" is a treatment."""
LEAST_RUN, LEAST_RUN_UNNAMED, LEAST_OTHERS = 3, 2, 2
SMALL_COUNT = 1_000
"""Counts below this add up to one another by chance, so that they say nothing of totals."""
MANY_ROWS = 200
"""Above this many rows some runs add up to the next row by chance, so that only runs from the top
of the table, or from the total before, say anything of a row that has a code and a name.
"""


def is_total_word(text: str) -> bool:
    """Say whether a code or a name is that of a total: Total, TOTAL:, Sub-total, Grand total (all),
    Acute total, Total for the year, T O T A L; or of an amount that other rows hold already, as
    with "of which"; not "Total hip replacement".
    """
    if not text or text[:1].isdigit():
        return False
    plain = unicodedata.normalize("NFKC", text).casefold().translate(LOOKS_LATIN).strip()
    if SPACED_OUT.fullmatch(plain):
        plain = plain.replace(" ", "")
    if COUNTED_ELSEWHERE.match(plain) or plain.strip(" .:*-_=") in WHOLE:
        return True
    if "total" not in plain:
        return False
    plain = re.sub(r"\bsub[\s\-_\u2010-\u2015]*(totals?)\b", r"sub\1", plain)
    bare = re.sub(r"\(.*?\)|\[.*?\]", " ", plain)
    words = re.findall(r"[a-z]+", bare)
    if " ".join(words) in WHOLE:
        return True
    if not TOTALS & set(words):
        return False
    if words[-1] in TOTALS or "subtotal" in words[0] or words[:2] == ["grand", "total"]:
        return True
    follows = re.match(r"\W*totals?\s*(\W?)\s*([a-z]*)", bare)
    return bool(follows and (follows[1].strip() or follows[2] in AFTER_TOTAL))


def sums_of_counts(counts: Sequence[int]) -> dict[int, str]:
    """Find the rows whose count is the sum of all rows above it, three at least, or of all others;
    a count below 1,000 is never one.

    counts: in hundredths, [row], 0 for a blank.
    """
    found, above, rows, whole = dict[int, str](), 0, 0, sum(counts)
    for row, count in enumerate(counts):
        if count < SMALL_COUNT * 100:
            pass
        elif count == above and rows >= LEAST_RUN:
            found[row] = f"the {rows} rows above it"
        elif 2 * count == whole and sum(map(bool, counts)) > LEAST_OTHERS:
            found[row] = "all other rows"
        above, rows = above + count, rows + bool(count)
    return found


def sums_of_rows(amounts: Sequence[int], unnamed: Sequence[bool]) -> dict[int, str]:
    """Find the rows whose amount is the sum of others: row to what it adds up.

    amounts: in whole units of the smallest part (pence, say), [row], 0 for a blank. A run of three
    or more rows that are not zero, ending immediately above, or of two where `unnamed` says that
    the row's code or name is blank or unlike the others; or all other rows, two at least. A value
    that other rows have too, as small counts do, tells nothing unless the row is unnamed, and in a
    long table a run must start at its top or at the total before.
    """
    found = _runs_above(amounts, unnamed)
    rest = [row for row in range(len(amounts)) if amounts[row] and row not in found]
    whole = sum(amounts[row] for row in rest)
    if len(rest) > LEAST_OTHERS:
        for row in rest:
            if 2 * amounts[row] == whole:
                found[row] = f"all {len(rest) - 1} other rows"
    others = Counter(amounts[row] for row in range(len(amounts)) if row not in found)
    return {row: what for row, what in found.items() if unnamed[row] or not others[amounts[row]]}


def _runs_above(amounts: Sequence[int], unnamed: Sequence[bool]) -> dict[int, str]:
    found: dict[int, str] = {}
    before = counted = section = first_at_section = 0
    many = len(amounts) > MANY_ROWS
    first_at: dict[int, int] = {0: 0}
    """The fewest rows whose amounts add up to a sum, so that the longest run is found."""
    for row, amount in enumerate(amounts):
        if not amount:
            continue
        begins = first_at.get(before - amount)
        least = LEAST_RUN_UNNAMED if unnamed[row] else LEAST_RUN
        if begins not in (None, section) and many and not unnamed[row]:
            begins = section if first_at_section == before - amount else None
        if begins is not None and counted - begins >= least:
            found[row] = f"the {counted - begins} rows above it"
            section, first_at_section = counted, before
            continue
        before += amount
        counted += 1
        first_at.setdefault(before, counted)
    return found


def unlike_the_others(codes: Sequence[str]) -> list[bool]:
    """Say of each code whether it is blank, or has no digit where all but a few of the others
    do.
    """
    digits = [any(character.isdigit() for character in code) for code in codes]
    most = sum(digits) >= max(2, len(codes) - max(1, len(codes) // 4))
    return [not code or (most and not digit) for code, digit in zip(codes, digits, strict=True)]

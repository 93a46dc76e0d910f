"""Assumptions as people read them: values by year, and once for each source what it is, who owns it
and why.

Source: handbook 3.7, 4.5; req 366.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wpb.present.documents.content import Grid, Part
from wpb.present.documents.papers import Papers
from wpb.present.words import spell_value, years_in_words

Record = Mapping[str, Any]
EVERY = "every year"


def assumption_tables(
    papers: Papers, wanted: Callable[[Record], bool] = lambda record: True, displaced: bool = False
) -> list[Part]:
    """Print the assumptions a budget used: a table of values by year, and one of sources.

    wanted: which of them. displaced: whether to show the national value a local one stands in place
    of.
    Source: handbook 3.3.3, 3.7; req 179, 366.
    """
    records = [record for record in papers.reader.tables["assumptions"].records() if wanted(record)]
    if not records:
        return [Grid("Assumptions", ("Assumption",), ())]
    found: list[Part] = [_values(records, "value", "Values by year")]
    if displaced and any(record["displaced_value"] is not None for record in records):
        found.append(
            _values(
                [record for record in records if record["displaced_value"] is not None],
                "displaced_value",
                "National values they stand in place of",
            )
        )
    return [*found, _sources(records)]


def _values(records: Sequence[Record], column: str, caption: str) -> Grid:
    years = sorted({str(record["year"]) for record in records} - {EVERY})
    always = [EVERY] if any(record["year"] == EVERY for record in records) else []
    heads = [*years, *(["Every year"] if always else [])]
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for record in records:
        key = (str(record["title"]), str(record["key"]), str(record["vintage"]))
        value = record[column]
        rows.setdefault(key, {})[str(record["year"])] = (
            spell_value(float(value), str(record["unit"])) if isinstance(value, int | float) else ""
        )
    body = tuple(
        (title, key, vintage, *(values.get(year, "") for year in (*years, *always)))
        for (title, key, vintage), values in sorted(rows.items())
    )
    return Grid(
        caption,
        ("What it is", "Assumption", "Published", *heads),
        body,
        frozenset(range(3, 3 + len(heads))),
    )


def _sources(records: Sequence[Record]) -> Grid:
    columns = ("title", "source", "locator", "vintage", "status", "owner", "reason", "evidence")
    rows: dict[tuple[str, ...], list[str]] = {}
    for record in records:
        rows.setdefault(tuple(str(record[name] or "") for name in columns), []).append(
            str(record["year"])
        )
    body = []
    for (title, source, locator, vintage, status, owner, reason, evidence), years in rows.items():
        span = EVERY if EVERY in years else years_in_words(years)
        body.append(
            (
                title,
                span,
                status.replace("_", " "),
                ", ".join(part for part in (source, locator) if part),
                vintage,
                owner,
                reason,
                evidence,
            )
        )
    return Grid(
        "Where each comes from, who owns it, and why",
        ("What it is", "Years", "Status", "Source", "Published", "Owner", "Reason", "Evidence"),
        tuple(body),
    )

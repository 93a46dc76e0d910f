"""A comparison as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wpb.kernel.money import pounds
from wpb.present.words import spell_millions, spell_pennies

SHOWN = 20


def comparison_lines(found: dict[str, Any]) -> Iterator[str]:
    """Write a comparison as lines: the baseline's difference first, then each year's, then what
    went in.

    Source: handbook 4.3.1; req 369.
    """
    a, b = found["a"], found["b"]
    yield f"A: {a['title']} ({a['name']})"
    yield f"B: {b['title']} ({b['name']})"
    yield ""
    yield from _difference("Baseline", found["baseline"])
    for year in found["years"]:
        yield ""
        yield from _difference(f"Forecast {year['year']}", year)
    for side, other in (("a", "b"), ("b", "a")):
        years, lines = found[f"years_only_in_{side}"], found[f"lines_only_in_{side}"]
        if years:
            yield f"Years only in {side.upper()}: {', '.join(years)}"
        if lines:
            yield ""
            yield f"{len(lines)} line(s) in {side.upper()} and not in {other.upper()}:"
            yield from _some(
                [
                    f"  {line['line']}: baseline {spell_pennies(line['baseline_pence'])}, forecast"
                    f" {line['year']} {spell_pennies(line['forecast_pence'])}"
                    for line in lines
                ]
            )
    yield from _inputs(found)


def _difference(name: str, found: dict[str, Any]) -> Iterator[str]:
    yield (
        f"{name}: {spell_millions(found['a_pence'])} to {spell_millions(found['b_pence'])}, a"
        f" difference of {_signed(found['difference_pence'])}"
    )
    for movement in found["movements"]:
        yield f"  {movement['step']}: {_signed(movement['difference_pence'])}"
    if found["largest_lines"]:
        yield "  Largest lines:"
        for line in found["largest_lines"]:
            only = f" (only in {line['only_in'].upper()})" if line["only_in"] else ""
            yield f"    {line['line']}: {_signed(line['difference_pence'])}{only}"
        if found["other_lines"]["lines"]:
            yield (
                f"    {found['other_lines']['lines']:,} other line(s):"
                f" {_signed(found['other_lines']['difference_pence'])}"
            )


def _inputs(found: dict[str, Any]) -> Iterator[str]:
    if found["assumptions"]:
        yield ""
        yield f"{len(found['assumptions'])} assumption(s) differ:"
        yield from _some(
            [
                f"  {change['key']} {change['year']}: {_value(change['a'])} to"
                f" {_value(change['b'])}"
                for change in found["assumptions"]
            ]
        )
    files = found["inputs"]
    for name, heading in (
        ("changed", "Input files that differ"),
        ("only_in_a", "Input files only in A"),
        ("only_in_b", "Input files only in B"),
    ):
        if files[name]:
            yield ""
            yield f"{heading}: {', '.join(files[name])}"
    if found["cells"]:
        yield ""
        yield f"{len(found['cells'])} input cell(s) or row(s) differ:"
        yield from _some([_cell(change) for change in found["cells"]])
    if not (
        found["assumptions"]
        or any(files.values())
        or found["cells"]
        or found["baseline"]["difference_pence"]
    ):
        yield ""
        yield "Nothing that goes in differs."


def _cell(change: dict[str, Any]) -> str:
    place = change["where_b"] or change["where_a"]
    where = f"{place['file']} {place['cell']}".strip()
    if change["column"] is None:
        return (
            f"  {change['table']} {change['key']}:"
            f" {change['change'].replace(' a', ' A').replace(' b', ' B')} ({where})"
        )
    shown = [
        place["entered"] if place and place["entered"] else side
        for side, place in ((change["a"], change["where_a"]), (change["b"], change["where_b"]))
    ]
    return (
        f"  {change['table']} {change['key']}, {change['column']}: {shown[0]} to {shown[1]}"
        f" ({where})"
    )


def _value(cited: dict[str, Any] | None) -> str:
    return (
        "not used"
        if cited is None
        else f"{cited['value']} ({cited['source']}, {cited['vintage']}, {cited['status']})"
    )


def _signed(amount_pence: int) -> str:
    return f"{'+' if amount_pence > 0 else ''}{spell_pennies(amount_pence)}"


def _some(lines: list[str]) -> Iterator[str]:
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"  … and {len(lines) - SHOWN} more; --json lists them all."


def version_lines(found: dict[str, Any]) -> Iterator[str]:
    """Write what lies between two versions of a contract as lines: each event's effect over the
    term, and nothing left over.

    Source: handbook 4.3.1; req 219, 369.
    """
    parts = (
        ("part_a", "Part A"),
        ("part_b", "Part B"),
        ("withheld", "Withheld"),
        ("beside", "Beside it"),
    )
    yield f"From {found['from']} to {found['to']}: {pounds(found['total_pence'], 2)} over the term"
    yield ""
    yield f"{'':<12}" + "".join(f"{title:>18}" for _, title in parts) + f"{'Together':>20}"
    for step in found["steps"]:
        yield (
            f"  {step['version']:<4}{step['event']:<6}"
            + "".join(f"{pounds(step['parts_pence'][name], 2):>18}" for name, _ in parts)
            + f"{pounds(step['total_pence'], 2):>20}  {step['title']}"
        )
    yield f"  {'unexplained':<10}" + f"{pounds(found['unexplained_pence'], 2):>91}"

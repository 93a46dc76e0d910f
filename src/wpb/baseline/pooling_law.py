"""Whether the law lets each stream's functions be pooled: lawful, unlawful, or not known.

Source: handbook 2.6; overview 3.3.3; req 134.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from wpb.baseline.current_spend import CurrentSpend
from wpb.kernel.calendar import first_day
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.national.law_tables import NOT_STATED, entry_on, pooling_powers
from wpb.tables.model import Model

NOT_SAID = "no function was named for this stream"


@dataclass(frozen=True)
class PoolingTest:
    """One stream's function tested against a power: the finding, since when, and who says so."""

    funding_stream: str
    function: str
    power: str
    finding: str
    """lawful, lawful_on_advice, unlawful or unknown."""
    since: str
    source: str
    note: str
    where: Cell | None


def pooling_tests(model: Model) -> list[PoolingTest]:
    """Test each function a stream brings in, as the law stood on the contract's first day; unknown
    stays unknown.

    A stream with no function named is unknown. Money of one body alone (power none) is not pooled.
    Source: handbook 2.6; req 134.
    """
    table = model["pooled_functions"]
    tests = [
        _test(model, row, first_day(model.settings.first_contract_year))
        for row in range(len(table))
    ]
    named = {test.funding_stream for test in tests}
    streams = model["funding_streams"]
    tests += [
        PoolingTest(code, "", "", "unknown", "", "", NOT_SAID, streams.where(row, "funding_stream"))
        for row, code in enumerate(streams.text("funding_stream"))
        if code not in named
    ]
    return tests


def _test(model: Model, row: int, on: datetime.date) -> PoolingTest:
    table = model["pooled_functions"]
    stream, function, power, advice, says, purpose = (
        str(table.columns[name][row])
        for name in (
            "funding_stream",
            "function",
            "power",
            "advice",
            "advice_says",
            "ring_fenced_for",
        )
    )
    place = table.where(row, "function")
    if purpose and table.flags("purpose_kept")[row] is False:
        return PoolingTest(
            stream,
            function,
            power,
            "unlawful",
            "",
            "purpose set by law",
            f"The money is set aside for {purpose}, and the budget does not keep to it.",
            place,
        )
    if purpose and table.flags("purpose_kept")[row] is None:
        return PoolingTest(
            stream,
            function,
            power,
            "unknown",
            "",
            "purpose set by law",
            f"Whether the budget keeps to the purpose of the money, {purpose}, is not said.",
            place,
        )
    if power == "none":
        return PoolingTest(
            stream,
            function,
            power,
            "lawful",
            "",
            "not pooled",
            "One body pays for it alone.",
            place,
        )
    entry = entry_on(pooling_powers(), function, power, on)
    if entry is not None and entry.status != "unknown":
        return PoolingTest(
            stream,
            function,
            power,
            entry.status,
            entry.starts.isoformat(),
            str(entry),
            entry.note,
            place,
        )
    note = entry.note if entry is not None else ""
    if advice and says:
        return PoolingTest(
            stream,
            function,
            power,
            "lawful_on_advice" if says == "lawful" else "unlawful",
            "",
            advice,
            note,
            place,
        )
    return PoolingTest(
        stream,
        function,
        power,
        "unknown",
        entry.starts.isoformat() if entry else "",
        str(entry) if entry else NOT_STATED,
        note,
        place,
    )


def check_pooling(tests: list[PoolingTest], current: CurrentSpend, problems: ProblemLog) -> None:
    """Refuse to put money in the budget that the law does not let be pooled; name what is not
    known, once.

    Source: handbook 2.6; req 134.
    """
    used = {
        line.funding_stream
        for row, line in enumerate(current.lines.lines)
        if current.in_scope.at(row, 0)
    }
    for test in tests:
        if test.finding == "unlawful" and test.funding_stream in used:
            problems.error(
                test.where,
                f"The stream {test.funding_stream} would pool {test.function.replace('_', ' ')}"
                f" unlawfully ({test.source}). {test.note}",
                "Take its services out of scope, or rest it on another power.",
                "pooling_unlawful",
            )
    unknown = [test for test in tests if test.finding == "unknown" and test.funding_stream in used]
    if unknown and any(test.function for test in tests):
        named = ", ".join(
            sorted(
                {
                    f"{test.funding_stream}:"
                    f" {test.function.replace('_', ' ') or 'no function named'}"
                    for test in unknown
                }
            )
        )
        problems.warning(
            unknown[0].where,
            f"Whether the law lets these be pooled is not known: {named}.",
            "Take legal advice and record it in pooled_functions.",
            "pooling_unknown",
        )
    elif unknown:
        problems.note(
            None,
            "No stream says which functions it would pool, so the test of lawfulness is open for"
            " each.",
            "Fill in pooled_functions.",
            "pooling_not_recorded",
        )
    problems.raise_if_errors()

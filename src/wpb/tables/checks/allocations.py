"""Whether every commissioner that pays from a stream has that stream's allocation, for every year
it is needed.
"""

from __future__ import annotations

from wpb.tables.checks.context import Context, across, hint, listed
from wpb.tables.forecasting import Allocations
from wpb.tables.population import FundingStreams, GpLists, Organisations
from wpb.tables.spend import PrimaryCarePayments


@across
def check_allocations(context: Context) -> None:
    """Each commissioner and stream that pays for something has an allocation for every contract
    year.

    On the allocation-growth route the spend year is needed too: the first growth is measured
    from it.
    Source: handbook 3.3.1, 3.6; req 149-151, 200-202.
    """
    if not context.readable(
        "allocations",
        "contracts",
        "direct_spend",
        "care_packages",
        "primary_care_payments",
        "gp_lists",
    ):
        return
    settings, given = (
        context.settings,
        Allocations.of(context).grouped(Allocations.commissioner, Allocations.funding_stream),
    )
    streams = set(FundingStreams.of(context).funding_stream)
    payers = set(Organisations.of(context).organisation)
    for (payer, stream), (table, row) in _paying(context).items():
        if stream not in streams or payer not in payers:
            continue
        years = list(settings.years)
        route = settings.forecast_routes.get(stream)
        if (
            route is not None
            and route.option == "allocation_growth"
            and settings.spend_year not in years
        ):
            years.insert(0, settings.spend_year)
        rows = given.get((payer, stream), [])
        if not rows:
            paid = sorted({name for code, name in given if code == payer})
            context.error(
                table,
                row,
                "funding_stream",
                f"'{payer}' pays from the stream '{stream}' here, but 'allocations' has nothing for"
                " that.",
                f"{hint(stream, paid)}Add its allocation for {years[0]} to {years[-1]}.",
                "allocation_missing",
            )
            continue
        have = {Allocations.of(context).year[r] for r in rows}
        missing = [year for year in years if year not in have]
        if missing:
            context.error(
                Allocations,
                rows[-1],
                Allocations.year,
                f"'{payer}' has no allocation from the stream '{stream}' for"
                f" {listed(missing, 12)}.",
                "Add a row for each year; nothing is carried on past the last year given.",
                "allocation_missing",
            )


def _paying(context: Context) -> dict[tuple[str, str], tuple[str, int]]:
    """Every commissioner and stream that pays for something, with the row that first says so."""
    found: dict[tuple[str, str], tuple[str, int]] = {}
    for table in ("contracts", "direct_spend", "care_packages"):
        for row, payer in enumerate(context[table].text("commissioner")):
            found.setdefault((payer, context.value(table, row, "funding_stream")), (table, row))
    responsible = dict(
        zip(
            GpLists.of(context).list_code,
            GpLists.of(context).commissioner,
            strict=True,
        )
    )
    for row, practice in enumerate(PrimaryCarePayments.of(context).list_code):
        found.setdefault(
            (
                responsible.get(practice, ""),
                PrimaryCarePayments.of(context).funding_stream[row],
            ),
            ("primary_care_payments", row),
        )
    return found

"""Whether every commissioner that pays from a stream has that stream's allocation, for every year
it is needed.
"""

from __future__ import annotations

from wpb.intake.cross_checks.context import Context, hint, listed


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
        context.rows_by("allocations", "commissioner", "funding_stream"),
    )
    streams = set(context["funding_streams"].text("funding_stream"))
    payers = set(context["organisations"].text("organisation"))
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
        have = {context.value("allocations", r, "year") for r in rows}
        missing = [year for year in years if year not in have]
        if missing:
            context.error(
                "allocations",
                rows[-1],
                "year",
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
            context["gp_lists"].text("list_code"),
            context["gp_lists"].text("commissioner"),
            strict=True,
        )
    )
    for row, practice in enumerate(context["primary_care_payments"].text("list_code")):
        found.setdefault(
            (
                responsible.get(practice, ""),
                context.value("primary_care_payments", row, "funding_stream"),
            ),
            ("primary_care_payments", row),
        )
    return found

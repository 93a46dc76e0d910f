"""Whether the settings speak of things the tables have."""

from __future__ import annotations

from wpb.tables.checks.context import Context, across, hint, listed
from wpb.tables.contract_life import ContractTerms
from wpb.tables.contracts import Contracts
from wpb.tables.forecasting import GrowthCategories
from wpb.tables.population import FundingStreams, GpLists, Organisations
from wpb.tables.settings_shape import LONGEST_TERM


@across
def check_routes(context: Context) -> None:
    """Each funding stream has one forecast route, and each route names a real stream.

    Source: handbook 3.2.1, 3.3.1; req 148-150.
    """
    if not context.readable("funding_streams"):
        return
    streams, routes = (
        FundingStreams.of(context).funding_stream,
        context.settings.forecast_routes,
    )
    for stream in routes:
        if stream not in streams:
            context.log.error(
                context.settings.where(f"forecast.routes.{stream}"),
                f"The forecast route '{stream}' is not a funding stream of this model.",
                f"{hint(stream, streams)}Streams: {listed(streams) or 'none'}.",
                "route_unknown",
            )
    for row, stream in enumerate(streams):
        if stream and stream not in routes:
            context.error(
                FundingStreams,
                row,
                FundingStreams.funding_stream,
                f"The funding stream '{stream}' has no forecast route.",
                f"Add {stream} under forecast.routes in the settings, with a route and a reason.",
                "route_missing",
            )


@across
def check_lead_provider(context: Context) -> None:
    """The lead provider is one of the organisations.

    Source: handbook 2.1.1.
    """
    code, kinds = (
        context.settings.lead_provider,
        dict(
            zip(
                Organisations.of(context).organisation,
                Organisations.of(context).kind,
                strict=True,
            )
        ),
    )
    if not code or not context.readable("organisations"):
        return
    where = context.settings.where("lead_provider")
    if code not in kinds:
        context.log.error(
            where,
            f"The lead provider '{code}' is not in the table 'organisations'.",
            f"{context.hint_at(code, 'organisations', 'organisation')}Add it there with the kind"
            " lead_provider, or correct the setting.",
            "code_unknown",
        )
    elif kinds[code] not in ("lead_provider", ""):
        context.log.warning(
            where,
            f"The lead provider '{code}' is in 'organisations' as a"
            f" {kinds[code].replace('_', ' ')}.",
            "Give it the kind lead_provider there, if that is its part in this budget.",
            "lead_provider_kind",
        )


@across
def check_form(context: Context) -> None:
    """The form of integration agrees with how practices take part.

    Source: handbook 1.1.4; req 103, 348.
    """
    form, lists = context.settings.form, GpLists.of(context)
    if form in ("", "mixed"):
        return
    for row, (kind, participation) in enumerate(zip(lists.kind, lists.participation, strict=True)):
        if kind == "practice" and participation not in (form, "none", ""):
            context.log.warning(
                lists.cell(row, GpLists.participation),
                f"This practice takes part by {participation} integration, but the model's form is"
                f" {form}.",
                "Set form to mixed in the settings, or correct the participation.",
                "form_differs",
            )
            return


@across
def check_term(context: Context) -> None:
    """A contract runs in 16 financial years only where its terms start it within a year; whole
    years are 15 at most.

    Source: handbook 1.2.2, 4.3; req 213, 215.
    """
    terms, years = ContractTerms.of(context), context.settings.contract_years
    if years <= LONGEST_TERM or not context.readable("contract_terms"):
        return
    if not len(terms) or str(terms.read.columns["starts_on"][0])[5:] == "04-01":
        context.log.error(
            context.settings.where("contract.years"),
            f"The contract would run for {years} whole financial years.",
            f"Enter {LONGEST_TERM} at most; {years} is only for a contract of {LONGEST_TERM} years"
            " that starts within a year, by its dates in 'contract_terms'.",
            "term_too_long",
        )


@across
def check_no_growth_reasons(context: Context) -> None:
    """Each growth category that does not grow has its reason in the settings, and no other category
    has one.

    Source: handbook 3.3.2; req 177.
    """
    if not context.readable("growth_categories"):
        return
    table, reasons = GrowthCategories.of(context), context.settings.no_growth_reasons
    without = {
        code: row
        for row, (code, method) in enumerate(
            zip(table.growth_category, table.growth_method, strict=True)
        )
        if method == "none"
    }
    for code, row in without.items():
        if code not in reasons:
            context.error(
                GrowthCategories,
                row,
                GrowthCategories.growth_method,
                f"The growth category '{code}' does not grow, and no reason is given.",
                f"Add '{code}: <reason>' under forecast.no_growth in the settings.",
                "no_growth_reason",
            )
    for code in reasons:
        if code not in without:
            context.log.error(
                context.settings.where(f"forecast.no_growth.{code}"),
                f"'{code}' is not a growth category whose growth_method is none.",
                f"{hint(code, without)}Correct the name, or take it out.",
                "no_growth_unknown",
            )


@across
def check_currency(context: Context) -> None:
    """Every contract is in the model's one currency; nothing is converted.

    Source: req 361.
    """
    currency = context.settings.currency
    for row, code in enumerate(Contracts.of(context).currency):
        if code and currency and code != currency:
            context.error(
                Contracts,
                row,
                Contracts.currency,
                f"The contract is in {code}, but this model is in {currency}.",
                f"Enter its amounts in {currency}; a model has one currency.",
                "currency",
            )

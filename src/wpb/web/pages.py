"""The pages of a budget, declared: each names the results it shows and the words and charts above them.

A result that no page names still has a page of its own, so a new result table or section appears by being there.
Source: handbook 3.7; req 361, 362, 366.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wpb.present.charts import Chart
from wpb.present.report_records import elements_view, grades_view
from wpb.present.report_sections import affordability_view, bridge_view, headline_view, path_view
from wpb.web.budgets import Shown

View = dict[str, Any]


def _overview(shown: Shown) -> View:
    found = headline_view(shown.reader)
    return {"cards": found["cards"], "sentences": found["sentences"], "charts": path_view(shown.reader)["charts"][:1]}


def _story(view: Callable[..., View]) -> Callable[[Shown], View]:
    def made(shown: Shown) -> View:
        found = view(shown.reader)
        charts: list[Chart] = found.get("charts") or [chart for chart in [found.get("chart")] if chart]
        return {"sentences": found.get("sentences") or [words for words in [found.get("story", "")] if words], "charts": charts}

    return made


def _nothing(shown: Shown) -> View:
    return {}


@dataclass(frozen=True)
class Page:
    """A page: its name in addresses, its title, what it is for, its results, and what it says and draws."""

    name: str
    title: str
    about: str
    tables: tuple[str, ...]
    view: Callable[[Shown], View] = _nothing
    published: bool = False
    """Whether bidders may open it."""


PAGES = (
    Page("overview", "Overview", "The headline figures, and what needs attention.", ("years", "problems"), _overview, published=True),
    Page("scope", "Scope", "Who and what is in the budget, and what was asked of it.", ("baseline_by_service_line", "scope_checks", "scope_width", "neighbourhoods", "risk_register", "population_path", "population_size", "footprints", "pooling_law"), published=True),
    Page("baseline", "Baseline", "From what is spent today to the baseline, step by step.", ("bridge", "current_spend", "elements", "baseline_checks", "reconciliation", "left_out", "part_year", "spend_history"), _story(bridge_view)),
    Page("workings", "Block contracts", "The four steps of each block contract: pounds to services, activity to services, pounds to activity, activity to lists.", ("contracts", "contract_workings")),
    Page("path", "Ten-year path", "What each step adds to or takes from the baseline, year by year.", ("forecast_by_year", "funding_stream_routes", "beyond_published_years", "efficiency_steps"), _story(path_view)),
    Page("affordability", "Affordability", "The forecast beside the allocations that pay for it.", ("affordability", "two_sided_test", "binding_constraints", "contributions", "savings_register", "system_position"), _story(affordability_view)),
    Page("values", "Contract values", "How the budget is paid, by whom, and how its values change.", ("contract_by_year", "contract_versions", "contract_updates", "population_updates", "payment_schedule", "periodic_agreements", "fixed_period_choices", "elements", "annual_payment_parts", "council_commitments", "contract_problems"), _story(elements_view)),
    Page("payments", "Payments", "Instalments, postings and statements.", ("instalments", "statements", "postings", "balances", "payment_flows", "provider_income", "monitoring", "contract_problems")),
    Page("incentives", "Incentives", "What is earned for quality and outcomes.", ("incentives", "incentive_payments", "contract_problems")),
    Page("sharing", "Gain and loss sharing", "Who shares what, by party and year.", ("sharing", "sharing_shares", "sharing_lines", "savings_register", "contract_problems")),
    Page("shadow", "Shadow results", "How the budget fares over many futures.", ("shadow", "shadow_fan", "shadow_tornado", "accuracy")),
    Page("assumptions", "Assumptions", "Every assumption that a figure rests on, when it was published and by whom.", ("assumptions", "choices"), published=True),
    Page("problems", "Problems", "What the checks found, where it stands and how to mend it.", ("problems",)),
    Page("data", "Data checklist", "Which tables the model has, which it lacks, and whose they are.", ("data_checklist", "data_sources", "information_governance", "spend_and_cost")),
    Page("grades", "Method grades", "How good the methods are, line by line.", ("grades", "accuracy", "budget_lines"), _story(grades_view)),
)
BY_NAME = {page.name: page for page in PAGES}


def tables_of(page: Page, shown: Shown) -> list[str]:
    """Name the results of a page that this budget has, those without a row left out."""
    return [name for name in page.tables if name in shown.tables and (len(shown.tables[name]) or name == "problems")]

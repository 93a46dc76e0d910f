"""The pages of a budget, declared: each names the results it shows, how it shows them, and the
words and charts above.

A result that no page names still has a page of its own, so a new result table or section appears by
being there.
Source: handbook 3.7; req 361, 362, 366.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wpb.present.block_steps import COLUMNS
from wpb.present.result_table import ResultTable
from wpb.store.database import Database
from wpb.web import contract_views, page_views, shadow_views
from wpb.web.budgets import Shown
from wpb.web.drawing import Drawn
from wpb.web.page_views import Choice, Looked, View
from wpb.web.parts import Part, laid_out
from wpb.web.withholding import is_finding, seen

FAULTS = Part("contract_problems")
FAN = ("principal_pence", "p5_pence", "p25_pence", "p50_pence", "p75_pence", "p95_pence")
SPLIT = ("spend_pence", "in_scope_pence", "out_of_scope_pence", "unmapped_pence")


@dataclass(frozen=True)
class Page:
    """A page: its name in addresses, its title, what it is for, its results, and what it says and
    draws.
    """

    name: str
    title: str
    about: str
    parts: tuple[Part, ...]
    view: Callable[[Looked], View] = page_views.nothing
    published: bool = False
    """Whether bidders may open it."""
    choices: tuple[Choice, ...] = ()
    fresh: Callable[[Database, str], str] = page_views.settled
    """What the page rests on besides the budget, such as the latest run, so that a kept page is not
    an old one.
    """

    @property
    def tables(self) -> tuple[str, ...]:
        """The results the page may show."""
        return tuple(dict.fromkeys(part.table for part in self.parts))

    def chosen(self, shown: Shown, asked: Mapping[str, str]) -> dict[str, str]:
        """What a reader chose of what there is; the first of it where they chose nothing."""
        found = {}
        for choice in self.choices:
            values = [value for value, _ in choice.options(shown)]
            if values:
                found[choice.name] = (
                    asked[choice.name] if asked.get(choice.name) in values else values[0]
                )
        return found


def plain(*names: str) -> tuple[Part, ...]:
    """Show results as they are."""
    return tuple(Part(name) for name in names)


def by_year(table: str, rows: tuple[str, ...], value: str, **more: Any) -> Part:
    """Show a result with its years across."""
    return Part(table, rows, across="year", value=value, **more)


TOTAL = (("level", ("total",)),)
PAGES = (
    Page(
        "overview",
        "Overview",
        "The headline figures, and what needs attention.",
        (
            Part(
                "years",
                (
                    "year",
                    "do_nothing_pence",
                    "forecast_pence",
                    "out_of_scope_pence",
                    "allocation_pence",
                    "headroom_pence",
                ),
                title="Headline by year",
            ),
            Part(
                "problems",
                ("severity", "what", "fix"),
                title="What needs attention",
                about=(
                    "The first of what the checks found; the page of problems has them all, each"
                    " with its cell."
                ),
                most=8,
            ),
        ),
        page_views.overview,
        published=True,
    ),
    Page(
        "scope",
        "Scope",
        "Who and what is in the budget, and what was asked of it.",
        (
            Part(
                "baseline_by_service_line",
                ("name", "scope", "in_scope_from", *SPLIT),
                title="Service lines",
                totals=True,
            ),
            *plain("scope_checks", "scope_width", "neighbourhoods"),
            Part(
                "baseline_by_list",
                (
                    "name",
                    "commissioner",
                    "neighbourhood",
                    "participation",
                    "population",
                    "baseline_pence",
                    "baseline_pence_per_person",
                ),
                title="GP lists",
            ),
            *plain(
                "risk_register", "population_path", "population_size", "footprints", "pooling_law"
            ),
        ),
        published=True,
    ),
    Page(
        "baseline",
        "Baseline",
        "From what is spent today to the baseline, step by step.",
        (
            Part(
                "bridge",
                ("step", "amount_pence", "running_pence", "reason"),
                title="Bridge from current spend to the baseline",
            ),
            Part("elements", ("name", "baseline_pence", "share"), totals=True),
            Part(
                "baseline_by_service_line",
                ("name", "lines", "in_scope_pence", "baseline_pence"),
                where=(("scope", ("in",)),),
                title="Baseline by service line",
                totals=True,
            ),
            Part("current_spend", ("held_under", *SPLIT), totals=True),
            Part(
                "reconciliation",
                ("commissioner", "ledger_pence", "lines_pence", "difference_pence"),
                where=(("level", ("commissioner",)),),
            ),
            *plain("baseline_checks", "left_out", "part_year", "spend_history"),
        ),
        page_views.baseline,
    ),
    Page(
        "workings",
        "Block contracts",
        "The four steps of each block contract: pounds to services, activity to services, pounds to"
        " activity, activity to lists.",
        (
            *(
                Part(
                    f"step_{step}",
                    tuple(column.name for column in COLUMNS[step]),
                    most=400,
                    totals=step != 2,
                )
                for step in (1, 2, 3, 4)
            ),
            Part(
                "contracts",
                (
                    "title",
                    "payment_basis",
                    "population_method",
                    "value_pence",
                    "allocated_pence",
                    "out_of_scope_pence",
                    "unmapped_pence",
                ),
                totals=True,
            ),
            Part(
                "contract_workings",
                (
                    "contract",
                    "step",
                    "method",
                    "service_line",
                    "activity_type",
                    "units",
                    "amount_pence",
                ),
                title="Workings of all block contracts",
                most=10,
            ),
        ),
        page_views.workings,
        choices=(Choice("contract", "Contract", page_views.block_contracts),),
    ),
    Page(
        "path",
        "Ten-year path",
        "What each step adds to or takes from the baseline, year by year.",
        (
            by_year(
                "forecast_by_year",
                ("step",),
                "amount_pence",
                title="Forecast by year: the baseline and each step since",
                about="Each step's effect since the baseline; together they make the forecast.",
            ),
            by_year(
                "forecast_by_year",
                ("step",),
                "in_year_pence",
                where=(("row_kind", ("step",)),),
                title="Effect of each step within the year",
            ),
            *plain(
                "funding_stream_routes",
                "population_projections",
                "beyond_published_years",
                "efficiency_steps",
            ),
        ),
        page_views.path,
    ),
    Page(
        "affordability",
        "Affordability",
        "The forecast beside the allocations that pay for it.",
        (
            Part(
                "affordability",
                (
                    "year",
                    "allocation_pence",
                    "forecast_pence",
                    "out_of_scope_pence",
                    "headroom_pence",
                    "residual_pence",
                    "certainty",
                ),
                where=TOTAL,
                title="In total",
            ),
            by_year(
                "affordability",
                ("commissioner",),
                "headroom_pence",
                where=(("level", ("commissioner",)),),
                title="Headroom by commissioner",
            ),
            by_year(
                "affordability",
                ("funding_stream",),
                "headroom_pence",
                where=(("level", ("stream",)),),
                title="Headroom by funding stream",
            ),
            by_year(
                "contributions",
                ("commissioner",),
                "contribution",
                title="What each commissioner pays towards the budget",
            ),
            *plain("two_sided_test", "binding_constraints", "savings_register", "system_position"),
        ),
        page_views.affordability,
    ),
    Page(
        "values",
        "Contract values",
        "How the budget is paid, by whom, and how its values change.",
        (
            Part(
                "contract_by_year",
                (
                    "year",
                    "wpb_pence",
                    "wpap_pence",
                    "part_a_pence",
                    "part_b_pence",
                    "withheld_pence",
                    "activity_paid_pence",
                    "incentives_pence",
                    "personal_budgets_pence",
                    "change_pence",
                    "certainty",
                ),
                totals=True,
            ),
            by_year("payment_schedule", ("commissioner", "funding_stream"), "wpap_pence"),
            by_year("contract_updates", ("title",), "change_pence"),
            Part(
                "contract_versions",
                (
                    "version",
                    "title",
                    "known_on",
                    "effective_on",
                    "lifetime_pence",
                    "change_pence",
                    "test",
                ),
                most=40,
            ),
            Part(
                "population_updates",
                (
                    "effective_on",
                    "people_planned",
                    "people_registered",
                    "people_moved",
                    "size_pence",
                    "composition_pence",
                    "total_pence",
                ),
            ),
            Part("population_by_list", ("name", "registered", "planned", "difference"), most=50),
            by_year("periodic_agreements", ("event", "factor", "accepted"), "effect_pence"),
            *plain("fixed_period_choices"),
            Part("elements", ("name", "baseline_pence", "share"), totals=True),
            *plain("annual_payment_parts"),
            by_year(
                "council_commitments",
                ("funding_stream",),
                "gap",
                title="What councils have yet to commit",
                about=(
                    "Forecast less what is committed; below nought more is committed than forecast."
                ),
            ),
            FAULTS,
        ),
        contract_views.values,
    ),
    Page(
        "payments",
        "Payments",
        "Instalments, statements for each party and month, and who pays whom.",
        (
            by_year(
                "instalments",
                ("month_name",),
                "amount_pence",
                title="Instalments of the annual payment",
                about="Twelve a year, adding to the year's payment to the penny.",
            ),
            Part("statement", most=100, totals=True, pennies=True),
            Part(
                "payment_flows",
                ("payer", "payee", "amount_pence"),
                asked=(("year", "year"),),
                title="Who pays whom in the year",
                most=60,
                totals=True,
            ),
            Part(
                "provider_income",
                (
                    "provider",
                    "income_today_pence",
                    "continues_outside_pence",
                    "under_contract_pence",
                    "other_payments_pence",
                    "change_pence",
                    "stranded_pence",
                ),
                asked=(("year", "year"),),
            ),
            Part("monitoring"),
            Part(
                "balances",
                ("name", "received_pence", "paid_pence", "balance_pence"),
                most=60,
                totals=True,
            ),
            Part(
                "statements",
                (
                    "party",
                    "month",
                    "opening_pence",
                    "received_pence",
                    "paid_pence",
                    "closing_pence",
                ),
                asked=(("party", "party"),),
                title="The party's statements, month by month",
                most=24,
                pennies=True,
            ),
            Part(
                "postings",
                ("month", "payer", "payee", "reason", "amount_pence"),
                title="All payments",
                most=10,
                pennies=True,
            ),
            FAULTS,
        ),
        contract_views.payments,
        choices=(
            Choice("year", "Year", contract_views.contract_years),
            Choice("party", "Party", contract_views.parties),
            Choice("month", "Month", contract_views.months),
        ),
    ),
    Page(
        "incentives",
        "Incentives",
        "What is earned for quality and outcomes.",
        (
            Part(
                "incentives",
                (
                    "title",
                    "year",
                    "treatment",
                    "rate",
                    "worth_pence",
                    "achieved",
                    "earned_pence",
                    "lost_pence",
                    "standing",
                ),
            ),
            Part(
                "incentive_metrics",
                (
                    "scheme_title",
                    "year",
                    "title",
                    "paid",
                    "weight",
                    "threshold",
                    "full_at",
                    "value",
                    "part",
                    "earned_pence",
                ),
                most=60,
            ),
            Part(
                "incentive_payments",
                ("month", "payer", "payee", "reason", "amount_pence"),
                totals=True,
                pennies=True,
            ),
            FAULTS,
        ),
        contract_views.incentives,
    ),
    Page(
        "sharing",
        "Gain and loss sharing",
        "Who shares what, by party and year.",
        (
            Part(
                "sharing_shares",
                (
                    "year",
                    "known_on",
                    "standing",
                    "name",
                    "share_pence",
                    "fell_on_it_pence",
                    "due_pence",
                ),
                pennies=True,
            ),
            Part(
                "sharing",
                (
                    "year",
                    "known_on",
                    "standing",
                    "gap_pence",
                    "notional_pence",
                    "pool_pence",
                    "kept_back_pence",
                    "shared_pence",
                ),
            ),
            Part(
                "sharing_lines",
                (
                    "year",
                    "known_on",
                    "line",
                    "baseline_pence",
                    "outturn_pence",
                    "gap_pence",
                    "cash_pence",
                    "notional_pence",
                    "source_of_cash",
                ),
            ),
            *plain("sharing_checks", "savings_register"),
            FAULTS,
        ),
        contract_views.sharing,
    ),
    Page(
        "shadow",
        "Shadow results",
        "How the budget fares over many futures.",
        (
            Part(
                "shadow_parties",
                (
                    "party",
                    "mean_pence",
                    "p5_pence",
                    "p50_pence",
                    "p95_pence",
                    "gain",
                    "loss",
                    "worst_5_pence",
                    "sharing_pence",
                    "beyond_limit",
                    "beyond_contingency",
                ),
            ),
            Part(
                "shadow_fan",
                ("result", "year", *FAN),
                where=(("result", ("forecast", "headroom")),),
                title="Spend and headroom, year by year",
            ),
            Part(
                "shadow_fan",
                ("party", "year", *FAN),
                asked=(("party", "party"),),
                title="The party's margin, year by year",
            ),
            *plain("shadow_affordable"),
            Part("shadow_tornado", ("result", "party", "title", "low_pence", "high_pence")),
            *plain("shadow_drivers", "shadow_baselines", "shadow_chance"),
            Part("shadow_models", most=60),
            *plain("shadow_criteria", "shadow_problems", "shadow_run", "accuracy"),
        ),
        shadow_views.shadow,
        choices=(Choice("party", "Margin of", shadow_views.parties),),
        fresh=shadow_views.latest,
    ),
    Page(
        "assumptions",
        "Assumptions",
        "Every assumption that a figure rests on, when it was published and by whom.",
        (
            Part(
                "assumptions_used",
                ("title", "years", "value", "status", "vintage", "source", "displaced"),
                most=400,
            ),
            Part(
                "assumptions",
                ("title", "year", "value", "unit", "vintage", "status"),
                title="Each assumption by year",
                most=10,
            ),
            *plain("choices"),
        ),
        page_views.assumptions,
        published=True,
    ),
    Page(
        "problems",
        "Problems",
        "What the checks found, where it stands and how to mend it.",
        (Part("problems", ("severity", "what", "fix", "file", "cell"), most=100),),
        page_views.problems,
    ),
    Page(
        "data",
        "Data checklist",
        "Which tables the model has, which it lacks, and whose they are.",
        (
            Part("data_checklist", ("title", "needed", "standing", "rows", "file"), most=130),
            *plain("data_sources", "information_governance", "spend_and_cost"),
        ),
        page_views.data,
    ),
    Page(
        "grades",
        "Method grades",
        "How good the methods are, line by line.",
        (
            Part("grades", ("name", "lines", "baseline_pence", "share"), totals=True),
            *plain("accuracy"),
            Part(
                "budget_lines",
                ("name", "provider", "grade", "grade_reason", "baseline_pence"),
                most=20,
            ),
        ),
        page_views.grades,
    ),
)
BY_NAME = {page.name: page for page in PAGES}


def tables_of(page: Page, looked: Looked, view: View) -> dict[str, ResultTable]:
    """Give the results of a page that this budget has, as the reader may see them, those without a
    row left out; those made for the page among them.

    Source: handbook 2.1.1; req 354.
    """
    made: dict[str, ResultTable] = view.get("made", {})
    found = {
        name: (
            seen(looked.shown, made[name], looked.sight) if name in made else looked.tables[name]
        )
        for name in page.tables
        if name in made or name in looked.tables
    }
    found = {
        name: table
        for name, table in found.items()
        if looked.sight.may_see("finding") or not is_finding(table)
    }
    return {name: table for name, table in found.items() if len(table) or name == "problems"}


def drawn_parts(page: Page, looked: Looked, tables: Mapping[str, ResultTable]) -> list[Drawn]:
    """Lay the parts of a page out."""
    found = [
        laid_out(looked.shown, tables[part.table], part, looked.version, looked.chosen)
        for part in page.parts
        if part.table in tables
    ]
    return [each for each in found if each.rows or each.name == "problems"]

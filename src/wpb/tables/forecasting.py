"""Tables of the forecast: growth categories, allocations, care-model impacts."""

from wpb.tables.schema import Column, TableSpec

GROWTH_CATEGORIES = TableSpec(
    "growth_categories",
    "Growth categories",
    "Expenditure groups, each with its own growth: which assumption gives each rate.",
    (
        Column("growth_category", "code", "Expenditure group"),
        Column("name", "text", "Group name"),
        Column(
            "growth_method",
            "choice",
            "unit_cost_and_activity: unit cost uplift and activity growth; total_cost: one combined rate; deflator: a general price index; none: no growth (with a reason in model.yaml)",
            choices=("unit_cost_and_activity", "total_cost", "deflator", "none"),
        ),
        Column("cost_rate", "code", "Assumption: unit cost uplift, total cost rate or deflator", required=False),
        Column("demographic_rate", "code", "Assumption: demographic activity growth", required=False),
        Column("non_demographic_rate", "code", "Assumption: non-demographic activity growth", required=False),
        Column("activity_rate", "code", "Assumption: combined activity growth, where the parts are not given apart", required=False),
        Column("efficiency_rate", "code", "Assumption: provider efficiency; blank where none is agreed", required=False),
    ),
    key=("growth_category",),
    required=True,
    source="handbook 3.3.2 Dudley; req 159-172, 186",
)

ALLOCATIONS = TableSpec(
    "allocations",
    "Allocations",
    "Each commissioner's allocation by funding stream and year, and how certain it is.",
    (
        Column("commissioner", "code", "Commissioner or council", refers_to="organisations.organisation"),
        Column("funding_stream", "code", "Stream", refers_to="funding_streams.funding_stream"),
        Column("year", "year", "Year"),
        Column("allocation", "pounds", "Recurrent allocation"),
        Column("certainty", "choice", "How certain it is", choices=("firm", "indicative", "planning_assumption")),
        Column("source", "text", "Where it was published or agreed"),
    ),
    key=("commissioner", "funding_stream", "year"),
    source="handbook 3.3.1, 3.6; req 149-151, 200-202",
)

CARE_MODEL_IMPACTS = TableSpec(
    "care_model_impacts",
    "Care model impacts",
    "What the new care model costs first and saves later, by programme, service line and year.",
    (
        Column("programme", "code", "Programme"),
        Column("service_line", "code", "Service line it changes", refers_to="service_lines.service_line"),
        Column("commissioner", "code", "Commissioner whose spend it changes", refers_to="organisations.organisation"),
        Column("funding_stream", "code", "Stream it changes", refers_to="funding_streams.funding_stream"),
        Column("year", "year", "Year"),
        Column("investment", "pounds", "Investment in the year, not below nought"),
        Column("saving", "pounds", "Saving in the year, not below nought"),
        Column("recurrent", "yes_no", "Whether the investment recurs"),
        Column("scope", "choice", "Whether it changes spend inside or outside this budget", choices=("inside", "outside")),
        Column("owner", "text", "Who delivers it"),
        Column("plan", "text", "How the saving will be realised"),
    ),
    key=("programme", "service_line", "commissioner", "funding_stream", "year", "scope"),
    source="handbook 3.5; req 188, 205",
)

TABLES = (GROWTH_CATEGORIES, ALLOCATIONS, CARE_MODEL_IMPACTS)

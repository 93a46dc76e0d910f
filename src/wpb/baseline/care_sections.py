"""What primary care and council-funded care hand to the report, as small tables.

Source: handbook 2.5, 2.6; overview 3.3; req 105-139.
"""

from __future__ import annotations

from collections.abc import Sequence

from wpb.baseline.current_spend import CurrentSpend
from wpb.baseline.pooling_law import PoolingTest
from wpb.baseline.pricing_regime import REGIMES
from wpb.kernel.ledger import Block, Ledger
from wpb.kernel.money import round_parts, whole_pence
from wpb.tables.council_money import GOVERNANCE_ITEMS
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn, SectionValue

Row = tuple[SectionValue, ...]


def _code(name: str, heading: str) -> SectionColumn:
    return SectionColumn(name, heading, "code")


def _pounds(name: str, heading: str) -> SectionColumn:
    return SectionColumn(name, heading, "pounds")


def left_out_section(current: CurrentSpend, by_reason: Block) -> Section:
    """List what is left out, by reason, with its worth for the lists in scope.

    Source: handbook 2.5, 2.6; Mid-Nottinghamshire article (2016); req 105, 107, 108, 129, 138, 139.
    """
    counts = {
        reason: sum(1 for line in current.lines.lines if line.left_out == reason)
        for reason in by_reason.axis.codes
    }
    amounts = round_parts(by_reason.value[0, :, 0].tolist(), by_reason.axis.codes)
    rows = tuple(
        (reason[0].upper() + reason[1:], counts[reason], amount)
        for reason, amount in zip(by_reason.axis.codes, amounts, strict=True)
    )
    return Section(
        "left_out",
        "Left out, and why",
        "Spend for the lists in scope that a rule, the law or an agreement keeps out of the budget."
        " It stays in the forecast outside scope.",
        (
            SectionColumn("reason", "Reason"),
            SectionColumn("lines", "Budget lines", "count"),
            _pounds("spend", "Spend a year"),
        ),
        rows,
    )


def regimes_section(current: CurrentSpend, baseline: Block) -> Section:
    """Give the baseline by the rules of price its lines fall under.

    Source: handbook 1.1.4; overview 3.3.1; req 123, 133, 230.
    """
    totals = dict.fromkeys(REGIMES, 0.0)
    counts = dict.fromkeys(REGIMES, 0)
    for row, line in enumerate(current.lines.lines):
        amount = baseline.at(row, 0)
        if amount and line.pricing_regime:
            totals[line.pricing_regime] += amount
            counts[line.pricing_regime] += 1
    used = [regime for regime in REGIMES if counts[regime]]
    amounts = round_parts([totals[regime] for regime in used], used)
    rows = tuple(
        (regime, REGIMES[regime], counts[regime], amount)
        for regime, amount in zip(used, amounts, strict=True)
    )
    return Section(
        "pricing_regimes",
        "Rules of price",
        "Which rules of price the baseline falls under today. Within one contract for the whole"
        " budget, nationally priced care needs a local payment arrangement.",
        (
            _code("regime", "Regime"),
            SectionColumn("name", "Rules of price"),
            SectionColumn("lines", "Budget lines", "count"),
            _pounds("baseline", "Baseline"),
        ),
        rows,
    )


def pooling_section(tests: Sequence[PoolingTest], current: CurrentSpend) -> Section:
    """List each stream's functions with the power relied on and whether the law lets them be
    pooled.

    Source: handbook 2.6; overview 3.3.3; req 134.
    """
    worth: dict[str, float] = {}
    for row, line in enumerate(current.lines.lines):
        worth[line.funding_stream] = worth.get(line.funding_stream, 0.0) + current.in_scope.at(
            row, 0
        )
    rows = tuple(
        (
            test.funding_stream,
            test.function,
            test.power,
            test.finding,
            test.since or None,
            test.source,
            test.note,
            whole_pence(worth.get(test.funding_stream, 0.0)),
        )
        for test in tests
    )
    columns = (
        _code("funding_stream", "Stream"),
        _code("function", "Function"),
        _code("power", "Power"),
        _code("finding", "Finding"),
        SectionColumn("since", "Since", "date"),
        SectionColumn("source", "Source"),
        SectionColumn("note", "Note"),
        _pounds("stream_in_scope", "Stream's spend in scope"),
    )
    return Section(
        "pooling_law",
        "Whether the law lets it be pooled",
        "A test of each stream's functions as the law is known to stand when the contract starts."
        " Unknown means that no source at hand settles it. This is no legal advice.",
        columns,
        rows,
    )


def governance_section(model: Model) -> Section | None:
    """List the information-governance items of each payer of care packages, and where each stands.

    Source: handbook 2.6 Tower Hamlets; req 130.
    """
    payers = sorted(set(model["care_packages"].text("commissioner")))
    if not payers:
        return None
    table = model["information_governance"]
    found = {
        (payer, item): row
        for row, (payer, item) in enumerate(
            zip(table.text("organisation"), table.text("item"), strict=True)
        )
    }
    rows: list[Row] = []
    for payer in payers:
        for item in GOVERNANCE_ITEMS:
            row = found.get((payer, item))
            held = (
                ("not_recorded", "", "", None)
                if row is None
                else tuple(
                    str(table.columns[name][row])
                    for name in ("status", "evidence", "owner", "checked_on")
                )
            )
            rows.append((payer, item, *held))
    columns = (
        _code("organisation", "Payer"),
        _code("item", "Item"),
        _code("status", "Status"),
        SectionColumn("evidence", "Evidence"),
        SectionColumn("owner", "Owner"),
        SectionColumn("checked_on", "Checked on", "date"),
    )
    return Section(
        "information_governance",
        "Information governance",
        "What must stand before package data may be used.",
        columns,
        tuple(rows),
    )


def packages_section(model: Model, ledger: Ledger) -> Section | None:
    """Give packages by service line: gross, client contributions, net, and the part in scope.

    Source: handbook 2.6; req 126, 127, 128.
    """
    table = model["care_packages"]
    if not len(table):
        return None
    services = sorted(set(table.text("service_line")))
    position = {service: row for row, service in enumerate(services)}
    sums = [[0.0] * len(services) for _ in range(4)]
    for row, service in enumerate(table.text("service_line")):
        for column, name in enumerate(
            ("gross", "client_contribution", "net", "for_lists_in_scope")
        ):
            sums[column][position[service]] += ledger[f"care_packages/{name}"].at(row, 0)
    gross, contributions, _, inside = (round_parts(column, services) for column in sums)
    rows = tuple(
        (service, gross[row], contributions[row], gross[row] - contributions[row], inside[row])
        for row, service in enumerate(services)
    )
    columns = (
        _code("service_line", "Service line"),
        _pounds("gross", "Gross"),
        _pounds("client_contribution", "Client contributions"),
        _pounds("net", "Net"),
        _pounds("in_scope", "Net, in scope, for lists in scope"),
    )
    return Section(
        "care_packages",
        "Care packages, gross and net",
        "Full-year value of care packages before and after what clients pay towards them.",
        columns,
        rows,
    )


def conditions_section(ledger: Ledger) -> Section | None:
    """Give the full-year cost of packages by condition and kind of support, all providers together.

    Source: handbook 2.6 Tower Hamlets; req 128.
    """
    if "care_packages/by_condition" not in ledger:
        return None
    block = ledger["care_packages/by_condition"]
    if block.axis.codes == ("not_recorded.not_recorded",):
        return None
    amounts = round_parts(block.value[0, :, 0].tolist(), block.axis.codes)
    rows: tuple[Row, ...] = tuple(
        (*code.rsplit(".", 1), amount)
        for code, amount in zip(block.axis.codes, amounts, strict=True)
    )
    return Section(
        "care_by_condition",
        "Care packages by condition",
        "In-scope cost of packages of people on lists in scope, net of client contributions;"
        " private and in-house provision together.",
        (
            _code("condition", "Condition"),
            _code("package_kind", "Kind of support"),
            _pounds("cost", "Full-year cost"),
        ),
        rows,
    )


def vat_section(model: Model, effect: Block) -> Section:
    """Give the VAT effect on the baseline by service line and holder of the contract.

    Source: overview 3.3.3; req 128, 133.
    """
    table = model["vat_recovery"]
    spend = {service: row for row, service in enumerate(dict.fromkeys(table.text("service_line")))}
    rows: list[Row] = []
    for row, service in enumerate(table.text("service_line")):
        base = effect.inputs["spend_pence"].block.at(spend[service], 0)
        rows.append(
            (
                service,
                str(table.columns["holder"][row]),
                table.flags("holds_today")[row],
                whole_pence(base),
                whole_pence(effect.at(row, 0)),
                str(table.columns["basis"][row]),
            )
        )
    columns = (
        _code("service_line", "Service line"),
        _code("holder", "Holder"),
        SectionColumn("holds_today", "Today's holder", "yes_no"),
        _pounds("baseline", "Baseline"),
        _pounds("vat_effect", "More or less VAT borne"),
        SectionColumn("basis", "Basis"),
    )
    return Section(
        "vat_by_holder",
        "VAT by contract holder",
        "What the baseline would cost more, or less, for VAT that another holder of the contract"
        " could not, or could, recover.",
        columns,
        tuple(rows),
    )


def appointments_section(model: Model, ledger: Ledger) -> Section | None:
    """Give the cost of appointments by class through the four steps, and say what was left out of
    the count.

    Source: handbook 2.5 Tower Hamlets; req 114, 115, 116, 117, 118.
    """
    if "appointments/currency" not in ledger:
        return None
    table, unit = model["appointments"], ledger["appointments/currency"]
    outcomes, numbers = table.text("outcome"), table.numbers("appointments")
    missed, strange = (
        sum(float(numbers[row]) for row, outcome in enumerate(outcomes) if outcome == kind)
        for kind in ("did_not_attend", "anomaly")
    )
    initial, final = (
        round_parts(ledger[name].value[0, :, 0].tolist(), unit.axis.codes)
        for name in ("appointments/initial_split", "appointments/class_spend")
    )
    rows = tuple(
        (
            kind,
            ledger["appointments/by_class"].at(row, 0),
            ledger["appointments/activity_share"].at(row, 0),
            initial[row],
            ledger["appointments/relative_price"].at(row, 0),
            ledger["appointments/priced_share"].at(row, 0),
            final[row],
            whole_pence(unit.at(row, 0)),
        )
        for row, kind in enumerate(unit.axis.codes)
    )
    columns = (
        _code("appointment_class", "Class"),
        SectionColumn("attended", "Attended", "count"),
        SectionColumn("activity_share", "Share of activity", "share"),
        _pounds("initial_split", "By activity alone"),
        SectionColumn("relative_price", "Relative price", "number"),
        SectionColumn("priced_share", "Share with prices", "share"),
        _pounds("spend", "Spend"),
        _pounds("currency", "One appointment"),
    )
    return Section(
        "appointment_costs",
        "Cost of appointments",
        f"A view of primary care spend beside the baseline. Left out of the count: {missed:,.0f}"
        f" not attended and {strange:,.0f} that can't be right.",
        columns,
        rows,
    )


def cohorts_section(ledger: Ledger) -> Section | None:
    """Give the cost of each cohort's appointments; they add to the pot.

    Source: handbook 2.5 Tower Hamlets; req 118.
    """
    if "appointments/cohort_spend" not in ledger:
        return None
    block = ledger["appointments/cohort_spend"]
    amounts = round_parts(block.value[0, :, 0].tolist(), block.axis.codes)
    return Section(
        "appointment_cohorts",
        "Appointments by cohort",
        "Cost of the appointments of each cohort of patients.",
        (_code("cohort", "Cohort"), _pounds("spend", "Spend")),
        tuple(zip(block.axis.codes, amounts, strict=True)),
    )


def terms_section(model: Model) -> Section | None:
    """List agreed terms of practice payments; a local variant beside what national terms would pay.

    Source: overview 3.3.2; req 109, 110, 111.
    """
    terms, payments = model["primary_care_terms"], model["primary_care_payments"]
    if not len(terms):
        return None
    values = payments.numbers("value")
    rows: list[Row] = []
    for row in range(len(terms)):
        stream, practice, kind, category, reason, agreed = (
            str(terms.columns[name][row])
            for name in (
                "payment_stream",
                "list_code",
                "terms",
                "growth_category",
                "reason",
                "agreed_by",
            )
        )
        paid = sum(
            float(values[other])
            for other in payments.rows_where("payment_stream", stream)
            if not practice or payments.columns["list_code"][other] == practice
        )
        national = float(terms.numbers("national_value")[row])
        known = national == national
        rows.append(
            (
                stream,
                practice or "all",
                kind,
                whole_pence(paid),
                whole_pence(national) if known else None,
                whole_pence(paid - national) if known else None,
                category,
                reason,
                agreed,
            )
        )
    columns = (
        _code("payment_stream", "Stream"),
        _code("list_code", "Practice"),
        _code("terms", "Terms"),
        _pounds("paid", "Paid today"),
        _pounds("national", "On national terms"),
        _pounds("difference", "Difference"),
        _code("growth_category", "Agreed uplift"),
        SectionColumn("reason", "Reason"),
        SectionColumn("agreed_by", "Agreed by"),
    )
    return Section(
        "primary_care_terms",
        "Agreed terms of practice payments",
        "What was agreed beyond the national terms. Incentives stay beside the annual payment"
        " whatever their terms.",
        columns,
        tuple(rows),
    )

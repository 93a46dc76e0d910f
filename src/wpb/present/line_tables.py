"""Results by budget line, GP list and service line.

Source: handbook 2.1, 2.4.5; req 37, 101, 361.
"""

from __future__ import annotations

from wpb.kernel.money import whole_pence
from wpb.present.result_table import ResultTable, Value, entered, label, result_table, worked_out
from wpb.present.whole_pence import WholePence, round_to_total
from wpb.tables.records import GRADES, part_of

LINE_COLUMNS = (
    label("line", "Budget line", "code"),
    label("name", "What it pays for"),
    label("commissioner", "Commissioner", "code"),
    label("provider", "Provider", "code"),
    label("contract", "Contract", "code"),
    label("service_line", "Service line", "code"),
    label("activity_type", "Activity type", "code"),
    label("funding_stream", "Funding stream", "code"),
    label("payment_basis", "Payment basis", "code"),
    label("element", "Element", "code"),
    label("part", "Part", "code"),
    label("population", "Population profile", "code"),
    label("scope", "Service in scope", "code"),
    label("growth_category", "Growth category", "code"),
    label("recurrent", "Recurrent", "yes_no"),
    label("grade", "Method grade", "code"),
    label("grade_reason", "Weakest method"),
    label("effective_year", "Effective year", "year"),
    worked_out("spend_pence", "Current spend", adds_up=True),
    worked_out("in_scope_pence", "In scope", adds_up=True),
    worked_out("out_of_scope_pence", "Out of scope", adds_up=True),
    worked_out("unmapped_pence", "Mapped to no one", adds_up=True),
    worked_out("baseline_pence", "Baseline", adds_up=True),
    label("where", "Entered at"),
)


def budget_lines(whole: WholePence) -> ResultTable:
    """List every budget line: whose it is, how its figures were reached, its spend by scope and its
    baseline.

    Source: handbook 2.1, Table 2; req 18, 37, 361.
    """
    scope = whole.budget.scope
    rows = []
    for line, split, baseline in zip(
        whole.lines, whole.by_line, whole.baseline_by_line, strict=True
    ):
        row: list[Value] = [
            line.code,
            line.name,
            line.commissioner,
            line.provider,
            line.contract,
            line.service_line,
            line.activity_type,
            line.funding_stream,
            line.payment_basis,
            line.element,
        ]
        row += [
            part_of(scope.funder[line.funding_stream]),
            line.population,
            "in" if scope.line_in_scope(line) else "out",
            scope.growth_category[line.service_line],
            line.recurrent,
        ]
        row += [
            GRADES[line.grade],
            line.grade_reason,
            line.effective_year,
            split.spend,
            split.in_scope,
            split.out_of_scope,
            split.unmapped,
            baseline,
            str(line.place) if line.place else "",
        ]
        rows.append(row)
    return result_table(
        "budget_lines",
        "Budget lines",
        "Every budget line with its current spend by scope and its baseline. Each column adds to"
        " its own total.",
        LINE_COLUMNS,
        rows,
    )


def baseline_by_list(whole: WholePence) -> ResultTable:
    """Give the baseline of each GP list, and pounds for each person on it.

    Source: handbook 2.4.5; req 101.
    """
    budget, lists = whole.budget, whole.budget.model["gp_lists"]
    block = budget.ledger["baseline/by_list"]
    amounts = dict(
        zip(
            block.axis.codes,
            round_to_total(block.value[0, :, 0], block.axis.codes, whole.baseline),
            strict=True,
        )
    )
    columns = (
        label("list_code", "GP list", "code"),
        label("name", "Name"),
        label("kind", "Kind", "code"),
        label("commissioner", "Commissioner", "code"),
        label("neighbourhood", "Neighbourhood", "code"),
        label("participation", "Takes part", "code"),
        entered("population", "People", "count", adds_up=True),
        worked_out("baseline_pence", "Baseline", adds_up=True),
        worked_out("baseline_pence_per_person", "Baseline for each person"),
    )
    rows: list[list[Value]] = []
    for row, code in enumerate(lists.text("list_code")):
        if code in amounts or budget.scope.list_in_scope(code):
            people, amount = float(lists.numbers("population")[row]), amounts.get(code, 0)
            names = [
                str(lists.columns[name][row])
                for name in ("name", "kind", "commissioner", "neighbourhood", "participation")
            ]
            rows.append(
                [code, *names, people, amount, whole_pence(amount / people) if people else None]
            )
    return result_table(
        "baseline_by_list",
        "Baseline by GP list",
        "The baseline shared over the lists that take part.",
        columns,
        sorted(rows, key=lambda row: str(row[0])),
    )


def baseline_by_service_line(whole: WholePence) -> ResultTable:
    """Give current spend by scope, the baseline and the method grade of each service line.

    Source: handbook 2.4.5, Table 2; req 37, 361.
    """
    services = whole.budget.model["service_lines"]
    totals: dict[str, list[int]] = {}
    grades: dict[str, int] = {}
    for line, split, baseline in zip(
        whole.lines, whole.by_line, whole.baseline_by_line, strict=True
    ):
        into = totals.setdefault(line.service_line, [0] * 6)
        for i, amount in enumerate(
            (1, split.spend, split.in_scope, split.out_of_scope, split.unmapped, baseline)
        ):
            into[i] += amount
        if baseline:
            grades[line.service_line] = max(line.grade, grades.get(line.service_line, 1))
    columns = (
        label("service_line", "Service line", "code"),
        label("name", "Name"),
        label("scope", "Scope", "code"),
        label("in_scope_from", "Joins in", "year"),
        label("growth_category", "Growth category", "code"),
        label("weakest_grade", "Weakest method grade", "code"),
        worked_out("lines", "Budget lines", "count", adds_up=True),
        worked_out("spend_pence", "Current spend", adds_up=True),
        worked_out("in_scope_pence", "In scope", adds_up=True),
        worked_out("out_of_scope_pence", "Out of scope", adds_up=True),
        worked_out("unmapped_pence", "Mapped to no one", adds_up=True),
        worked_out("baseline_pence", "Baseline", adds_up=True),
    )
    rows: list[list[Value]] = []
    for row, code in enumerate(services.text("service_line")):
        if code in totals:
            names = [
                str(services.columns[name][row])
                for name in ("name", "scope", "in_scope_from", "growth_category")
            ]
            rows.append(
                [code, *names, GRADES[grades[code]] if code in grades else "", *totals[code]]
            )
    return result_table(
        "baseline_by_service_line",
        "Baseline by service line",
        "Current spend by scope and the baseline of each service line.",
        columns,
        sorted(rows, key=lambda row: str(row[0])),
    )


def baseline_by_service_and_list(whole: WholePence) -> ResultTable:
    """Share each service line's baseline over GP lists; a service line's lists add to it.

    Source: handbook 2.4.5; req 101.
    """
    detail = whole.budget.ledger["baseline/line_by_list"]
    service_of = {line.code: line.service_line for line in whole.lines}
    real: dict[tuple[str, str], float] = {}
    for code, amount in zip(detail.axis.codes, detail.value[0, :, 0].tolist(), strict=True):
        line, _, list_code = code.rpartition("~")
        key = (service_of[line], list_code)
        real[key] = real.get(key, 0.0) + amount
    rows: list[list[Value]] = []
    for service, total in whole.baseline_by_service.items():
        lists = sorted(list_code for found, list_code in real if found == service)
        amounts = (
            round_to_total([real[service, list_code] for list_code in lists], lists, total)
            if lists
            else []
        )
        rows += [
            [service, list_code, amount]
            for list_code, amount in zip(lists, amounts, strict=True)
            if amount
        ]
    columns = (
        label("service_line", "Service line", "code"),
        label("list_code", "GP list", "code"),
        worked_out("baseline_pence", "Baseline", adds_up=True),
    )
    return result_table(
        "baseline_by_service_and_list",
        "Baseline by service line and GP list",
        "A service line's lists add to its baseline.",
        columns,
        rows,
    )

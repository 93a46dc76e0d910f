"""Results by today's contract: what is paid and where it goes, the four steps of block contracts,
and the ledger tie.

Source: handbook 2.3, 2.4; req 18, 36, 63, 99, 101.
"""

from __future__ import annotations

from collections.abc import Sequence

from wpb.kernel.ledger import Block
from wpb.kernel.money import whole_pence
from wpb.present.result_table import ResultTable, Value, entered, label, result_table, worked_out
from wpb.present.whole_pence import SplitPence, WholePence, round_to_total, round_within
from wpb.tables.methods.facts import BY_BLOCK_METHODS

NO_SPLIT = SplitPence(0, 0, 0, 0)


def contracts_table(whole: WholePence) -> ResultTable:
    """List today's contracts: value = allocated to the scope + out of scope + mapped to no one; the
    residual is nought.

    Source: handbook 2.4; req 63, 99, 101.
    """
    table = whole.budget.model["contracts"]
    columns = (
        label("contract", "Contract", "code"),
        label("title", "Title"),
        label("commissioner", "Commissioner", "code"),
        label("provider", "Provider", "code"),
        label("payment_basis", "Payment basis", "code"),
        label("funding_stream", "Funding stream", "code"),
        label("population_method", "Population method", "code"),
        entered("value_pence", "Value", adds_up=True),
        worked_out("allocated_pence", "Allocated to the scope", adds_up=True),
        worked_out("out_of_scope_pence", "Out of scope", adds_up=True),
        worked_out("unmapped_pence", "Mapped to no one", adds_up=True),
        worked_out("residual_pence", "Residual", adds_up=True),
    )
    rows: list[list[Value]] = []
    for row, code in enumerate(table.text("contract")):
        value, split = (
            whole_pence(float(table.numbers("value")[row])),
            whole.by_holder.get(code, NO_SPLIT),
        )
        names = [
            str(table.columns[name][row])
            for name in (
                "title",
                "commissioner",
                "provider",
                "payment_basis",
                "funding_stream",
                "population_method",
            )
        ]
        rows.append(
            [
                code,
                *names,
                value,
                split.in_scope,
                split.out_of_scope,
                split.unmapped,
                value - split.spend,
            ]
        )
    return result_table(
        "contracts",
        "Today's contracts",
        "Value = allocated to the scope + out of scope + mapped to no one.",
        columns,
        sorted(rows, key=lambda row: str(row[0])),
    )


WORKING_COLUMNS = (
    label("contract", "Contract", "code"),
    label("step", "Step", "count"),
    label("method", "Option used", "code"),
    label("reason", "Why"),
    label("service_line", "Service line", "code"),
    label("activity_type", "Activity type", "code"),
    entered("units", "Units", "number"),
    entered("weight", "Weight of a unit", "number"),
    worked_out("amount_pence", "Amount"),
    worked_out("in_scope_pence", "In scope"),
    worked_out("out_of_scope_pence", "Out of scope"),
    worked_out("unmapped_pence", "Mapped to no one"),
)


def contract_workings(whole: WholePence) -> ResultTable:
    """Show the four steps of each block contract; the pounds of Steps 1, 3 and 4 each add to what
    is paid.

    Step 1: pounds by service line; Step 2: units by activity type; Step 3: pounds by activity type;
    Step 4: their split by scope.
    Source: handbook 2.4.1 Fig 1, Table 2; req 36, 37, 63, 77, 80, 99, 101.
    """
    contracts = whole.budget.model["contracts"]
    rows: list[list[Value]] = []
    for row, code in enumerate(contracts.text("contract")):
        if contracts.columns["payment_basis"][row] in BY_BLOCK_METHODS:
            rows += _workings(
                whole,
                code,
                str(contracts.columns["population_method"][row]),
                whole_pence(float(contracts.numbers("value")[row])),
            )
    return result_table(
        "contract_workings",
        "Workings of block contracts",
        "Pounds to services, activity to services, pounds to activity, activity to lists.",
        WORKING_COLUMNS,
        rows,
    )


def _workings(
    whole: WholePence, code: str, population_method: str, value: int
) -> list[list[Value]]:
    ledger, methods = whole.budget.ledger, _methods(whole, code)
    by_service, units, weight, by_activity = (
        ledger[f"contract/{code}/{name}"] for name in ("step_1", "step_2", "weight", "step_3")
    )
    pounds = dict(
        zip(
            by_service.axis.codes,
            round_to_total(by_service.value[0, :, 0], by_service.axis.codes, value),
            strict=True,
        )
    )
    rows: list[list[Value]] = [
        [code, 1, *methods["step_1"], service, "", None, None, amount, None, None, None]
        for service, amount in pounds.items()
    ]
    pairs = [_pair(name, by_service) for name in units.axis.codes]
    rows += [
        [code, 2, *methods["step_2"], *_names(name), units.at(i, 0), None, None, None, None, None]
        for i, name in enumerate(units.axis.codes)
    ]
    amounts = _within_services(by_activity, pairs, pounds)
    rows += [
        [
            code,
            3,
            *methods["step_3"],
            *_names(name),
            units.at(i, 0),
            weight.at(i, 0),
            amounts[i],
            None,
            None,
            None,
        ]
        for i, name in enumerate(by_activity.axis.codes)
    ]
    idle = {
        service: amount
        for service, amount in pounds.items()
        if service
        not in {
            pair for pair, i in zip(pairs, range(len(pairs)), strict=True) if by_activity.at(i, 0)
        }
        and amount
    }
    rows += [
        [code, 3, "no activity", "", service, "NOACTIVITY", 0.0, None, amount, None, None, None]
        for service, amount in idle.items()
    ]
    for line, split in zip(whole.lines, whole.by_line, strict=True):
        if line.contract == code:
            rows.append(
                [
                    code,
                    4,
                    population_method,
                    methods["step_4"][1],
                    line.service_line,
                    line.activity_type,
                    None,
                    None,
                    split.spend,
                    split.in_scope,
                    split.out_of_scope,
                    split.unmapped,
                ]
            )
    return rows


def _methods(whole: WholePence, code: str) -> dict[str, tuple[str, str]]:
    table = whole.budget.model["contract_methods"]
    found = {
        str(table.columns["step"][row]): (
            str(table.columns["option"][row]),
            str(table.columns["reason"][row]),
        )
        for row in table.rows_where("contract", code)
    }
    return {step: found.get(step, ("", "")) for step in ("step_1", "step_2", "step_3", "step_4")}


def _names(pair: str) -> tuple[str, str]:
    service, _, activity = pair.partition(".")
    return service, activity


def _pair(name: str, by_service: Block) -> str:
    service = _names(name)[0]
    return service if service in by_service.axis.positions else by_service.axis.codes[0]


def _within_services(by_activity: Block, pairs: Sequence[str], pounds: dict[str, int]) -> list[int]:
    return round_within(by_activity.value[0, :, 0], by_activity.axis.codes, pairs, pounds)


def reconciliation_table(whole: WholePence) -> ResultTable:
    """Tie the model's lines to each commissioner's own ledger: difference = ledger less lines, by
    account and in total.

    Source: handbook 2.4.1; req 18.
    """
    columns = (
        label("level", "Level", "code"),
        label("commissioner", "Commissioner", "code"),
        label("account", "Account", "code"),
        label("description", "Description"),
        label("covers", "Covers", "code"),
        entered("ledger_pence", "Commissioner's ledger"),
        entered("audited_pence", "Audited outturn"),
        worked_out("lines_pence", "Lines of the model"),
        worked_out("in_scope_pence", "In scope"),
        worked_out("out_of_scope_pence", "Out of scope"),
        worked_out("unmapped_pence", "Mapped to no one"),
        worked_out("difference_pence", "Difference"),
    )
    rows: list[list[Value]] = []
    for commissioner in sorted(
        {
            *whole.budget.model["commissioner_ledger"].text("commissioner"),
            *(line.commissioner for line in whole.lines),
        }
    ):
        splits = [
            split
            for line, split in zip(whole.lines, whole.by_line, strict=True)
            if line.commissioner == commissioner
        ]
        accounts = _accounts(whole, commissioner)
        ledger = sum(int(row[5] or 0) for row in accounts) if accounts else None
        audited = (
            sum(int(row[6] or 0) for row in accounts)
            if accounts and all(row[6] is not None for row in accounts)
            else None
        )
        rows.append(
            ["commissioner", commissioner, "", "All accounts", "", *_tie(ledger, audited, splits)]
        )
        rows += accounts
    return result_table(
        "reconciliation",
        "Tie to the commissioners' ledgers",
        "Difference = ledger less lines of the model; it is shown, never spread.",
        columns,
        rows,
    )


def _tie(ledger: int | None, audited: int | None, splits: Sequence[SplitPence]) -> list[Value]:
    lines, *parts = (
        sum(getattr(split, name) for split in splits)
        for name in ("spend", "in_scope", "out_of_scope", "unmapped")
    )
    return [ledger, audited, lines, *parts, None if ledger is None else ledger - lines]


def _accounts(whole: WholePence, commissioner: str) -> list[list[Value]]:
    table = whole.budget.model["commissioner_ledger"]
    covered: dict[str, list[SplitPence]] = {}
    for line, split in zip(whole.lines, whole.by_line, strict=True):
        if line.commissioner == commissioner:
            name = line.contract or {
                "primary_care": "primary_care",
                "care_package": "care_packages",
            }.get(line.payment_basis, line.code)
            covered.setdefault(name, []).append(split)
    repeated = table.text("covers")
    rows: list[list[Value]] = []
    for row in table.rows_where("commissioner", commissioner):
        covers, audited = (
            str(table.columns["covers"][row]),
            float(table.numbers("audited_outturn")[row]),
        )
        shared = (
            sum(1 for r in table.rows_where("commissioner", commissioner) if repeated[r] == covers)
            > 1
        )
        ledger = whole_pence(float(table.numbers("ledger_value")[row]))
        names = [
            commissioner,
            str(table.columns["account"][row]),
            str(table.columns["description"][row]),
            covers,
        ]
        audited_pence = None if audited != audited else whole_pence(audited)
        # Accounts that share what they cover tie together, not one by one.
        rows.append(
            [
                "account",
                *names,
                *(
                    [ledger, audited_pence, None, None, None, None, None]
                    if shared
                    else _tie(ledger, audited_pence, covered.get(covers, []))
                ),
            ]
        )
    return rows

"""The commissioners' own ledgers, and the adjustments agreed between spend and baseline."""

from __future__ import annotations

from collections import defaultdict

from midshire.acute import SPEND_YEAR
from midshire.chance import as_pounds
from midshire.place import NORTH, GpList
from midshire.rows import Rows

NOT_YET_POSTED_PENCE = 1_234_567
NOT_YET_POSTED_AT = "CLW-N"

ADJUSTMENTS = (
    # code, line, kind, pounds, counter line, reason, evidence, agreed by, on
    (
        "ADJ-01",
        "MCH-N.INTCAR.UR-F",
        "investment",
        "420000.00",
        "",
        "Full-year cost of the urgent community response teams that started in October 2026.",
        "Business case approved 18 September 2026",
        "North Midshire ICB; Midshire Community Health",
        "2026-11-05",
    ),
    (
        "ADJ-02",
        "MMH-N.MHTALK.TTHIGH",
        "investment",
        "265000.00",
        "",
        "Full-year cost of extra high intensity therapists.",
        "Workforce plan, table 3",
        "North Midshire ICB; Midshire Mental Health",
        "2026-11-05",
    ),
    (
        "ADJ-03",
        "EGH-S.URGENT.AE2",
        "anomaly",
        "-184250.00",
        "",
        "Three weeks of attendances were coded one level too high after a system change.",
        "Coding audit, July 2026",
        "South Midshire ICB; Eastvale General Hospital",
        "2026-10-22",
    ),
    (
        "ADJ-04",
        "MRH-N.RESP-EM.NEL65",
        "one_off",
        "-612400.00",
        "",
        "Surge beds of one winter, paid once.",
        "Winter plan close-down report",
        "North Midshire ICB; Midshire Royal Hospitals",
        "2026-10-29",
    ),
    (
        "ADJ-05",
        "MCH-S.PODIAT.FP-U",
        "cross_subsidy",
        "96500.00",
        "MCH-S.COMDEN.CD-U",
        "Community dental income has carried part of foot protection since 2021.",
        "Trust service line report, 2025-26",
        "South Midshire ICB; Midshire Community Health",
        "2026-11-12",
    ),
    (
        "ADJ-06",
        "MCH-N.ADTHER.PY-U",
        "activity_mismatch",
        "-138000.00",
        "",
        "Self-referral moved to the musculoskeletal interface, and the money did not follow.",
        "Referral counts, April to September 2026",
        "North Midshire ICB; Midshire Community Health",
        "2026-11-12",
    ),
    (
        "ADJ-07",
        "RX-S-034",
        "efficient_cost",
        "-74800.00",
        "",
        "Bring dementia medicines to the price of the preferred brand.",
        "Medicines board paper, September 2026",
        "South Midshire ICB",
        "2026-11-19",
    ),
    (
        "ADJ-08",
        "OP-N-003",
        "affordability",
        "-58000.00",
        "",
        "A smaller licence package was agreed for clinical systems.",
        "Supplier letter, 2 November 2026",
        "North Midshire ICB",
        "2026-11-19",
    ),
)


def ledger_rows(model: Rows, lists: tuple[GpList, ...]) -> Rows:
    """Write each commissioner's ledger: an account or more for every contract, line and family of
    payments.
    """
    rows = Rows()
    accounts = _Accounts(rows)
    for contract in model.tables["contracts"]:
        _contract_accounts(accounts, contract)
    for line in model.tables["direct_spend"]:
        accounts.post(
            line["commissioner"], line["name"], line["budget_line"], _pence(line["value"])
        )
    commissioner_of = {each.code: each.commissioner for each in lists}
    paid: defaultdict[tuple[str, str], int] = defaultdict(int)
    for payment in model.tables["primary_care_payments"]:
        paid[commissioner_of[payment["list_code"]], payment["payment_stream"]] += _pence(
            payment["value"]
        )
    for (commissioner, stream), pence in sorted(paid.items()):
        accounts.post(
            commissioner, f"General practice: {stream.replace('_', ' ')}", "primary_care", pence
        )
    _package_accounts(accounts, model)
    for code, of_line, kind, amount, counter, reason, evidence, by, agreed_on in ADJUSTMENTS:
        rows.add(
            "adjustments",
            adjustment=code,
            budget_line=of_line,
            adjustment_kind=kind,
            amount=amount,
            counter_line=counter,
            reason=reason,
            evidence=evidence,
            agreed_by=by,
            agreed_on=agreed_on,
            falls_on="in_scope_part",
        )
    return rows


class _Accounts:
    """Numbers accounts as they are opened, 61000010 and on, after a letter for the organisation's
    chart.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.opened = 0

    def post(self, commissioner: str, description: str, covers: str, pence: int) -> None:
        self.opened += 1
        self.rows.add(
            "commissioner_ledger",
            commissioner=commissioner,
            account=f"A{61_000_000 + 10 * self.opened}",
            description=description,
            covers=covers,
            ledger_value=as_pounds(pence),
            effective_year=SPEND_YEAR,
        )


def _contract_accounts(accounts: _Accounts, contract: dict[str, str]) -> None:
    value, fixed, code = (
        _pence(contract["value"]),
        _pence(contract["fixed_value"] or "0"),
        contract["contract"],
    )
    title = contract["title"].split(":")[0]
    if fixed:
        accounts.post(contract["commissioner"], f"{title}: fixed element", code, fixed)
        accounts.post(contract["commissioner"], f"{title}: variable element", code, value - fixed)
    elif code == NOT_YET_POSTED_AT:
        accounts.post(
            contract["commissioner"],
            f"{title}; an accrual of {as_pounds(NOT_YET_POSTED_PENCE)} pounds is not yet posted",
            code,
            value - NOT_YET_POSTED_PENCE,
        )
    else:
        accounts.post(contract["commissioner"], title, code, value)


def _package_accounts(accounts: _Accounts, model: Rows) -> None:
    gross: defaultdict[tuple[str, str], int] = defaultdict(int)
    clients: defaultdict[tuple[str, str], int] = defaultdict(int)
    for package in model.tables["care_packages"]:
        key = package["commissioner"], package["service_line"]
        gross[key] += _pence(package["gross_value"])
        clients[key] += _pence(package["client_contribution"])
    names = {row["service_line"]: row["name"] for row in model.tables["service_lines"]}
    for (commissioner, line), pence in sorted(
        gross.items(), key=lambda item: (item[0][0] != NORTH, item[0])
    ):
        accounts.post(commissioner, f"Care packages: {names[line]}", "care_packages", pence)
        if clients[commissioner, line]:
            accounts.post(
                commissioner,
                f"Client contributions: {names[line]}",
                "care_packages",
                -clients[commissioner, line],
            )


def _pence(pounds: str) -> int:
    whole, _, part = pounds.lstrip("-").partition(".")
    return (-1 if pounds.startswith("-") else 1) * (int(whole) * 100 + int((part + "00")[:2]))

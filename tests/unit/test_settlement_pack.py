"""An outsider works a party's year out again from the settlement pack alone, to the penny."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.live_models import counts, event, live
from wpb.cli import main
from wpb.kernel.problems import UsageProblem
from wpb.live import LiveContract
from wpb.present.settlement_pack import write_pack
from wpb.present.statements import statement_figures

pytestmark = pytest.mark.req(390)
Row = dict[str, str]


class Outsider:
    """Works a year out from the tables of a pack and the rules of its README; it knows no wpb."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as pack:
            self.readme = pack.read("README.txt").decode()
            self.tables: dict[str, list[Row]] = {
                name.removesuffix(".csv"): list(
                    csv.DictReader(io.StringIO(pack.read(name).decode(), newline=""))
                )
                for name in pack.namelist()
                if name.endswith(".csv")
            }
        self.terms = {row["what"]: row["value"] for row in self.tables["contract"]}
        self.months = {row["month"]: row for row in self.tables["months"]}
        self.streams = {row["stream"]: row for row in self.tables["streams"]}
        self.paid: dict[tuple[str, str], int] = {}

    def first_month(self, known_on: str) -> str:
        """Rule 1."""
        start = max(known_on, self.terms["starts_on"])[:7]
        return next(
            month
            for month, row in sorted(self.months.items())
            if month >= start
            and row["fixed_on"] >= known_on
            and not (row["closed_on"] and row["closed_on"] < known_on)
        )

    def instalments(self, stream: str, year: str) -> list[tuple[str, int, str]]:
        """Rules 3 and 4: (month posted, pence, month corrected)."""
        rows = [r for r in self.tables["changes"] if (r["stream"], r["year"]) == (stream, year)]
        if not rows:
            return []
        months = [month for month, row in self.months.items() if row["year"] == year]
        weights = [weights_of(row) for row in rows]
        schedule, value, late, found = [0] * 12, 0, 0, []
        for at, row in enumerate(rows):
            start, holds = int(row["position"]), int(row["holds_from"])
            change, value = int(row["value_pence"]) - value, int(row["value_pence"])
            if not any(weights[at][start:]):
                posted = self.first_month_of(row["version"])
                parts = [0] * holds + share(change, weights[at][holds:])
                found += [(posted, part, months[m]) for m, part in enumerate(parts) if part]
                late += change
            elif self.terms["in_year_rule"] == "catch_up" and at and weights[at] == weights[0]:
                parts = [0] * holds + share(change, weights[at][holds:])
                schedule[start] += sum(parts[: start + 1])
                for month in range(start + 1, 12):
                    schedule[month] += parts[month]
            else:
                left = value - sum(schedule[:start]) - late
                schedule[start:] = share(left, weights[at][start:])
        self.paid.update(
            {(stream, month): pence for month, pence in zip(months, schedule, strict=True)}
        )
        return [(m, pence, "") for m, pence in zip(months, schedule, strict=True) if pence] + found

    def first_month_of(self, version: str) -> str:
        row = next(row for row in self.tables["versions"] if row["version"] == version)
        assert row["first_month"] == self.first_month(row["known_on"])
        return row["first_month"]

    def items(self) -> list[tuple[str, str, str, int, str]]:
        """Rule 5: (key, payer, payee, pence, month)."""
        found = []
        before: dict[str, tuple[str, str, int]] = {}
        for item in self.tables["items"]:
            month = max(item["month"], item["known_on"][:7])
            while (closed := self.months[month]["closed_on"]) and closed < item["known_on"]:
                month = min(other for other in self.months if other > month)
            key, payer, payee = item["key"], item["payer"], item["payee"]
            if key in before:
                was_payer, was_payee, was = before.pop(key)
                found.append((key, was_payer, was_payee, -was, month))
            pence = int(item["pence"]) - self.paid.get((item["takes_place_of"], item["month"]), 0)
            if pence:
                before[key] = payer, payee, pence
                found.append((key, payer, payee, pence, month))
        return found

    def worked_out(self) -> dict[tuple[str, str, str], int]:
        """Pence from one party to another by month, the parties in order of their codes."""
        entries: list[tuple[str, str, int, str]] = []
        for stream, row in self.streams.items():
            for year in sorted({month["year"] for month in self.months.values()}):
                entries += [
                    (row["payer"], row["payee"], pence, month)
                    for month, pence, _ in self.instalments(stream, year)
                ]
        entries += [one[1:] for one in self.items()]
        net: dict[tuple[str, str, str], int] = defaultdict(int)
        for entry in entries:
            for payer, payee, pence, month in self.succeeded(*entry, self.tables["successions"]):
                first, second = sorted((payer, payee))
                net[month, first, second] += pence if payer == first else -pence
        party, year = self.terms["party"], self.terms["year"]
        return {
            key: pence
            for key, pence in net.items()
            if pence and party in key[1:] and self.months[key[0]]["year"] == year
        }

    def succeeded(
        self, payer: str, payee: str, pence: int, month: str, rows: list[Row]
    ) -> list[tuple[str, str, int, str]]:
        """Rule 6."""
        more = []
        for at, row in enumerate(rows):
            old, new = row["predecessor"], row["successor"]
            if old not in (payer, payee) or month < row["effective_on"][:7]:
                continue
            first = self.first_month(row["known_on"])
            if month >= first:
                payer, payee = (new if one == old else one for one in (payer, payee))
            else:
                giver, taker = (old, new) if payee == old else (new, old)
                more += self.succeeded(giver, taker, pence, first, rows[at + 1 :])
        return [*([] if payer == payee else [(payer, payee, pence, month)]), *more]

    def posted(self) -> dict[tuple[str, str, str], int]:
        """What the pack says was posted."""
        net: dict[tuple[str, str, str], int] = defaultdict(int)
        for row in self.tables["postings"]:
            first, second = sorted((row["payer"], row["payee"]))
            pence = int(row["amount_pence"])
            net[row["month"], first, second] += pence if row["payer"] == first else -pence
        return {key: pence for key, pence in net.items() if pence}


def weights_of(row: Row) -> list[Fraction]:
    return [Fraction(text) for name, text in row.items() if name.startswith("weight_")]


def share(pence: int, weights: list[Fraction]) -> list[int]:
    """Rule 3."""
    sign, pence = (-1 if pence < 0 else 1), abs(pence)
    exact = [pence * weight / sum(weights) for weight in weights]
    parts = [int(part) for part in exact]
    order = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in order[: pence - sum(parts)]:
        parts[at] += 1
    return [sign * part for part in parts]


PARTNERS: list[dict[str, Any]] = [
    {
        "subcontract": "SC1",
        "payee": "SUB",
        "rule": "share",
        "share": 0.1,
        "starts_on": "2027-04-01",
        "reason": "Community services",
    }
]
EVENTS = [
    event("U1", "population_update", "2027-07-01", "2027-07-10"),
    event("C1", "correction", "2027-07-01", "2028-05-04", refers_to="U1"),
    event(
        "F1", "payment", "2027-06-01", "2027-06-03", party="ICB", counterparty="PROV", amount=900
    ),
    event("F2", "correction", "2027-06-01", "2028-05-20", refers_to="F1", amount=1234.56),
    event("N1", "succession", "2028-04-01", "2028-04-20", party="SUB", counterparty="OUT"),
]
CLOSED = [
    {"month": f"{2027 + at // 12}-{at % 12 + 1:02d}", "closed_on": closed}
    for at, closed in zip(
        range(3, 15),
        [f"{2027 + at // 12}-{at % 12 + 1:02d}-20" for at in range(4, 16)],
        strict=True,
    )
]


def eventful(rule: str) -> LiveContract:
    """A contract with an update, a closed year and a payment corrected, and a succession."""
    return live(
        EVENTS,
        {"in_year_rule": rule},
        subcontracts=PARTNERS,
        closed_months=CLOSED,
        population_counts=[
            *counts("2027-07-01", {("P1", "ill"): 10}, "2027-07-05"),
            *counts("2027-07-01", {("P1", "ill"): 4}, "2028-05-02"),
        ],
    )


@pytest.mark.parametrize("rule", ["remaining_months", "catch_up"])
def test_an_outsider_works_every_partys_year_out_again_from_the_file_alone(
    rule: str, tmp_path: Path
) -> None:
    contract = eventful(rule)
    rules = set()
    for party, year in (
        ("PROV", "2027-28"),
        ("PROV", "2028-29"),
        ("ICB", "2028-29"),
        ("OUT", "2028-29"),
        ("SUB", "2027-28"),
    ):
        path = tmp_path / f"{party}-{year}.zip"
        write_pack(contract, party, year, path)
        outsider = Outsider(path)
        assert outsider.worked_out() == outsider.posted() != {}, (party, year)
        rules |= {row["rule"] for row in outsider.tables["postings"]}
        for row in outsider.tables["statement"]:
            stated = statement_figures(contract, party, row["month"])
            assert int(row["carried_forward_pence"]) == stated["closing_pence"]
        moved = sum(
            int(row["amount_pence"]) * (1 if row["payee"] == party else -1)
            for row in outsider.tables["postings"]
        )
        first, last = outsider.tables["statement"][0], outsider.tables["statement"][-1]
        assert moved == int(last["carried_forward_pence"]) - int(first["brought_forward_pence"])
        assert f"party {party}, financial year {year}" in outsider.readme
    assert {"instalment", "correction", "item", "reversal", "passed_on"} <= rules


def test_a_pack_shows_a_party_its_own_payments_only_and_is_the_same_file_each_time(
    tmp_path: Path,
) -> None:
    contract, first, second = eventful("catch_up"), tmp_path / "a.zip", tmp_path / "b.zip"
    write_pack(contract, "SUB", "2027-28", first)
    write_pack(contract, "SUB", "2027-28", second)
    assert first.read_bytes() == second.read_bytes()
    outsider = Outsider(first)
    assert {row["payee"] for row in outsider.streams.values()} == {"SUB"}
    assert all("SUB" in (r["payer"], r["payee"]) for r in outsider.tables["items"])
    for party, year, path, words in (
        ("NONE", "2027-28", first, "no payment names"),
        ("SUB", "2031-32", first, "nothing in"),
        ("SUB", "next year", first, "not a year"),
        ("SUB", "2027-28", tmp_path / "a.xlsx", ".zip"),
    ):
        with pytest.raises(UsageProblem, match=words):
            write_pack(contract, party, year, path)


def test_the_command_wants_a_year_and_a_file(tmp_path: Path) -> None:
    assert main(["statement", str(tmp_path), "--party", "SUB", "--year", "2027-28"]) == 2
    assert (
        main(["statement", str(tmp_path), "--party", "SUB", "--pack", str(tmp_path / "a.zip")]) == 2
    )

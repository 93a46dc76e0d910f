"""Social care packages of people: full-year cost by package and condition, all providers together,
on the person's list.

Source: handbook 2.6 Tower Hamlets; req 126-129.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.patients.gate import GROUPS, Contributions, about_people, group_of
from wpb.patients.outputs import Outputs, note_pooled
from wpb.patients.pooling import (
    ChargeFacts,
    Pooling,
    Side,
    pool_charges,
    pool_lists,
    summed,
)
from wpb.patients.reading import ColumnReader

NOT_ATTRIBUTABLE = 2
FAULTS = {
    1: "without a pseudonym or package code",
    3: "with a value that is not of its kind",
    4: "given twice",
    5: "with contributions above their gross value, or a share outside 0 to 1",
}


def encoded_packages(reader: ColumnReader) -> str:
    """State each package in pence, with its person's last list of the year and what is wrong with
    it.

    In scope: net x share, to the penny, half-up. Source: handbook 2.6; req 126, 127.
    """
    gross, contribution = reader.pence("gross_value"), reader.pence("client_contribution")
    share = reader.code("in_scope_share")
    return f"""
        SELECT CAST(COALESCE(t.person, 0) AS BIGINT) AS person, CAST(COALESCE(p.list, 0) AS INTEGER) AS list, CAST(COALESCE(p.profile, 0) AS INTEGER) AS profile,
            commissioner, service_line, funding_stream, package_type, condition, gross, contribution,
            CAST(ROUND((gross - contribution) * share) AS BIGINT) AS in_scope,
            CAST(CASE WHEN t.person IS NULL OR package IS NULL THEN 1 WHEN gross IS NULL OR contribution IS NULL OR share IS NULL OR wrong THEN 3
                WHEN turn > 1 THEN 4 WHEN contribution > gross OR share < 0 OR share > 1 THEN 5 WHEN NOT attributable THEN {NOT_ATTRIBUTABLE} ELSE 0 END AS INTEGER) AS fault
        FROM (
            SELECT {reader.key("pseudonym")} AS person, {reader.key("package")} AS package, {reader.code("commissioner")} AS commissioner,
                {reader.code("service_line")} AS service_line, {reader.code("funding_stream")} AS funding_stream,
                {reader.code("package_type")} AS package_type, {reader.code("condition")} AS condition,
                {gross} AS gross, {contribution} AS contribution, TRY_CAST({share} AS DECIMAL(9, 6)) AS share,
                {reader.flag("attributable")} AS attributable, {reader.wrong_flag("attributable")} AS wrong,
                ROW_NUMBER() OVER (PARTITION BY {reader.key("package")} ORDER BY {reader.key("pseudonym")}, {gross}) AS turn
            FROM person_care_packages_source
        ) AS t LEFT JOIN (
            SELECT person, list, profile, ROW_NUMBER() OVER (PARTITION BY person ORDER BY from_day DESC) AS latest FROM people
        ) AS p ON t.person = p.person AND p.latest = 1"""


BY_GROUP = f"""
    SELECT list, commissioner, service_line, funding_stream, {group_of("person")} AS person_group, COUNT(*) AS packages,
        CAST(SUM(gross) AS BIGINT) AS gross, CAST(SUM(contribution) AS BIGINT) AS contribution, CAST(SUM(in_scope) AS BIGINT) AS in_scope
    FROM packages WHERE fault = 0 GROUP BY list, commissioner, service_line, funding_stream, {group_of("person")}"""
BY_CONDITION = """
    SELECT package_type, condition, COUNT(DISTINCT person) AS people, COUNT(*) AS packages, CAST(SUM(gross - contribution) AS BIGINT) AS pence
    FROM packages WHERE fault = 0 GROUP BY package_type, condition"""
BY_FAULT = (
    "SELECT fault, COUNT(*) AS packages, COUNT(*) - COUNT(gross) AS untold,"
    " CAST(SUM(ABS(COALESCE(gross, 0))) AS BIGINT) AS gross FROM packages GROUP BY fault"
)
LISTLESS = (
    "SELECT COUNT(*) AS packages, CAST(SUM(gross) AS BIGINT) AS gross FROM packages WHERE fault = 0"
    " AND list = 0"
)


MEASURES = ("packages", "gross", "contribution", "in_scope", "outside")
"""What people contribute to a cell of packages; outside is gross less contribution and in scope."""
Payer = tuple[str, str, str]
"""Commissioner, service line and funding stream."""


def package_cells(
    rows: Sequence[Mapping[str, Any]], codes: Sequence[str]
) -> dict[Payer, dict[str, Contributions]]:
    """What people of each list contribute to the packages of each payer, by group of people.

    `codes` has the code of each list number, from 0 for people on no list.
    Source: handbook 2.6; req 126.
    """
    cells: dict[Payer, dict[str, Contributions]] = defaultdict(dict)
    for row in rows:
        payer = (row["commissioner"], row["service_line"], row["funding_stream"])
        cell = cells[payer].setdefault(
            codes[row["list"]], np.zeros((len(MEASURES), GROUPS), dtype=np.int64)
        )
        outside = row["gross"] - row["contribution"] - row["in_scope"]
        for measure, name in enumerate(MEASURES):
            cell[measure, row["person_group"]] += outside if name == "outside" else row[name]
    return dict(cells)


def packages_fit_to_leave(
    cells: Mapping[Payer, Mapping[str, Contributions]],
    side_of: Mapping[str, Side],
    codes: Mapping[Side, str],
    pooling: Pooling,
    outputs: Outputs,
) -> tuple[list[dict[str, object]], list[Payer]]:
    """Give packages as rows for the chain, lists with few people in pools, and the payers of whose
    packages nothing can be shown.

    Payers with few people are counted with another service line of the same commissioner and
    stream. Where few people pay a contribution, it is taken off the gross value. Every pound stays in its
    commissioner's total. Source: handbook 2.6, 2.4.5; req 100, 126, 463.
    """
    whole = {payer: summed(by_list.values(), len(MEASURES)) for payer, by_list in cells.items()}
    facts = {payer: ChargeFacts(f"package {payer[2]}", "", True, "") for payer in cells}
    pools = Pooling(pooling.rule)
    pool_charges(whole, facts, pools)
    netted = [
        payer
        for payer in pools.alone
        if pooling.rule.fits(
            _netted(
                summed(
                    (whole[other] for other in whole if pools.key_of(other) == payer),
                    len(MEASURES),
                )
            )
        )
    ]
    alone = [payer for payer in pools.alone if payer not in netted]
    together: dict[Payer, dict[str, Contributions]] = {}
    for payer, by_list in cells.items():
        key = pools.key_of(payer)
        if key in alone:
            outputs.add(("care_packages", "|".join(payer), ""), whole[payer], "suppressed")
            continue
        into = together.setdefault(key, {})
        for code, cell in by_list.items():
            own = _netted(cell) if key in netted else cell
            into[code] = into[code] + own if code in into else own
    rows: list[dict[str, object]] = []
    for payer, by_list in sorted(together.items()):
        shown: dict[str, Contributions] = {}
        pooled = pool_lists(by_list, side_of, codes, pooling.rule, pooling.without_people)
        if pooled:
            pooling.lists[payer] = dict(sorted(pooled.items()))
        for code, cell in by_list.items():
            name = pooled.get(code, code)
            shown[name] = shown[name] + cell if name in shown else cell
        note_pooled(outputs, "care_packages", "|".join(payer), shown, pooled)
        amounts: dict[str, list[int]] = {}
        for name, cell in sorted(shown.items()):
            for measure in range(len(MEASURES)):
                for row, part in pooling.shown(payer, name, int(cell[measure].sum())).items():
                    amounts.setdefault(row, [0] * len(MEASURES))[measure] += part
        rows += [_row(payer, name, amounts[name]) for name in sorted(amounts)]
    return rows, alone


def _netted(cell: Contributions) -> Contributions:
    """The same packages with contributions taken off the gross value."""
    netted = cell.copy()
    netted[1] -= netted[2]
    netted[2] = 0
    return netted


def _row(payer: Payer, name: str, amounts: Sequence[int]) -> dict[str, object]:
    _, gross, contribution, in_scope, _ = amounts
    net = gross - contribution
    return {
        "commissioner": payer[0],
        "service_line": payer[1],
        "funding_stream": payer[2],
        "list_code": name,
        "gross_value": float(gross),
        "client_contribution": float(contribution),
        "in_scope_share": in_scope / net if net else 1.0,
    }


def tell_package_faults(
    counted: Sequence[Mapping[str, int]],
    listless: Mapping[str, int | None],
    label: str,
    stop_over_share: float,
    log: ProblemLog,
    smallest: int = 10,
) -> None:
    """Tell what was left out of the care packages, by kind and in pounds, and whose people are on
    no list; stop above the threshold.

    `counted`: packages, those of them whose pounds can't be told, and gross pence by kind of fault,
    0 for none.
    Source: handbook 2.6 Tower Hamlets; req 99, 129.
    """
    where = Cell(label, "person_care_packages", "")
    everything = [row for row in counted if row["fault"] != NOT_ATTRIBUTABLE]
    packages, gross = (
        sum(row["packages"] for row in everything),
        sum(row["gross"] for row in everything),
    )
    faulty, faulty_gross = int(listless.get("packages") or 0), int(listless.get("gross") or 0)
    for row in sorted(counted, key=lambda row: row["fault"]):
        if row["fault"] == NOT_ATTRIBUTABLE:
            log.note(
                where,
                "Costs that belong to no one person, as social workers' time does, are left out:"
                f" {about_people(row['packages'], smallest, 5)}.",
                "",
                "packages_not_attributable",
            )
        elif row["fault"]:
            log.warning(
                where,
                f"Packages {FAULTS[row['fault']]} are left out:"
                f" {about_people(row['packages'], smallest, 5)} of"
                f" {about_people(packages, smallest, 5)}.",
                "Correct them at their source.",
                "packages_faulty",
            )
            faulty, faulty_gross = faulty + row["packages"], faulty_gross + row["gross"]
    if listless.get("packages"):
        log.warning(
            where,
            f"Packages of people on no list: {about_people(int(listless['packages'] or 0), smallest, 5)} of"
            f" {about_people(packages, smallest, 5)}; they count as people elsewhere.",
            "Check the register.",
            "packages_not_on_register",
        )
    if faulty > stop_over_share * packages or faulty_gross > stop_over_share * gross:
        log.error(
            where,
            f"More of the packages, or of their gross pounds, are faulty than the"
            f" {stop_over_share:.1%} at which a run stops.",
            "Correct the packages, or raise stop_over_share in patients.yaml once the reasons are"
            " understood.",
            "packages_over_threshold",
        )

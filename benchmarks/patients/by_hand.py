"""The same job written by hand for DuckDB alone, on these very tables: what the pipeline's time is
set against.

It knows what the pipeline must find out - the columns' types, that identifiers are whole numbers,
which tables are priced. It counts faults, checks for repeated identifiers and overlapping stays,
prices, shares block sums to the penny, and adds up by list, by kind of person and by person. What
is wide it keeps as Parquet and what is small in one database file, whichever was measured faster.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

PRICED = {
    "admitted_care": ("discharged_on", "hrg"),
    "outpatient_care": ("attended_on", "treatment_function"),
    "emergency_care": ("arrived_on", "hrg"),
}
BLOCK = {
    "community_contacts": ("contact_on", "service", "contact_type"),
    "mental_health_clusters": ("started_on", "cluster", ""),
    "gp_appointments": ("appointment_on", "appointment_class", ""),
}


def run(
    connection: Any,
    folder: Path,
    cells: Any,
    lists: list[str],
    pence: dict[tuple[str, str, str], int],
) -> dict[str, int]:
    """Do the whole job in one connection; gives the pence by result, to hold against the
    pipeline's.
    """
    sql = connection.execute
    charges = {
        key: number
        for number, key in enumerate(
            sorted({service.charge_key for service in cells.services.values()})
        )
    }
    lines = {line: number for number, line in enumerate(sorted({key[1] for key in charges}))}
    sql("CREATE TABLE lists (list_code VARCHAR, list INTEGER)")
    connection.executemany(
        "INSERT INTO lists VALUES (?, ?)", [(code, number) for number, code in enumerate(lists, 1)]
    )
    _small_tables(connection, cells, charges, lines)
    flags = [
        name
        for (name,) in sql(
            f"SELECT column_name FROM (DESCRIBE SELECT * FROM '{folder}/person_register.parquet')"
            " WHERE column_name LIKE 'has_%' ORDER BY 1"
        ).fetchall()
    ]
    mask = " + ".join(f"{name}::INTEGER * {2**bit}" for bit, name in enumerate(flags))
    sql(
        f"""CREATE TABLE stays AS SELECT pseudonym AS person, list, ((age >= 5)::INTEGER + (age >= 16)::INTEGER + (age >= 45)::INTEGER + (age >= 65)::INTEGER + (age >= 75)::INTEGER + (age >= 85)::INTEGER) * 65536 + {mask} AS kind,
        greatest(0, coalesce(joined_on - DATE '2029-04-01', 0)) AS from_day, least(365, coalesce(least(left_on, died_on) - DATE '2029-04-01' + 1, 365)) AS to_day
        FROM '{folder}/person_register.parquet' JOIN lists USING (list_code)"""
    )
    sql(
        "CREATE TABLE kinds AS SELECT kind, row_number() OVER (ORDER BY kind)::INTEGER AS profile"
        " FROM (SELECT DISTINCT kind FROM stays)"
    )
    sql(
        "CREATE TABLE people AS SELECT person, list, from_day, to_day, profile FROM stays JOIN"
        " kinds USING (kind) WHERE to_day > from_day"
    )
    assert (
        sql(
            "SELECT count(*) FROM (SELECT person FROM people GROUP BY person HAVING count(*) > 1)"
        ).fetchone()[0]
        == 0
    )
    kept = folder / "kept"
    kept.mkdir(exist_ok=True)

    def keep(select: str, table: str) -> None:
        """Keep a wide result as plain Parquet, which was measured faster to write and read than a
        table of the database.
        """
        sql(
            f"COPY ({select}) TO '{kept}/{table}.parquet' (FORMAT parquet, COMPRESSION"
            " uncompressed, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1, ROW_GROUP_SIZE 245760)"
        )
        sql(f"CREATE VIEW {table} AS SELECT * FROM '{kept}/{table}.parquet'")

    for table, (day, currency) in PRICED.items():
        code = "" if table == "emergency_care" else "AND r.treatment_function = s.service_code"
        stay = (
            ", r.admitted_on - DATE '2029-04-01' AS start_day, r.discharged_on - DATE '2029-04-01'"
            " AS end_day"
            if table == "admitted_care"
            else ""
        )
        keep(
            f"""SELECT record, r.pseudonym AS person, p.list, p.profile, s.charge, s.line, s.service * 10000 + c.currency AS cell, units, (units * pc.unit_pence)::BIGINT AS pence,
            CASE WHEN r.{day} < DATE '2029-04-01' OR r.{day} >= DATE '2030-04-01' THEN 12 WHEN units <= 0 THEN 13 WHEN s.service IS NULL THEN 14 WHEN c.currency IS NULL THEN 15 WHEN p.list IS NULL THEN 1 ELSE 0 END AS fault {stay}
            FROM '{folder}/{table}.parquet' AS r LEFT JOIN services AS s ON s.activity_table = '{table}' AND r.provider = s.provider AND r.point_of_delivery = s.point_of_delivery {code}
            LEFT JOIN currencies AS c ON r.{currency} = c.code AND r.point_of_delivery = c.point_of_delivery
            LEFT JOIN unit_prices AS pc ON pc.service = s.service AND pc.currency = c.currency
            LEFT JOIN people AS p ON r.pseudonym = p.person AND r.{day} - DATE '2029-04-01' >= p.from_day AND r.{day} - DATE '2029-04-01' < p.to_day""",
            table,
        )
    for table, (day, code, point) in BLOCK.items():
        provider = "" if table == "gp_appointments" else "AND r.provider = s.provider"
        contact = f"AND r.{point} = s.point_of_delivery" if point else ""
        units = (
            "1"
            if table == "gp_appointments"
            else (
                "r.units"
                if point
                else (
                    "least(r.ended_on - DATE '2029-04-01', 364) - greatest(r.started_on - DATE"
                    " '2029-04-01', 0) + 1"
                )
            )
        )
        missed = "WHEN r.attendance <> 'attended' THEN 2" if table == "gp_appointments" else ""
        stay = (
            ", r.started_on - DATE '2029-04-01' AS start_day, r.ended_on - DATE '2029-04-01' AS"
            " end_day"
            if table == "mental_health_clusters"
            else ""
        )
        keep(
            f"""SELECT record, r.pseudonym AS person, p.list, p.profile, s.charge, s.line, {units} AS units,
            CASE WHEN r.{day} < DATE '2029-04-01' OR r.{day} >= DATE '2030-04-01' THEN 12 WHEN {units} <= 0 THEN 13 WHEN s.service IS NULL THEN 14 {missed} WHEN p.list IS NULL THEN 1 ELSE 0 END AS fault {stay}
            FROM '{folder}/{table}.parquet' AS r LEFT JOIN services AS s ON s.activity_table = '{table}' AND r.{code} = s.service_code {contact} {provider}
            LEFT JOIN people AS p ON r.pseudonym = p.person AND r.{day} - DATE '2029-04-01' >= p.from_day AND r.{day} - DATE '2029-04-01' < p.to_day""",
            table,
        )
    for table in ("admitted_care", "mental_health_clusters"):
        sql(
            f"""SELECT count(*) FROM (SELECT start_day, max(end_day) OVER (PARTITION BY person ORDER BY start_day, end_day, record ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier
            FROM {table} WHERE fault IN (0, 1) AND end_day > start_day) WHERE earlier > start_day"""
        ).fetchall()
    for table in (*PRICED, *BLOCK):
        low, high, rows = sql(f"SELECT min(record), max(record), count(*) FROM {table}").fetchone()
        assert (
            sql(f"SELECT bit_count(bitstring_agg(record, {low}, {high})) FROM {table}").fetchone()[
                0
            ]
            == rows
        )
        sql(f"SELECT fault, count(*) FROM {table} GROUP BY ALL").fetchall()
    _share(connection, charges, pence)
    priced = " UNION ALL ".join(
        f"SELECT person, list, profile, charge, line, units, pence FROM {table} WHERE fault IN"
        " (0, 1)"
        for table in PRICED
    )
    block = " UNION ALL ".join(
        "SELECT person, list, profile, r.charge, line, r.units, s.pence + (r.record <="
        f" s.extra_to)::INTEGER AS pence FROM {table} AS r JOIN shares AS s ON r.charge = s.charge"
        " AND r.units = s.units WHERE fault IN (0, 1)"
        for table in BLOCK
    )
    sql(f"CREATE VIEW valued AS {priced} UNION ALL {block}")
    measures = (
        "sum(units)::BIGINT AS units, count(*) AS records, sum(pence)::BIGINT AS pence,"
        " bit_or(1::BIGINT << ((person & 1073741823)::INTEGER % 61)) AS bits"
    )
    sql(
        f"CREATE TABLE by_list AS SELECT list, charge, {measures} FROM valued GROUP BY list, charge"
    )
    sql(
        f"CREATE TABLE by_profile AS SELECT profile, line, {measures} FROM valued GROUP BY profile,"
        " line"
    )
    sql(
        "CREATE TABLE by_person AS SELECT person, sum(pence)::BIGINT AS pence FROM valued WHERE"
        " list IS NOT NULL GROUP BY person"
    )
    return {
        name: int(sql(f"SELECT sum(pence)::BIGINT FROM {name}").fetchone()[0])
        for name in ("by_list", "by_profile", "by_person")
    }


def _small_tables(
    connection: Any, cells: Any, charges: dict[tuple[str, str, str], int], lines: dict[str, int]
) -> None:
    import pyarrow

    services = list(cells.services.values())
    names = ("activity_table", "provider", "point_of_delivery", "service_code")
    made = {name: [getattr(service, name) for service in services] for name in names}
    connection.register(
        "given_services",
        pyarrow.table(
            {
                **made,
                "service": [service.number for service in services],
                "charge": [charges[service.charge_key] for service in services],
                "line": [lines[service.service_line] for service in services],
            }
        ),
    )
    connection.register(
        "given_currencies",
        pyarrow.table(
            {
                "currency": list(cells.currencies),
                "code": [code for code, _ in cells.currencies.values()],
                "point_of_delivery": [point for _, point in cells.currencies.values()],
            }
        ),
    )
    pairs = [
        (service.number, currency)
        for service in services
        if service.priced
        for currency, (_, point) in cells.currencies.items()
        if point == service.point_of_delivery
    ]
    prices = [cells.price_of(service * 10_000 + currency) for service, currency in pairs]
    connection.register(
        "given_prices",
        pyarrow.table(
            {
                "service": [service for service, _ in pairs],
                "currency": [currency for _, currency in pairs],
                "unit_pence": prices,
            }
        ),
    )
    for name, given in (
        ("services", "given_services"),
        ("currencies", "given_currencies"),
        ("unit_prices", "given_prices"),
    ):
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {given}")


def _share(
    connection: Any,
    charges: dict[tuple[str, str, str], int],
    pence: dict[tuple[str, str, str], int],
) -> None:
    """Share each block sum over its records by largest remainder, leftover pence to the lowest
    identifiers.
    """
    sql = connection.execute
    sql("CREATE TABLE sums (charge INTEGER, amount BIGINT)")
    connection.executemany(
        "INSERT INTO sums VALUES (?, ?)", [(charges[key], amount) for key, amount in pence.items()]
    )
    block = " UNION ALL ".join(
        f"SELECT charge, units, record FROM {table} WHERE fault IN (0, 1)" for table in BLOCK
    )
    sql(
        f"""CREATE TABLE classes AS SELECT charge, units, records, amount, amount::HUGEINT * units // whole AS pence, amount::HUGEINT * units % whole AS remainder
        FROM (SELECT charge, units, count(*) AS records, sum(units * count(*)) OVER (PARTITION BY charge) AS whole FROM ({block}) GROUP BY charge, units) JOIN sums USING (charge)"""
    )
    sql(
        """CREATE TABLE owed AS SELECT charge, units, records, pence, greatest(0, least(records, left_over - coalesce(sum(records) OVER (PARTITION BY charge ORDER BY remainder DESC, units ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))) AS more
        FROM (SELECT *, amount - sum(pence * records) OVER (PARTITION BY charge) AS left_over FROM classes)"""
    )
    sql(
        f"""CREATE TABLE bands AS SELECT charge, units, record // 8192 AS band, count(*) AS records FROM ({block}) JOIN (SELECT charge, units FROM owed WHERE more > 0 AND more < records) USING (charge, units) GROUP BY ALL"""
    )
    sql(
        """CREATE TABLE last_band AS SELECT charge, units, band, more - before AS place FROM (
        SELECT b.charge, b.units, band, b.records, more, coalesce(sum(b.records) OVER (PARTITION BY b.charge, b.units ORDER BY band ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM bands AS b JOIN owed AS o ON b.charge = o.charge AND b.units = o.units) WHERE before < more AND before + records >= more"""
    )
    sql(
        f"""CREATE TABLE shares AS SELECT o.charge, o.units, (o.pence + (o.more = o.records)::INTEGER)::BIGINT AS pence, l.record AS extra_to FROM owed AS o LEFT JOIN (
        SELECT charge, units, record FROM (SELECT r.charge, r.units, r.record, place, row_number() OVER (PARTITION BY r.charge, r.units ORDER BY r.record) AS turn
            FROM ({block}) AS r JOIN last_band AS b ON r.charge = b.charge AND r.units = b.units AND r.record // 8192 = b.band) WHERE turn = place) AS l ON o.charge = l.charge AND o.units = l.units"""
    )
    sql("UPDATE shares SET extra_to = -1 WHERE extra_to IS NULL")

"""Person-level records for the benchmarks: a register, six activity tables and the small tables
they need, as Parquet.

Records are in no order of person, as extracts are, so that nothing is gained from locality. Use is
skewed: a few people have many records. Run: python benchmarks/patients/made_records.py DIR --people
5000000 --records 100000000
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

SHARES = {
    "outpatient_care": 0.30,
    "community_contacts": 0.25,
    "gp_appointments": 0.20,
    "admitted_care": 0.10,
    "emergency_care": 0.10,
    "mental_health_clusters": 0.05,
}
CONDITIONS = (
    "asthma",
    "cancer",
    "chd",
    "copd",
    "dementia",
    "depression",
    "diabetes",
    "frailty",
    "hypertension",
    "learning_disability",
    "smi",
    "stroke",
)
PROVIDERS, SPECIALTIES, GROUPS = 12, 30, 400
FIRST = "DATE '2029-04-01'"


def draw(key: str, salt: int) -> str:
    """Spell a number drawn evenly from 0 to 1 by a key."""
    return f"((hash({key} * 31 + {salt}) % 1000003) / 1000003.0)"


def person(salt: int, people: int, text_keys: bool) -> str:
    """Spell the pseudonym of a record: low numbers far more often than high ones, then scrambled;
    one in 200 unknown.
    """
    rank = f"CAST({people} * power({draw('i', salt)}, 1.4) AS BIGINT)"
    number = (
        f"1000 + (({rank} * 7919 + 17) % {people}) + CASE WHEN hash(i + {salt}) % 200 = 0 THEN"
        f" {people} ELSE 0 END"
    )
    return f"md5(CAST({number} AS VARCHAR))" if text_keys else f"CAST({number} AS INTEGER)"


def pick(salt: int, count: int, prefix: str, power: float = 1.0) -> str:
    """Spell one of `count` codes, early ones more often where the power is above 1."""
    return (
        f"'{prefix}' || lpad(CAST(CAST(floor({count} * power({draw('i', salt)}, {power})) AS"
        " INTEGER) AS VARCHAR), 3, '0')"
    )


def group_of_specialty() -> str:
    """Spell an HRG among the score or so that the record's specialty uses."""
    specialty = f"floor({SPECIALTIES} * power({draw('i', 24)}, 2))"
    return (
        f"'H' || lpad(CAST(CAST({specialty} * {GROUPS // SPECIALTIES} + floor(20 *"
        f" power({draw('i', 25)}, 1.5)) AS INTEGER) % {GROUPS} AS VARCHAR), 3, '0')"
    )


def statements(people: int, records: int, lists: int, text_keys: bool) -> dict[str, str]:
    """Give the statement that makes each table."""

    def when(salt: int) -> str:
        return f"{FIRST} + CAST(floor(365 * {draw('i', salt)}) AS INTEGER)"

    who = "md5(CAST(1000 + i AS VARCHAR))" if text_keys else "CAST(1000 + i AS INTEGER)"
    flags = ", ".join(
        f"{draw('i', 900 + bit)} < 0.03 + 0.2 * power(age / 100.0, 2) AS has_{name}"
        for bit, name in enumerate(CONDITIONS)
    )
    made = {
        "person_register": (
            f"""SELECT *, {flags} FROM (SELECT i, {who} AS pseudonym, 'P' || lpad(CAST(hash(i + 5) % {lists} AS VARCHAR), 4, '0') AS list_code,
            CAST(floor(95 * power({draw("i", 6)}, 1.2)) AS INTEGER) AS age, CASE WHEN hash(i + 7) % 2 = 0 THEN 'f' ELSE 'm' END AS sex, '' AS residence,
            CASE WHEN hash(i + 8) % 20 = 0 THEN {when(9)} END AS joined_on, CAST(NULL AS DATE) AS left_on,
            CASE WHEN hash(i + 10) % 100 = 0 THEN {FIRST} + 200 + CAST(floor(160 * {draw("i", 11)}) AS INTEGER) END AS died_on FROM range({people}) AS t(i))"""
        ),
    }
    columns = {
        "admitted_care": (
            f"{pick(22, PROVIDERS, 'R', 1.5)} AS provider, CASE hash(i + 23) % 3 WHEN 0 THEN"
            " 'day_case' WHEN 1 THEN 'elective' ELSE 'non_elective' END AS point_of_delivery,"
            f" {pick(24, SPECIALTIES, 'T', 2)} AS treatment_function, {group_of_specialty()} AS"
            f" hrg, {when(26)} AS admitted_on, {when(26)} + CAST(CASE WHEN hash(i + 23) % 3 = 0"
            f" THEN 0 ELSE floor(6 * {draw('i', 27)}) END AS INTEGER) AS discharged_on, CAST(1 AS"
            " INTEGER) AS units"
        ),
        "outpatient_care": (
            f"{pick(32, PROVIDERS, 'R', 1.5)} AS provider, CASE WHEN hash(i + 33) % 3 = 0 THEN"
            f" 'first' ELSE 'follow_up' END AS point_of_delivery, {pick(34, SPECIALTIES, 'T', 2)}"
            f" AS treatment_function, '' AS hrg, {when(36)} AS attended_on, CAST(1 AS INTEGER) AS"
            " units"
        ),
        "emergency_care": (
            f"{pick(42, PROVIDERS, 'R', 1.5)} AS provider, CASE WHEN hash(i + 43) % 4 = 0 THEN"
            f" 'type_3' ELSE 'type_1' END AS point_of_delivery, {pick(45, 12, 'V', 2)} AS hrg,"
            f" {when(46)} AS arrived_on, CAST(1 AS INTEGER) AS units"
        ),
        "community_contacts": (
            f"{pick(52, 3, 'C')} AS provider, {pick(53, 15, 'S', 2)} AS service, CASE hash(i + 54)"
            " % 3 WHEN 0 THEN 'home_visit' WHEN 1 THEN 'clinic' ELSE 'telephone' END AS"
            f" contact_type, {when(56)} AS contact_on, CAST(1 + hash(i + 57) % 3 AS INTEGER) AS"
            " units"
        ),
        "mental_health_clusters": (
            f"{pick(62, 2, 'M')} AS provider, {pick(63, 20, 'K', 1.5)} AS cluster, {when(66)} AS"
            f" started_on, {when(66)} + CAST(floor(120 * {draw('i', 67)}) AS INTEGER) AS ended_on"
        ),
        "gp_appointments": (
            "CASE hash(i + 72) % 8 WHEN 0 THEN 'telephone' WHEN 1 THEN 'nurse' WHEN 2 THEN 'nurse'"
            " WHEN 3 THEN 'other' ELSE 'gp' END AS appointment_class, CASE WHEN hash(i + 73) % 20"
            f" = 0 THEN 'did_not_attend' ELSE 'attended' END AS attendance, {when(76)} AS"
            " appointment_on"
        ),
    }
    for salt, (name, share) in enumerate(SHARES.items()):
        made[name] = (
            f"SELECT CAST(i AS BIGINT) AS record, {person(100 * salt + 3, people, text_keys)} AS"
            f" pseudonym, {columns[name]} FROM range({int(records * share)}) AS t(i)"
        )
    return made


def make(folder: Path, people: int, records: int, text_keys: bool = False) -> None:
    """Write the records; what is there already with the same sizes is kept."""
    lists = max(20, people // 8000)
    (folder / "patients").mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
    for name, statement in statements(people, records, lists, text_keys).items():
        path = folder / "patients" / f"{name}.parquet"
        if not path.exists():
            kept = "* EXCLUDE (i)" if name == "person_register" else "*"
            connection.execute(
                f"COPY (SELECT {kept} FROM ({statement})) TO '{path}.part' (FORMAT parquet,"
                " ROW_GROUP_SIZE 245760)"
            )
            path.with_name(path.name + ".part").rename(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=5_000_000)
    parser.add_argument("--records", type=int, default=100_000_000)
    parser.add_argument(
        "--text-keys",
        action="store_true",
        help="pseudonyms of 32 characters instead of whole numbers",
    )
    chosen = parser.parse_args()
    make(chosen.folder, chosen.people, chosen.records, chosen.text_keys)

"""The job as one script in pandas, twice over: the sums an analyst wants, and the whole of what the
pipeline does.

`sums` reads the tables, joins them and adds up pounds in floating point; it counts no faults, looks
for no overlaps and leaves pence over. `whole` also marks each record's fault, counts them, looks
for overlapping stays and shares sums to the penny, and so gives the pipeline's own pence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pandas
from small_tables import tables

FIRST, LAST = pandas.Timestamp("2029-04-01"), pandas.Timestamp("2030-03-31")
DAYS = {
    "admitted_care": "discharged_on",
    "outpatient_care": "attended_on",
    "emergency_care": "arrived_on",
    "community_contacts": "contact_on",
    "mental_health_clusters": "started_on",
    "gp_appointments": "appointment_on",
}
CODES = {
    "admitted_care": "treatment_function",
    "outpatient_care": "treatment_function",
    "community_contacts": "service",
    "mental_health_clusters": "cluster",
    "gp_appointments": "appointment_class",
}
STAYS = {"admitted_care": ("admitted_on", "day"), "mental_health_clusters": ("day", "ended_on")}
PRICED = ("admitted_care", "outpatient_care", "emergency_care")
CHARGE = ["contract", "service_line", "activity_type"]


def run(
    folder: Path, age_cuts: tuple[int, ...], amounts: dict[tuple[str, str, str], int], whole: bool
) -> dict[str, float]:
    """Do the job; gives the pence by result, to hold against the pipeline's."""
    commissioned, prices, providers, _ = tables()
    services = pandas.DataFrame(dict(commissioned.columns))
    price = pandas.DataFrame(
        {
            "currency": prices.text("activity_currency"),
            "point_of_delivery": prices.text("point_of_delivery"),
            "unit_pence": prices.numbers("unit_price"),
        }
    )
    factor = pandas.DataFrame(
        {
            "provider": providers.text("provider"),
            "factor": (providers.numbers("market_forces_factor") * 1000).round(),
        }
    )  # in thousandths, so that halves are exact
    amount = pandas.DataFrame(
        [(*key, pence) for key, pence in amounts.items()], columns=[*CHARGE, "amount"]
    )
    register = _register(folder, age_cuts)
    valued = []
    for name in DAYS:
        records = _records(folder, name, services, price, factor)
        records = _on_lists(records, register, whole)
        if whole:
            records = _without_faults(records, name)
        if name not in PRICED:
            records = _shared_to_the_penny(records, amount) if whole else _shared(records, amount)
        valued.append(
            records[["pseudonym", "list_code", "band", "mask", *CHARGE, "units", "pence"]]
        )
    everything = pandas.concat(valued)
    groups = {"by_list": ["list_code", *CHARGE], "by_profile": ["band", "mask", "service_line"]}
    results = {
        name: (
            everything.groupby(keys, dropna=False).agg(
                units=("units", "sum"), records=("units", "size"), pence=("pence", "sum")
            )
        )
        for name, keys in groups.items()
    }
    results["by_person"] = (
        everything[everything["list_code"].notna()].groupby("pseudonym")[["pence"]].sum()
    )
    return {name: result["pence"].sum().item() for name, result in results.items()}


def _register(folder: Path, age_cuts: tuple[int, ...]) -> pandas.DataFrame:
    register = pandas.read_parquet(folder / "patients" / "person_register.parquet")
    register["band"] = numpy.searchsorted(age_cuts, register["age"], side="right")
    register["mask"] = sum(
        register[name].astype("int64") * 2**bit
        for bit, name in enumerate(sorted(name for name in register if name.startswith("has_")))
    )
    return register[["pseudonym", "list_code", "band", "mask", "joined_on", "left_on", "died_on"]]


def _records(
    folder: Path,
    name: str,
    services: pandas.DataFrame,
    price: pandas.DataFrame,
    factor: pandas.DataFrame,
) -> pandas.DataFrame:
    """One table's records of the year with their service, and the pence of those at prices."""
    records = pandas.read_parquet(folder / "patients" / f"{name}.parquet").rename(
        columns={
            DAYS[name]: "day",
            CODES.get(name, ""): "service_code",
            "contact_type": "point_of_delivery",
        }
    )
    assert not records["record"].duplicated().any()
    if "attendance" in records:
        records = records[records["attendance"] == "attended"]
    records["day"] = pandas.to_datetime(records["day"])
    records = records[(records["day"] >= FIRST) & (records["day"] <= LAST)]
    if "ended_on" in records:
        records["ended_on"] = pandas.to_datetime(records["ended_on"])
        records["units"] = (records["ended_on"].clip(upper=LAST) - records["day"]).dt.days + 1
    records["units"] = records["units"].astype("int64") if "units" in records else 1
    own = services[services["activity_table"] == name]
    keys = [key for key in ("provider", "point_of_delivery", "service_code") if key in records]
    records = records.merge(own[[*keys, *CHARGE]], on=keys, how="left")
    if name in PRICED:
        records["currency"] = (
            records["service_code"] if name == "outpatient_care" else records["hrg"]
        )
        records = records.merge(price, on=["currency", "point_of_delivery"], how="left").merge(
            factor, on="provider", how="left"
        )
        records["pence"] = records["units"] * numpy.floor(
            (records["unit_pence"] * records["factor"] + 500) / 1000
        )
    return records


def _on_lists(
    records: pandas.DataFrame, register: pandas.DataFrame, whole: bool
) -> pandas.DataFrame:
    """Records with the list and kind of their person, and with neither where the day is not one of
    theirs.
    """
    records = records.merge(register, on="pseudonym", how="left")
    if whole:
        gone = records["left_on"].fillna(records["died_on"])
        away = (records["day"] < records["joined_on"]) | (records["day"] > gone)
        records.loc[away, ["list_code", "band", "mask"]] = None
    return records


def _without_faults(records: pandas.DataFrame, name: str) -> pandas.DataFrame:
    """Records that carry money; faults and overlapping stays are counted on the way."""
    faulty = [
        records["units"] <= 0,
        records["contract"].isna(),
        records["pence"].isna() if name in PRICED else numpy.zeros(len(records), dtype=bool),
        records["list_code"].isna(),
    ]
    kind = numpy.select(faulty, [13, 14, 15, 1], 0)
    pandas.Series(kind).value_counts()
    records = records[kind <= 1]
    if name in STAYS:
        start, end = STAYS[name]
        stays = records[
            pandas.to_datetime(records[end]) > pandas.to_datetime(records[start])
        ].sort_values(["pseudonym", start, end, "record"])
        earlier = stays.groupby("pseudonym")[end].cummax().groupby(stays["pseudonym"]).shift()
        stays[pandas.to_datetime(earlier) > pandas.to_datetime(stays[start])].groupby(
            [*CHARGE, "units"]
        ).size()
    return records


def _shared(records: pandas.DataFrame, amount: pandas.DataFrame) -> pandas.DataFrame:
    whole = records.groupby(CHARGE)["units"].transform("sum")
    records = records.merge(amount, on=CHARGE, how="left")
    records["pence"] = records["amount"] * (records["units"] / whole)
    return records


def _shared_to_the_penny(records: pandas.DataFrame, amount: pandas.DataFrame) -> pandas.DataFrame:
    """Whole pence: floors, then a penny more each to the largest remainders, and among equals to
    the lowest identifiers.
    """
    whole = records.groupby(CHARGE)["units"].transform("sum").to_numpy()
    records = records.merge(amount, on=CHARGE, how="left")
    records["pence"], records["remainder"] = (
        records["amount"] * records["units"] // whole,
        records["amount"] * records["units"] % whole,
    )
    records = records.sort_values(
        [*CHARGE, "remainder", "units", "record"], ascending=[True, True, True, False, True, True]
    )
    groups = records.groupby(CHARGE)
    owed = records["amount"] - groups["pence"].transform("sum")
    records["pence"] += (groups.cumcount() < owed).astype("int64")
    return records


def outcome(
    folder: Path, age_cuts: tuple[int, ...], amounts: dict[tuple[str, str, str], int], whole: bool
) -> dict[str, Any]:
    """The job's pence by result, whole where they are."""
    return {
        name: int(pence) if float(pence).is_integer() else pence
        for name, pence in run(folder, age_cuts, amounts, whole).items()
    }

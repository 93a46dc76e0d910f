"""Figures below a GP list: never for one person, shown in bands, and left out where a group is
small.

Source: handbook 2.4.5.
"""

from __future__ import annotations

from itertools import pairwise

from wpb.baseline.current_spend import CurrentSpend
from wpb.kernel.money import pounds
from wpb.tables.limits import limit
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn

BAND_EDGES_PENCE = (0, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)
CAVEAT = (
    "Two people with one condition may not have the same care: these are averages of a group, not"
    " what any one person costs."
)


def band(amount_pence: float) -> str:
    """The band an amount for one person falls in, for example £100 to £250.

    Source: handbook 2.4.5 (banding is this tool's reading of its caution); req 100.
    """
    for low, high in pairwise(BAND_EDGES_PENCE):
        if amount_pence < high:
            return f"{pounds(low)} to {pounds(high)}"
    return f"{pounds(BAND_EDGES_PENCE[-1])} or more"


def group_bands_section(model: Model, current: CurrentSpend) -> Section:
    """Give spend per patient of each condition group in bands, with small groups left out and the
    caution that goes with it.

    spend per patient = spend mapped to the group, in all lists / patients on its registers.
    Source: handbook 2.4.5 Fig 13; req 97, 100.
    """
    mapping, registers = model["patient_group_mapping"], model["condition_registers"]
    shares = {
        (contract, kind, condition): share
        for contract, kind, condition, share in zip(
            mapping.text("contract"),
            mapping.text("activity_type"),
            mapping.text("condition"),
            mapping.numbers("share").tolist(),
            strict=True,
        )
    }
    by_type: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for (contract, kind, condition), share in shares.items():
        by_type.setdefault((contract, kind), []).append((condition, share))
    spend: dict[str, float] = {}
    for line, amount in zip(
        current.lines.lines, current.spend.value[0, :, 0].tolist(), strict=True
    ):
        if line.population.startswith("groups."):
            for condition, share in by_type.get((line.contract, line.activity_type), []):
                spend[condition] = spend.get(condition, 0.0) + amount * share
    patients: dict[str, float] = {}
    for condition, count in zip(
        registers.text("condition"), registers.numbers("patients").tolist(), strict=True
    ):
        patients[condition] = patients.get(condition, 0.0) + count
    least = limit(model, "small_group")
    rows = tuple(
        (
            condition,
            patients.get(condition, 0.0) if patients.get(condition, 0.0) >= least else None,
            (
                band(amount / patients[condition])
                if patients.get(condition, 0.0) >= least
                else f"left out: fewer than {least:.0f} patients"
            ),
        )
        for condition, amount in sorted(spend.items())
    )
    columns = (
        SectionColumn("condition", "Condition group", "code"),
        SectionColumn("patients", "Patients", "count"),
        SectionColumn("spend_per_patient", "Spend per patient"),
    )
    return Section(
        "patient_groups", "Spend per patient in a group, in bands", CAVEAT, columns, rows
    )

"""From a sample of observed staff time to weights, with the size of the sample and an interval.

Source: handbook 2.4.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wpb.kernel.intervals import mean_and_deviation, student_95
from wpb.kernel.ledger import Array, Axis, Block, Ref
from wpb.tables.leaves import table_leaf
from wpb.tables.methods.option import Work
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn


@dataclass(frozen=True)
class ObservedWeight:
    """The mean time of one activity type: its sample, its spread, and its weight beside the first
    type's.
    """

    contract: str
    activity_type: str
    observations: int
    mean_minutes: float
    deviation_minutes: float
    weight: float
    weight_error: float
    """Half of the 95% interval of the weight; nan for a sample of one."""

    @property
    def variation(self) -> float:
        """Coefficient of variation within the type."""
        return self.deviation_minutes / self.mean_minutes if self.mean_minutes else math.nan


def mean_minutes(total_minutes: Array, observations: Array) -> Array:
    """The mean time observed: total minutes / observations.

    Source: handbook 2.4.4; req 81.
    """
    return total_minutes / observations


def as_weight(mean: Array) -> Array:
    """A mean time used as a weight: only its relation to the others counts.

    Source: handbook 2.4.4 Fig 8; req 80, 81.
    """
    return mean


def observed_weights(work: Work, axis: Axis, activity_types: Sequence[str]) -> Block:
    """Give each row of mapped activity the mean time observed for its type as its weight.

    Source: handbook 2.4.4; req 80, 81.
    """
    ledger, table, code = work.ledger, work.tables["time_observations"], work.contract
    rows = [
        row
        for row in table.rows_where("contract", code)
        if table.columns["activity_type"][row] in set(activity_types)
    ]
    kinds = [str(table.columns["activity_type"][row]) for row in rows]
    missing = sorted(set(activity_types) - set(kinds))
    if missing:
        activity = work.tables["contract_activity"]
        for kind in missing:
            row = next(
                r
                for r in activity.rows_where("contract", code)
                if activity.columns["activity_type"][r] == kind
            )
            work.problems.error(
                activity.where(row, "activity_type"),
                f"Activity {kind} of contract {code} has neither a weight nor an observation of its"
                " time.",
                "Add it to cost_weights or time_observations, or choose another option at step 3.",
                "weight_missing",
            )
        work.problems.raise_if_errors()
    each = Axis("observation", tuple(table.key_of(row) for row in rows))
    types = Axis("activity type", tuple(dict.fromkeys(kinds)))
    into = [types.positions[kind] for kind in kinds]
    minutes = table_leaf(
        ledger,
        f"contract/{code}/minutes",
        each,
        "minutes",
        table,
        "minutes",
        rows,
        "Minutes observed",
    )
    counted = ledger.leaf(
        f"contract/{code}/observation",
        each,
        "observations",
        np.ones(len(rows)),
        lambda row, year: table.where(rows[row], "observation"),
        title="One observation",
    )
    total = ledger.total(
        f"contract/{code}/minutes_by_type", types, (minutes, into), title="Minutes observed"
    )
    count = ledger.total(
        f"contract/{code}/observations", types, (counted, into), title="Observations"
    )
    mean = ledger.add(
        f"contract/{code}/mean_minutes",
        mean_minutes,
        types,
        "minutes",
        total_minutes=total,
        observations=count,
        title="Mean time observed",
    )
    take = np.array([types.positions[kind] for kind in activity_types], dtype=np.int64)
    return ledger.add(
        f"contract/{code}/weight",
        as_weight,
        axis,
        "weight",
        mean=Ref(mean, take),
        title="Mean time as a weight",
    )


def ratio_error(
    mean: float,
    deviation: float,
    count: int,
    base_mean: float,
    base_deviation: float,
    base_count: int,
) -> float:
    """Half of a 95% interval of a ratio of two means: t x |ratio| x sqrt(s1^2/(n1 m1^2) + s2^2/(n2
    m2^2)), t with the smaller sample less 1.

    Source: handbook 2.4.4; the delta method; req 81.
    """
    if min(count, base_count) < 2 or not mean or not base_mean:
        return math.nan
    relative = deviation**2 / (count * mean**2) + base_deviation**2 / (base_count * base_mean**2)
    return student_95(min(count, base_count) - 1) * abs(mean / base_mean) * math.sqrt(relative)


def sample_weights(model: Model, contract: str) -> list[ObservedWeight]:
    """Summarise a contract's observations: weights relative to its first activity type, with
    intervals.

    Source: handbook 2.4.4; req 81.
    """
    table, minutes = model["time_observations"], dict[str, list[float]]()
    for row in table.rows_where("contract", contract):
        minutes.setdefault(str(table.columns["activity_type"][row]), []).append(
            float(table.numbers("minutes")[row])
        )
    found: list[ObservedWeight] = []
    for kind, sample in minutes.items():
        mean, deviation = mean_and_deviation(sample)
        base = found[0] if found else None
        if base is None:
            found.append(ObservedWeight(contract, kind, len(sample), mean, deviation, 1.0, 0.0))
        else:
            error = ratio_error(
                mean,
                deviation,
                len(sample),
                base.mean_minutes,
                base.deviation_minutes,
                base.observations,
            )
            found.append(
                ObservedWeight(
                    contract,
                    kind,
                    len(sample),
                    mean,
                    deviation,
                    mean / base.mean_minutes if base.mean_minutes else math.nan,
                    error,
                )
            )
    return found


def samples_section(model: Model) -> Section:
    """List observed weights with their samples and intervals.

    Source: handbook 2.4.4; req 81.
    """
    columns = (
        SectionColumn("contract", "Contract", "code"),
        SectionColumn("activity_type", "Activity type", "code"),
        SectionColumn("observations", "Observations", "count"),
        SectionColumn("mean_minutes", "Mean minutes", "number"),
        SectionColumn("deviation_minutes", "Standard deviation", "number"),
        SectionColumn("weight", "Weight", "number"),
        SectionColumn("weight_error", "Give or take (95%)", "number"),
    )
    contracts = dict.fromkeys(model["time_observations"].text("contract"))
    known = [
        (
            w.contract,
            w.activity_type,
            w.observations,
            w.mean_minutes,
            w.deviation_minutes,
            w.weight,
            w.weight_error,
        )
        for contract in contracts
        for w in sample_weights(model, contract)
    ]
    rows = tuple(
        tuple(None if isinstance(value, float) and math.isnan(value) else value for value in row)
        for row in known
    )
    return Section(
        "time_and_motion",
        "Weights from observed time",
        "Weights stand beside the first activity type of each contract. They are used where"
        " cost_weights has none.",
        columns,
        rows,
    )

"""What an appointment costs, and what each cohort's appointments cost: the four steps of the Tower
Hamlets vanguard.

A view of primary care spend beside the baseline, which it leaves as it is.
Source: handbook 2.5 Tower Hamlets; req 114-118.
"""

from __future__ import annotations

import numpy as np

from wpb.kernel.arithmetic import apportion, share_of, times
from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ledger, Ref, Rows
from wpb.kernel.problems import ProblemLog
from wpb.tables.leaves import table_leaf
from wpb.tables.model import Model
from wpb.tables.primary_care import APPOINTMENT_CLASSES

NO_COHORT = "not_recorded"


def priced_share(activity_share: Array, relative_price: Array) -> Array:
    """A class's share of the money once its lower price is allowed for: share x relative price,
    made to add to 1 again.

    Source: handbook 2.5 Tower Hamlets, step 3; req 117.
    """
    weighted = activity_share * relative_price
    return share_of(weighted, weighted.sum(axis=1, keepdims=True))


def currency(class_pence: Array, class_appointments: Array) -> Array:
    """The currency of a class, pence for one appointment: pence of the class / appointments of the
    class.

    Source: handbook 2.5 Tower Hamlets, step 4; req 118.
    """
    return share_of(class_pence, class_appointments)


def appointment_costs(model: Model, ledger: Ledger, problems: ProblemLog) -> Block | None:
    """Cost appointments by class and cohort: pot, share of activity, price adjustment, unit
    currency, cohorts.

    Only attended appointments count; those not attended and anomalies are left out before the first
    step.
    Gives pence by cohort, which add to the pot, or None where there are no appointments.
    Source: handbook 2.5 Tower Hamlets; req 114, 115, 116, 117, 118.
    """
    table = model["appointments"]
    attended = [row for row, outcome in enumerate(table.text("outcome")) if outcome == "attended"]
    if not attended or not len(model["primary_care_pots"]):
        return None
    classes = Axis(
        "class of appointment",
        tuple(
            name
            for name in APPOINTMENT_CLASSES
            if name in {str(table.columns["appointment_class"][row]) for row in attended}
        ),
    )
    pot = _pot(model, ledger)
    counts, cohort_counts, cohorts, cohort_class = _counts(model, ledger, attended, classes)
    share = _share(ledger, counts, classes)
    final = ledger.add(
        "appointments/priced_share",
        priced_share,
        classes,
        "share",
        activity_share=share,
        relative_price=_prices(model, ledger, classes, problems),
        title="Step 3: share adjusted for price",
    )
    pence = ledger.add(
        "appointments/class_spend",
        times,
        classes,
        "pence",
        quantity=pot,
        factor=final,
        title="Step 3: spend of the class",
    )
    unit = ledger.add(
        "appointments/currency",
        currency,
        classes,
        "pence",
        class_pence=pence,
        class_appointments=counts,
        title="Step 4: cost of one appointment",
    )
    detail = ledger.add(
        "appointments/cohort_class_spend",
        times,
        cohort_counts.axis,
        "pence",
        quantity=cohort_counts,
        factor=Ref(unit, cohort_class),
        title="Step 4: spend of a cohort on a class",
    )
    into = [cohorts.positions[code.partition("~")[0]] for code in cohort_counts.axis.codes]
    return ledger.total(
        "appointments/cohort_spend", cohorts, (detail, into), title="Step 4: spend of the cohort"
    )


def _pot(model: Model, ledger: Ledger) -> Block:
    """Step 1: NHS England's primary care budget and the commissioner's local enhanced services,
    added.

    Source: handbook 2.5 Tower Hamlets, step 1; req 114.
    """
    pots = model["primary_care_pots"]
    amounts = table_leaf(
        ledger,
        "appointments/pots",
        Axis("pot", tuple(pots.text("pot"))),
        "pence",
        pots,
        "value",
        range(len(pots)),
        "Money that pays for appointments",
    )
    return ledger.total("appointments/pot", TOTAL, (amounts, None), title="Step 1: the pot")


def _counts(
    model: Model, ledger: Ledger, attended: list[int], classes: Axis
) -> tuple[Block, Block, Axis, Rows]:
    """Attended appointments by class, and by cohort and class.

    Source: handbook 2.5 Tower Hamlets; req 115.
    """
    table = model["appointments"]
    axis = Axis("appointments", tuple(table.key_of(row) for row in attended))
    leaf = table_leaf(
        ledger,
        "appointments/attended",
        axis,
        "appointments",
        table,
        "appointments",
        attended,
        "Attended appointments",
    )
    kinds = [str(table.columns["appointment_class"][row]) for row in attended]
    groups = [str(table.columns["cohort"][row]) or NO_COHORT for row in attended]
    counts = ledger.total(
        "appointments/by_class",
        classes,
        (leaf, [classes.positions[kind] for kind in kinds]),
        title="Attended appointments of the class",
    )
    pairs = Axis(
        "cohort and class",
        tuple(f"{group}~{kind}" for group, kind in sorted(set(zip(groups, kinds, strict=True)))),
    )
    by_pair = ledger.total(
        "appointments/by_cohort_and_class",
        pairs,
        (
            leaf,
            [pairs.positions[f"{group}~{kind}"] for group, kind in zip(groups, kinds, strict=True)],
        ),
        title="Attended appointments of the cohort",
    )
    rows = np.array(
        [classes.positions[code.partition("~")[2]] for code in pairs.codes], dtype=np.int64
    )
    return counts, by_pair, Axis("cohort", tuple(sorted(set(groups)))), rows


def _share(ledger: Ledger, counts: Block, classes: Axis) -> Block:
    """Step 2: the class's share of all activity.

    Source: handbook 2.5 Tower Hamlets, step 2; req 116.
    """
    whole = ledger.total(
        "appointments/all", TOTAL, (counts, None), title="All attended appointments"
    )
    share = ledger.add(
        "appointments/activity_share",
        share_of,
        classes,
        "share",
        part=counts,
        whole=whole,
        title="Step 2: share of activity",
    )
    pot = ledger["appointments/pot"]
    ledger.add(
        "appointments/initial_split",
        apportion,
        classes,
        "pence",
        total_pence=pot,
        weight=counts,
        all_weights=whole,
        title="Step 2: the pot by activity alone",
    )
    return share


def _prices(model: Model, ledger: Ledger, classes: Axis, problems: ProblemLog) -> Block:
    table = model["appointment_prices"]
    rows = {name: row for row, name in enumerate(table.text("appointment_class"))}
    missing = [name for name in classes.codes if name not in rows]
    if missing:
        problems.error(
            table.where(0, "appointment_class") if len(table) else None,
            f"Appointments of the class {', '.join(missing)} have no relative price.",
            "Add a row to appointment_prices for each class: 1 for a GP appointment, less where a"
            " contact costs less.",
            "appointment_price_missing",
        )
        problems.raise_if_errors()
    return table_leaf(
        ledger,
        "appointments/relative_price",
        classes,
        "price beside a GP appointment",
        table,
        "relative_price",
        [rows[name] for name in classes.codes],
        "Relative price",
    )

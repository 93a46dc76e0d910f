"""What VAT a budget would bear under each possible holder of the contract.

Source: handbook 2.6; overview 3.3.3; req 128, 133.
"""

from __future__ import annotations

import numpy as np

from wpb.baseline.current_spend import CurrentSpend
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref, Rows
from wpb.tables.leaves import table_leaf
from wpb.tables.model import Model


def vat_effect(
    spend_pence: Array,
    vatable_share: Array,
    vat_rate: Array,
    recovered_share: Array,
    recovered_today: Array,
) -> Array:
    """How much more (or less) a line costs with another holder of the contract.

    spend today bears the VAT that today's holder can't recover, so spend before VAT = spend / (1 +
    s v (1 - r0)) and effect = spend x ((1 + s v (1 - r)) / (1 + s v (1 - r0)) - 1),
    s: vatable share, v: VAT rate, r and r0: shares recovered by the holder and by today's.
    Source: overview 3.3.3 (council money within one contract); req 128, 133.
    """
    today = 1.0 + vatable_share * vat_rate * (1.0 - recovered_today)
    result: Array = spend_pence * (
        (1.0 + vatable_share * vat_rate * (1.0 - recovered_share)) / today - 1.0
    )
    return result


def vat_by_holder(
    model: Model, ledger: Ledger, current: CurrentSpend, baseline: Block
) -> Block | None:
    """Value the VAT effect on the baseline for each service line and holder; None where nothing is
    entered.

    Source: overview 3.3.3; req 128, 133.
    """
    table = model["vat_recovery"]
    if not len(table):
        return None
    services = table.text("service_line")
    axis = Axis(
        "service line and holder",
        tuple(
            f"{service}~{holder}"
            for service, holder in zip(services, table.text("holder"), strict=True)
        ),
    )
    lines = Axis("service line", tuple(dict.fromkeys(services)))
    spend = ledger.total(
        "vat/baseline",
        lines,
        (baseline, current.lines.rows_by(lines, "service_line")),
        title="Baseline of the service line",
    )
    share, rate, recovered = (
        table_leaf(ledger, f"vat/{name}", axis, unit, table, name, range(len(table)), title)
        for name, unit, title in (
            ("vatable_share", "share", "Share that VAT is charged on"),
            ("vat_rate", "rate", "Rate of VAT"),
            ("recovered_share", "share", "Share of the VAT recovered"),
        )
    )
    return ledger.add(
        "vat/effect",
        vat_effect,
        axis,
        "pence",
        title="VAT effect against today's holder",
        spend_pence=Ref(spend, np.array([lines.positions[service] for service in services])),
        vatable_share=share,
        vat_rate=rate,
        recovered_share=recovered,
        recovered_today=Ref(recovered, _today(model)),
    )


def _today(model: Model) -> Rows:
    """The row of today's holder for each row's service line."""
    table = model["vat_recovery"]
    today = {
        service: row
        for row, (service, flag) in enumerate(
            zip(table.text("service_line"), table.flags("holds_today"), strict=True)
        )
        if flag
    }
    return np.array([today[service] for service in table.text("service_line")], dtype=np.int64)

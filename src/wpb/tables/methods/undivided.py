"""Step 1: the contract carried undivided to its activity.

Source: handbook 2.4.2 end; req 62.
"""

from __future__ import annotations

from wpb.kernel.ledger import Ledger
from wpb.kernel.money import pounds
from wpb.tables.findings import Finding, warned
from wpb.tables.methods.facts import BlockFacts
from wpb.tables.methods.option import ServiceOption
from wpb.tables.methods.relative_resource import OPTION as RELATIVE_RESOURCE
from wpb.tables.model import Model


def check_undivided(model: Model, ledger: Ledger, contract: BlockFacts) -> list[Finding]:
    """Warn of a contract carried undivided: lower accuracy, and weights that must compare across
    all of its services.

    Source: handbook 2.4.2 end; req 62.
    """
    harder = (
        " Its weights compare activity of all its services at once, which is harder."
        if contract.options.get("step_3") == RELATIVE_RESOURCE.name
        else ""
    )
    found = warned(
        "undivided",
        contract.code,
        f"{contract.code} ({pounds(contract.value_pence)}) is carried undivided, so its pounds"
        f" follow activity and not services.{harder}",
        "Get a schedule or the provider's costs by service line.",
        contract.place,
    )
    return [found]


OPTION = ServiceOption(
    name="undivided",
    order=90,
    grade=3,
    sheets=("contract_activity",),
    help="not divided by service line: pounds follow activity alone",
    weigh=None,
    check=check_undivided,
)

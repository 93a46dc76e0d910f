"""The forms of integration: which way the money goes in each, for the contract and for each
practice.

Source: handbook 1.1.4; contracting for accountable models 14-16; req 343, 344, 345, 346.
"""

from __future__ import annotations

from wpb.contract.terms import Terms
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model

FORMS = {
    "virtual": (
        "Today's contracts stay; an alliance agreement overlays them. Each commissioner goes on"
        " paying each provider."
    ),
    "partial": (
        "One contract without core general practice. Commissioners pay the lead provider, who pays"
        " its subcontractors; practices keep their own contracts and are paid under them; an"
        " integration agreement binds them to the lead."
    ),
    "full": (
        "One contract with core general practice. Commissioners pay the lead provider, who pays its"
        " subcontractors and practices; the practices' own contracts are suspended or terminated."
    ),
    "mixed": (
        "One contract; core general practice is inside for practices that are fully integrated, and"
        " the others keep their own contracts."
    ),
}
"""The forms of integration and the way money takes in each."""
TAKES_PART = {
    "virtual": ("virtual", "none"),
    "partial": ("partial", "none"),
    "full": ("full", "none"),
    "mixed": ("full", "partial", "virtual", "none"),
}
"""How practices take part under each form of the contract."""


def money_flow_map(model: Model, terms: Terms) -> list[dict[str, str]]:
    """Say for the contract and each practice which way the money goes, by form of integration and
    the practice's role.

    Source: contracting for accountable models 14-16; req 343, 344, 345, 346.
    """
    lists, roles = model["gp_lists"], model["gp_roles"]
    role_of = {
        str(code): (str(role), str(own))
        for code, role, own in zip(
            *(roles.text(name) for name in ("list_code", "role", "own_contract")), strict=True
        )
    }
    flows = [{"who": "contract", "form": terms.form, "flow": FORMS[terms.form]}]
    for code, form, kind in zip(
        lists.text("list_code"), lists.text("participation"), lists.text("kind"), strict=True
    ):
        if kind != "practice" or form == "none":
            continue
        role, own = role_of.get(code, ("none", "continues"))
        if form == "full":
            by = {
                "owner": "a share of what the holder earns",
                "director": "a fee as director",
                "employee": "a salary",
                "subcontractor": "a subcontract",
            }.get(role, "")
            flow = (
                f"core general practice is inside; the holder pays the practice as {role} by {by}"
                if by
                else "core general practice is inside; the practice's role is not stated"
            )
        else:
            flow = "its own contract pays it for core general practice; " + (
                "an integration agreement binds it to the holder"
                if form == "partial"
                else "an alliance agreement binds it"
            )
        flows.append({"who": code, "form": form, "role": role, "own_contract": own, "flow": flow})
    return flows


def check_roles(model: Model, problems: ProblemLog) -> None:
    """Refuse a practice that takes part otherwise than the form says, a fully integrated one whose
    own contract goes on, and a role that its form does not allow.

    Source: contracting for accountable models 14-16; req 343, 344, 345, 346.
    """
    roles, lists = model["gp_roles"], model["gp_lists"]
    form_of = dict(zip(lists.text("list_code"), lists.text("participation"), strict=True))
    for row, (code, kind, form) in enumerate(
        zip(*(lists.text(name) for name in ("list_code", "kind", "participation")), strict=True)
    ):
        if kind == "practice" and form not in TAKES_PART[model.settings.form]:
            problems.error(
                lists.where(row, "participation"),
                f"Practice {code} takes part by {form} integration, and the contract is of the"
                f" {model.settings.form} form.",
                "Set form to mixed in the settings, or correct how the practice takes part: the"
                " form says which way its money goes.",
                "form_contradicted",
            )
    for row, code in enumerate(roles.text("list_code")):
        own = str(roles.columns["own_contract"][row])
        if form_of.get(code) == "full" and own == "continues":
            problems.error(
                roles.where(row, "own_contract"),
                f"Practice {code} is fully integrated, and its own contract goes on.",
                "It is suspended or terminated while core general practice is in this contract; or"
                " the practice is partially integrated.",
                "own_contract_continues",
            )
        elif form_of.get(code) != "full" and own != "continues":
            problems.error(
                roles.where(row, "own_contract"),
                f"Practice {code} is not fully integrated, and its own contract is {own}.",
                "Without its own contract nobody pays it for core general practice.",
                "own_contract_ended",
            )

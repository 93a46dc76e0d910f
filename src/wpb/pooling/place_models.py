"""The four models of a place-based budget, and the mechanisms that each permits.

Source: SCIE 3 (place-based budgets table); req 318-321.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.kernel.problems import Problem

MECHANISMS = (
    "align_budgets",
    "joint_contract_risk_share",
    "pool_section_13v",
    "pool_section_75",
    "partner_risk_share",
    "delegate_section_13zb",
    "delegation_risk_share",
    "transfer_section_105a",
)
NATIONAL, HEALTH, LOCAL_GOVERNMENT = "national_commissioner", "health_body", "local_government"


@dataclass(frozen=True)
class PlaceModel:
    """A model: the mechanisms it permits, the kinds of partner it must have, and who may share risk
    with whom.
    """

    model: str
    title: str
    permits: frozenset[str]
    must_have: frozenset[str]
    national_risk_share: bool
    """Whether the national commissioner may share over- and underspends."""
    note: str = ""


PLACE_MODELS = {
    found.model: found
    for found in (
        PlaceModel(
            "seat_at_the_table",
            "Seat at the table",
            frozenset({"align_budgets", "joint_contract_risk_share"}),
            frozenset({NATIONAL, HEALTH}),
            True,
            "Budgets are aligned, not pooled; risk is shared by joint contracts.",
        ),
        PlaceModel(
            "joint",
            "Joint arrangements",
            frozenset(
                {"align_budgets", "pool_section_13v", "pool_section_75", "partner_risk_share"}
            ),
            frozenset({HEALTH}),
            True,
            "Section 13V pools national and local health commissioners' money, section 75 health"
            " and local government's.",
        ),
        PlaceModel(
            "delegation",
            "Delegation",
            frozenset({"delegate_section_13zb", "delegation_risk_share"}),
            frozenset({NATIONAL, HEALTH, LOCAL_GOVERNMENT}),
            True,
            "The group must include a local government partner; risk is shared in the delegation"
            " agreement.",
        ),
        PlaceModel(
            "devolution",
            "Devolution",
            frozenset({"transfer_section_105a"}),
            frozenset({LOCAL_GOVERNMENT}),
            False,
            "The function moves by a section 105A order, over- and underspends with it.",
        ),
    )
}


def not_permitted(
    model: str, mechanisms: tuple[str, ...], partners: dict[str, str]
) -> list[Problem]:
    """List what a chosen model does not permit: mechanisms, missing kinds of partner, a risk share
    that can't be.

    partners: partner -> national_commissioner, health_body or local_government.
    Raises KeyError for a model that is not one of the four.
    Source: SCIE 3 (place-based budgets table); req 318, 319, 320, 321.
    """
    chosen = PLACE_MODELS[model]
    kinds = set(partners.values())
    found = [
        Problem(
            "error",
            None,
            f"{chosen.title} does not permit '{mechanism}'.",
            f"It permits: {', '.join(sorted(chosen.permits))}.",
            "not_permitted",
        )
        for mechanism in mechanisms
        if mechanism not in chosen.permits
    ]
    found += [
        Problem(
            "error",
            None,
            f"{chosen.title} needs a partner of the kind '{kind}'.",
            "Bring one in, or choose another model.",
            "partner_missing",
        )
        for kind in sorted(chosen.must_have - kinds)
    ]
    pairs = {"pool_section_13v": {NATIONAL, HEALTH}, "pool_section_75": {HEALTH, LOCAL_GOVERNMENT}}
    for mechanism, needed in pairs.items():
        if mechanism in mechanisms and mechanism in chosen.permits and not needed <= kinds:
            found.append(
                Problem(
                    "error",
                    None,
                    f"'{mechanism}' is between {' and '.join(sorted(needed))}, and not all of them"
                    " are partners.",
                    "Choose the pool that fits the partners.",
                    "partner_missing",
                )
            )
    return found


def risk_share_allowed(model: str, with_national: bool) -> bool:
    """Say whether over- and underspends may be shared, with the national commissioner or among the
    others.

    Under devolution the risk has moved with the function, so none is shared with the national
    commissioner.
    Source: SCIE 3 (place-based budgets table); req 321.
    """
    return PLACE_MODELS[model].national_risk_share or not with_national

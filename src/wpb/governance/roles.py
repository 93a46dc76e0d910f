"""Roles around a budget and what each may do; what is not named here is refused.

Source: handbook 2.1.1, 2.4.1 (providers, commissioners and analysts), 4.2 (bidders); req 353, 354.
"""

from __future__ import annotations

RIGHTS = {
    "see": "Open every page but other providers' cost data",
    "see_scope": "Open the overview, scope, assumptions and data list",
    "see_all_cost": "See every provider's cost data",
    "see_trail": "Open the audit trail",
    "remark": "Comment, ask, attach evidence, declare interests, consent",
    "save": "Save scenarios and upload data, start runs",
    "make": "Make a version",
    "propose": "Propose and withdraw a version",
    "sign": "Sign a version for the organisation",
    "complete": "Complete and sign checklists and records",
    "administer": "Enter organisations and people",
}
_PARTY = frozenset({"see", "see_scope", "see_trail", "remark", "save", "make", "sign", "complete"})
ROLES: dict[str, frozenset[str]] = {
    "commissioner": _PARTY | {"see_all_cost", "propose"},
    "provider": _PARTY,
    "practice": _PARTY - {"make"},
    "council": _PARTY | {"propose"},
    "analyst": frozenset(
        {"see", "see_scope", "see_all_cost", "see_trail", "remark", "save", "make", "complete"}
    ),
    "clinician": frozenset({"see", "see_scope", "remark", "complete"}),
    "reviewer": frozenset({"see", "see_scope", "see_all_cost", "see_trail", "remark", "complete"}),
    "bidder": frozenset({"see_scope"}),
    "read_only": frozenset({"see", "see_scope"}),
}
"""An analyst works for a commissioner and signs nothing; a reviewer sees all and changes nothing; a
bidder sees what is published.
"""
ROLE_NAMES = {
    "commissioner": "Commissioner",
    "provider": "Provider",
    "practice": "GP practice",
    "council": "Council",
    "analyst": "Analyst",
    "clinician": "Clinician",
    "reviewer": "Reviewer",
    "bidder": "Bidder",
    "read_only": "Read only",
}


def may(role: str, right: str, administrator: bool = False) -> bool:
    """Say whether a role has a right; entering people is an administrator's alone.

    Source: req 353.
    """
    return administrator if right == "administer" else right in ROLES.get(role, frozenset())

"""What an ICB must have in place to run on people's records, read from the model's own settings:
the basis in law, opt-outs, retention, roles, output checking; and the papers that follow from them.

Nothing here is legal advice: it writes down what the settings say, and says what they don't.
Source: handbook 2.6; req 130, 462.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog

CONFIDENTIALITY = ("consent", "section_251", "direct_care", "anonymous")
ROLES = ("controller", "processor", "caldicott_guardian", "information_asset_owner", "analyst")
ASKED = {
    "lawful_basis": "the lawful basis under Article 6 of the UK GDPR",
    "special_category_condition": "the condition for health data under Article 9",
    "confidentiality": "how the duty of confidentiality is met",
    "section_251": "the reference of the section 251 support",
    "opt_outs": "how national data opt-outs are applied",
    "retain_until": "the date until which the records may be kept",
    "roles": "who is controller, Caldicott guardian and information asset owner",
    "output_checker": "who checks what leaves",
    "environment": "the secure data environment",
}
TEXTS = (
    "lawful_basis",
    "special_category_condition",
    "section_251",
    "output_checker",
    "environment",
)
KEYS = ("made_up", *ASKED)
OPT_OUT_KEYS = ("column", "file", "not_applied")


@dataclass(frozen=True)
class Governance:
    """What the settings say about the use of people's records."""

    made_up: bool = False
    """Whether the people are synthetic, so that none of the rest is asked for."""
    texts: Mapping[str, str] = field(default_factory=dict)
    confidentiality: str = ""
    opt_outs: Mapping[str, str] = field(default_factory=dict)
    """column: a flag in the register; file: a file of pseudonyms; not_applied: why not."""
    retain_until: datetime.date | None = None
    roles: Mapping[str, str] = field(default_factory=dict)

    def missing(self) -> list[str]:
        """What an ICB is asked for and the settings don't say; nothing where people are made up."""
        if self.made_up:
            return []
        said = {
            **self.texts,
            "confidentiality": self.confidentiality,
            "opt_outs": "said" if self.opt_outs else "",
            "retain_until": str(self.retain_until or ""),
            "roles": "said" if {"controller", "caldicott_guardian"} <= set(self.roles) else "",
        }
        if self.confidentiality != "section_251":
            said["section_251"] = "not used"
        return [key for key in ASKED if not said.get(key)]


def read_governance(given: object, log: ProblemLog) -> Governance:
    """Read the settings under governance in patients.yaml; what can't be read is a problem.

    Source: req 130, 462.
    """
    if given is None:
        return Governance()
    if not isinstance(given, dict):
        _wrong("", "'governance' must hold settings of its own.", "Indent them under it.", log)
        return Governance()
    for key in sorted(set(map(str, given)) - set(KEYS)):
        _wrong(key, f"'{key}' is not a setting of governance.", f"Use {', '.join(KEYS)}.", log)
    made_up = given.get("made_up", False)
    if not isinstance(made_up, bool):
        _wrong("made_up", "made_up is neither true nor false.", "Write true or false.", log)
    confidentiality = str(given.get("confidentiality", ""))
    if confidentiality and confidentiality not in CONFIDENTIALITY:
        fix = f"Use {', '.join(CONFIDENTIALITY)}."
        _wrong("confidentiality", f"'{confidentiality}' is not one of the bases.", fix, log)
    return Governance(
        made_up is True,
        {key: str(given[key]).strip() for key in TEXTS if given.get(key)},
        confidentiality,
        _part(given, "opt_outs", OPT_OUT_KEYS, log),
        _date(given.get("retain_until"), log),
        _part(given, "roles", ROLES, log),
    )


def _part(
    given: Mapping[str, Any], key: str, allowed: Sequence[str], log: ProblemLog
) -> dict[str, str]:
    part = given.get(key) or {}
    if not isinstance(part, dict) or set(part) - set(allowed):
        _wrong(key, f"'{key}' holds something else.", f"Use {', '.join(allowed)}.", log)
        return {}
    if key == "opt_outs" and len(part) > 1:
        _wrong(key, "Opt-outs are given in more than one way.", "Keep one of them.", log)
    return {str(name): str(value) for name, value in part.items()}


def _date(given: object, log: ProblemLog) -> datetime.date | None:
    if given is None or (
        isinstance(given, datetime.date) and not isinstance(given, datetime.datetime)
    ):
        return given
    try:
        return datetime.date.fromisoformat(str(given))
    except ValueError:
        _wrong("retain_until", f"'{given}' is not a date.", "Write it as 2031-03-31.", log)
        return None


def _wrong(key: str, what: str, fix: str, log: ProblemLog) -> None:
    place = f"governance.{key}" if key else "governance"
    log.error(Cell("patients/patients.yaml", "patients", place), what, fix, "patients_settings")


def check_governance(governance: Governance, today: datetime.date, log: ProblemLog) -> None:
    """Refuse a run after the date until which records may be kept; warn of what is not declared.

    Source: req 130, 462.
    """
    place = "patients/patients.yaml"
    if governance.retain_until and today > governance.retain_until:
        log.error(
            Cell(place, "patients", "governance.retain_until"),
            f"These records may be kept until {governance.retain_until.isoformat()}, which has"
            " passed.",
            "Delete them and run `wpb people clear`, or agree a later date and enter it.",
            "retention_ended",
        )
    missing = governance.missing()
    if missing:
        log.warning(
            Cell(place, "patients", "governance"),
            "The settings don't say under which governance these records of people are used. Not"
            f" said: {'; '.join(ASKED[key] for key in missing)}.",
            "Fill in governance in patients.yaml, or set made_up: true where the people are"
            " synthetic; `wpb people governance` drafts the papers.",
            "governance_missing",
        )

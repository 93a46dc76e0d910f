"""What patients/patients.yaml holds: where records are, what may stop a run, and the choices of the
person-level methods.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from wpb.kernel.calendar import is_financial_year
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.kernel.safe_yaml import load_yaml, yaml_reader
from wpb.patients.gate import DisclosureRule
from wpb.patients.governance import Governance, read_governance
from wpb.patients.specifications import PERSON_TABLES

SETTINGS_FILE = "patients.yaml"
SAFEGUARDS = ("consent", "information_governance", "safe_haven", "sharing_agreements", "timeliness")
"""What must be in place before person-level social care data is joined."""
KEYS = (
    "activity_year",
    "stop_over_share",
    "sources",
    "appointments",
    "information_governance",
    "cohort",
    "risk",
    "smallest_count",
    "round_counts_to",
    "governance",
    "smallest_count_accepted_by",
    "dominance",
    "differences_accepted_by",
)
USUAL_SMALLEST, LEAST_SMALLEST, MOST_SMALLEST = 10, 8, 50
"""People in the smallest cell shown: as it is, at least and at most. Published hospital figures
suppress 1 to 7; more than 50 can't be told apart in the 61 groups that people are counted in.
"""

RECORD_TABLES = tuple(table.name for table in PERSON_TABLES)
RISK_KEYS = ("method", "cut_day", "trained_on")
RISK_METHODS = ("train", "supplied")


@dataclass(frozen=True)
class Appointments:
    """How the primary care pot is shared over appointments: its payment streams, and the price of
    each class beside a GP's.
    """

    payment_streams: tuple[str, ...]
    relative_price: Mapping[str, Fraction]
    agreed_by: str


@dataclass(frozen=True)
class PatientSettings:
    """The choices of one person-level run."""

    activity_year: str
    stop_over_share: float = 0.02
    """A run stops where more than this share of records, or of their pounds, is faulty."""
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    appointments: Appointments | None = None
    safeguards: Mapping[str, bool] = field(default_factory=dict)
    cohort: Mapping[str, Any] = field(default_factory=dict)
    risk: Mapping[str, Any] = field(default_factory=dict)
    smallest_count: int = 10
    round_counts_to: int = 5
    governance: Governance = field(default_factory=Governance)

    smallest_accepted_by: str = ""
    """The officer who accepts a smallest count below the usual ten."""
    dominance: Mapping[str, float] = field(default_factory=dict)
    """p_percent, or n and k (in per cent): when one person's part of a cell shows."""

    differences_accepted_by: str = ""
    """The officer who accepts that two releases may differ by a few people."""

    @property
    def rule(self) -> DisclosureRule:
        """What a cell must hold to be shown."""
        return DisclosureRule(
            self.smallest_count,
            self.dominance.get("p_percent", 10.0) / 100,
            int(self.dominance.get("n", 0)),
            self.dominance.get("k", 0.0) / 100,
        )

    @property
    def missing_safeguards(self) -> list[str]:
        """Safeguards that are not said to be in place."""
        return [name for name in SAFEGUARDS if not self.safeguards.get(name)]


def read_settings(folder: Path, spend_year: str, log: ProblemLog) -> PatientSettings:
    """Read patients.yaml; a model without one takes the spend year and the defaults.

    Every fault is a problem with its key; unknown keys are faults, so that a typo changes nothing
    in silence.
    """
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return PatientSettings(spend_year)
    from ruamel.yaml.error import YAMLError

    try:
        entries = load_yaml(path.read_text(encoding="utf-8"), yaml_reader("safe")) or {}
    except (YAMLError, UnicodeDecodeError):
        log.error(
            _cell(""),
            "The file can't be read as settings.",
            "Write one 'key: value' a line, in UTF-8.",
            "patients_settings",
        )
        return PatientSettings(spend_year)
    if not isinstance(entries, dict):
        log.error(
            _cell(""),
            "The file holds no settings.",
            "Write one 'key: value' a line.",
            "patients_settings",
        )
        return PatientSettings(spend_year)
    for key in entries:
        if key not in KEYS:
            log.error(
                _cell(str(key)),
                f"'{key}' is not a setting of person-level data.",
                f"Use one of {', '.join(KEYS)}.",
                "patients_settings",
            )
    return PatientSettings(
        activity_year=_year(entries, spend_year, log),
        stop_over_share=_number(entries, "stop_over_share", 0.02, 0.0, 1.0, log),
        sources=_sources(entries, log),
        appointments=_appointments(entries, log),
        safeguards=_safeguards(entries, log),
        cohort=_mapping(entries, "cohort", log),
        risk=_risk(entries, log),
        smallest_count=_smallest(entries, log),
        round_counts_to=int(_number(entries, "round_counts_to", 5, 5, 100, log)),
        governance=read_governance(entries.get("governance"), log),
        smallest_accepted_by=str(entries.get("smallest_count_accepted_by") or ""),
        dominance=_dominance(entries, log),
        differences_accepted_by=str(entries.get("differences_accepted_by") or ""),
    )


def _smallest(entries: Mapping[str, Any], log: ProblemLog) -> int:
    """The smallest count: ten, or another that a named officer accepts, never below published
    practice.

    Source: handbook 2.4.5; req 463.
    """
    found = int(
        _number(entries, "smallest_count", USUAL_SMALLEST, LEAST_SMALLEST, MOST_SMALLEST, log)
    )
    if found < USUAL_SMALLEST and not entries.get("smallest_count_accepted_by"):
        log.error(
            _cell("smallest_count"),
            f"Cells of {found} people would be shown, fewer than the usual {USUAL_SMALLEST}, and"
            " no one is named who accepts it.",
            f"Set it to {USUAL_SMALLEST}, or name the officer under smallest_count_accepted_by.",
            "smallest_count_not_accepted",
        )
    return found


def _dominance(entries: Mapping[str, Any], log: ProblemLog) -> dict[str, float]:
    """When one person's part of a cell shows: p_percent (10 unless given), or n and k.

    Source: handbook 2.4.5; req 463.
    """
    given = _mapping(entries, "dominance", log)
    limits = {"p_percent": (10.0, 100.0), "n": (1.0, 5.0), "k": (1.0, 95.0)}
    for key in given:
        if key not in limits:
            log.error(
                _cell(f"dominance.{key}"),
                f"'{key}' is not part of a dominance rule.",
                "Use p_percent, or n and k, such as n: 2 and k: 80.",
                "patients_settings",
            )
    if ("n" in given) != ("k" in given):
        log.error(
            _cell("dominance"),
            "A rule of the n largest needs both n and k.",
            "Write both, such as n: 2 and k: 80, or p_percent alone.",
            "patients_settings",
        )
    return {
        key: _number(given, key, low, low, high, log)
        for key, (low, high) in limits.items()
        if key in given
    }


def _year(entries: Mapping[str, Any], spend_year: str, log: ProblemLog) -> str:
    year = str(entries.get("activity_year", spend_year))
    if is_financial_year(year):
        return year
    log.error(
        _cell("activity_year"),
        f"'{year}' is not a financial year.",
        f"Write it as {spend_year}.",
        "patients_settings",
    )
    return spend_year


def _sources(entries: Mapping[str, Any], log: ProblemLog) -> dict[str, dict[str, str]]:
    """Where records are, by table; a table that does not exist would be looked for nowhere, in
    silence.
    """
    found = {}
    for name, given in _mapping(entries, "sources", log).items():
        if name not in RECORD_TABLES:
            log.error(
                _cell(f"sources.{name}"),
                f"'{name}' is not a table of people's records.",
                f"Use one of {', '.join(RECORD_TABLES)}.",
                "patients_settings",
            )
        elif isinstance(given, dict):
            found[str(name)] = {str(key): str(value) for key, value in given.items()}
        else:
            log.error(
                _cell(f"sources.{name}"),
                f"'{given}' does not say what kind of place the records are in.",
                "Write path: with a file or folder, database: and table:, or catalogue:.",
                "patients_settings",
            )
    return found


def _safeguards(entries: Mapping[str, Any], log: ProblemLog) -> dict[str, bool]:
    """What is said to be in place: true alone says so, as a word such as no would otherwise count
    as said.
    """
    found = {}
    for name, value in _mapping(entries, "information_governance", log).items():
        if name not in SAFEGUARDS:
            log.error(
                _cell(f"information_governance.{name}"),
                f"'{name}' is not one of the agreements asked for.",
                f"Use {', '.join(SAFEGUARDS)}.",
                "patients_settings",
            )
        elif not isinstance(value, bool):
            log.error(
                _cell(f"information_governance.{name}"),
                f"'{value}' is neither true nor false.",
                "Write true once it is in place, else false.",
                "patients_settings",
            )
        else:
            found[str(name)] = value
    return found


def _appointments(entries: Mapping[str, Any], log: ProblemLog) -> Appointments | None:
    given = _mapping(entries, "appointments", log)
    if not given:
        return None
    prices: dict[str, Fraction] = {}
    for kind, value in (given.get("relative_price") or {}).items():
        try:
            prices[str(kind)] = Fraction(str(value))
        except (ValueError, ZeroDivisionError):
            log.error(
                _cell(f"appointments.relative_price.{kind}"),
                f"'{value}' is not a number.",
                "Enter the price beside a GP appointment's, such as 0.5.",
                "patients_settings",
            )
    if any(price <= 0 for price in prices.values()):
        log.error(
            _cell("appointments.relative_price"),
            "A relative price is not above nought.",
            "Enter the price beside a GP appointment's, such as 0.5.",
            "patients_settings",
        )
    if not given.get("agreed_by"):
        log.error(
            _cell("appointments.agreed_by"),
            "Relative prices are a judgement, and no one is named for it.",
            "Say who agreed them.",
            "patients_settings",
        )
    return Appointments(
        tuple(str(stream) for stream in given.get("payment_streams") or ()),
        prices,
        str(given.get("agreed_by", "")),
    )


def check_appointments(
    appointments: Appointments | None,
    classes: Collection[str],
    streams: Collection[str],
    log: ProblemLog,
) -> None:
    """Refuse payment streams that pay nothing, and classes of appointment without a relative price
    or that no record has.

    A stream misspelt would take its pounds out of the pot in silence, a class misspelt would cost
    as much as a GP's.
    Source: handbook 2.5 Tower Hamlets; req 114, 117.
    """
    if appointments is None:
        return
    for stream in sorted(set(appointments.payment_streams) - set(streams)) if streams else ():
        log.error(
            _cell("appointments.payment_streams"),
            f"No primary care payment is of the stream '{stream}'.",
            f"Use {', '.join(sorted(set(streams)))}.",
            "patients_settings",
        )
    for name in sorted(set(appointments.relative_price) - set(classes)):
        log.error(
            _cell(f"appointments.relative_price.{name}"),
            f"'{name}' is no activity type of appointments in commissioned_activity.",
            f"Use {', '.join(sorted(classes)) or 'one that is'}.",
            "patients_settings",
        )
    for name in sorted(set(classes) - set(appointments.relative_price)):
        log.error(
            _cell("appointments.relative_price"),
            f"Appointments of the type '{name}' have no relative price.",
            "Enter it beside a GP appointment's, such as 0.5.",
            "patients_settings",
        )


def _risk(entries: Mapping[str, Any], log: ProblemLog) -> Mapping[str, Any]:
    given = _mapping(entries, "risk", log)
    for key in given:
        if key not in RISK_KEYS:
            log.error(
                _cell(f"risk.{key}"),
                f"'{key}' is not a setting of the risk score.",
                f"Use one of {', '.join(RISK_KEYS)}.",
                "patients_settings",
            )
    if given and given.get("method") not in (None, *RISK_METHODS):
        log.error(
            _cell("risk.method"),
            f"'{given.get('method')}' is not a way to come by a risk score.",
            f"Use {' or '.join(RISK_METHODS)}.",
            "patients_settings",
        )
    cut = given.get("cut_day")
    if cut is not None and (
        isinstance(cut, bool) or not isinstance(cut, int) or not 0 <= cut <= 360
    ):
        log.error(
            _cell("risk.cut_day"),
            f"'{cut}' is not a day of the year.",
            "Enter how many days of the year come before the outcome is looked for, from 0 to 360.",
            "patients_settings",
        )
    return given


def _mapping(entries: Mapping[str, Any], key: str, log: ProblemLog) -> Mapping[str, Any]:
    value = entries.get(key) or {}
    if isinstance(value, dict):
        return value
    log.error(
        _cell(key),
        f"'{key}' must hold settings of its own.",
        "Indent them under it.",
        "patients_settings",
    )
    return {}


def _number(
    entries: Mapping[str, Any], key: str, default: float, least: float, most: float, log: ProblemLog
) -> float:
    value = entries.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        log.error(
            _cell(key),
            f"'{value}' is not a number from {least:g} to {most:g}.",
            f"Enter one, such as {default:g}.",
            "patients_settings",
        )
        return default
    return float(value)


def _cell(key: str) -> Cell:
    return Cell(f"patients/{SETTINGS_FILE}", "patients", key)

"""Local assumptions: accepted with reason, evidence and owner, and only for what a provider cannot
control.

Source: handbook 3.3.3; req 177, 178, 179.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from wpb.kernel.assumptions.values import Assumption, DatedValue, Subject, shown
from wpb.kernel.problems import ProblemLog

NationalValue = Callable[[str, str, datetime.date | None], Assumption | None]

FILE_NAME = re.compile(
    r"^(?!https?:)\S+\.(pdf|csv|xlsx?|docx?|pptx?|md|txt|html?|png|jpe?g|parquet)$", re.IGNORECASE
)
NOT_WORDS = {"", "-", "none", "n/a", "na", "tbc", "tba", "tbd", "to follow", "pending", "todo", "?"}


def accept_local(
    subjects: Mapping[str, Subject],
    national: NationalValue,
    model_folder: Path,
    problems: ProblemLog,
) -> dict[str, Subject]:
    """Keep the local values that may be used; the others are reported, each with what it lacks, and
    left out.

    A value needs a reason, evidence and an owner. A driver of growth must be outside the provider's
    control. A driver above the national value known at the time is held until evidence is attached;
    evidence that is a file name must be a file of the model folder.
    Source: handbook 3.3.3; req 177, 178, 179.
    """
    return {
        key: replace(
            subject,
            values=tuple(
                value
                for value in subject.values
                if _accepted(subject, value, national, model_folder, problems)
            ),
        )
        for key, subject in subjects.items()
    }


def _accepted(
    subject: Subject,
    value: DatedValue,
    national: NationalValue,
    model_folder: Path,
    problems: ProblemLog,
) -> bool:
    name = f"the local {subject.key} for {value.year}"
    faults: list[tuple[str, str, str]] = []
    for field, words in (("reason", value.reason), ("owner", value.owner)):
        if words.lower().strip(" .") in NOT_WORDS:
            faults.append(
                (
                    f"{name} has no {field}.",
                    (
                        f"Enter {field}:"
                        f" {'why it is used' if field == 'reason' else 'who answers for it'}."
                    ),
                    "local_grounds",
                )
            )
    if value.evidence.lower().strip(" .") in NOT_WORDS:
        faults.append(_without_evidence(subject, value, name, national))
    elif FILE_NAME.match(value.evidence) and not any(
        (folder / value.evidence).is_file()
        for folder in (model_folder, model_folder / "assumptions")
    ):
        faults.append(
            (
                f"{name} rests on '{value.evidence}', which is not in the model folder.",
                "Put the file there, or name the document in words.",
                "held_for_evidence",
            )
        )
    if subject.kind == "growth" and value.outside_provider_control is not True:
        faults.append(_in_control(value, name))
    for what, fix, code in faults:
        problems.error(value.where, what, fix, code)
    return not faults


def _without_evidence(
    subject: Subject, value: DatedValue, name: str, national: NationalValue
) -> tuple[str, str, str]:
    standing = national(subject.key, value.year, value.known_from) or national(
        subject.key, value.year, None
    )
    if subject.kind == "growth" and standing is not None and value.value > standing.value:
        above = (
            f"{shown(value.value, subject.unit)} is above the national"
            f" {shown(standing.value, subject.unit)}"
        )
        return (
            f"{name} is held: {above}, and no evidence is attached.",
            (
                "Enter evidence: what shows that the local pressure is higher; or use the national"
                " value."
            ),
            "held_for_evidence",
        )
    return (
        f"{name} has no evidence.",
        "Enter evidence: the document or figures it rests on.",
        "local_grounds",
    )


def _in_control(value: DatedValue, name: str) -> tuple[str, str, str]:
    if value.outside_provider_control is False:
        return (
            f"{name} is a driver that the provider controls.",
            (
                "Leave it out: growth covers only what a provider cannot control. Efficiency and"
                " care-model impact have places of their own."
            ),
            "provider_control",
        )
    return (
        f"{name} does not say whether the driver is outside the provider's control.",
        (
            "Enter outside_provider_control: true if it is (or kind: efficiency or other if it is"
            " no driver of growth)."
        ),
        "provider_control",
    )

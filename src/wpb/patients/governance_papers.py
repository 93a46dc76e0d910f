"""The draft impact assessment and map of data flows, written from a model's own settings.

Nothing here is legal advice: it writes down what the settings say, and says what they don't.
Source: UK GDPR Article 35; handbook 2.6; req 130, 462.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.patients.engine import Source
from wpb.patients.governance import ASKED, ROLES, Governance
from wpb.patients.settings import read_settings
from wpb.patients.sources import find_sources
from wpb.patients.specifications import PERSON_TABLES


def papers(
    governance: Governance,
    sources: Mapping[str, Source],
    *,
    title: str,
    smallest_count: int,
    round_counts_to: int,
    safeguards: Sequence[str],
) -> str:
    """Write a draft of the data protection impact assessment and the map of data flows, as
    Markdown, from the settings.

    Source: UK GDPR Article 35 (what an assessment holds); handbook 2.6; req 462.
    """
    said = _said(governance)
    missing = governance.missing()
    lines = [
        f"# People's records in {title}: draft impact assessment and data flows",
        "",
        (
            "This draft is made from the model's own settings. It is for the information"
            " governance lead"
            " to complete, and is no legal advice."
        ),
        "",
        "## What is still to be said",
        "",
        *([f"- {ASKED[key][0].upper()}{ASKED[key][1:]}." for key in missing] or ["- Nothing."]),
        "",
        "## Purpose and necessity",
        "",
        (
            "Linked, pseudonymised records are used to share current spend over GP lists and kinds of"  # noqa: E501
            " people, for a whole population budget. No decision about a person is made, no one is"
            " contacted, and no row about a person leaves."
        ),
        "",
        "## Basis, people and roles",
        "",
        "| what | said |",
        "|---|---|",
        *(f"| {name} | {value or '**not said**'} |" for name, value in said),
        "",
        "## Data flows",
        "",
        "| from | to | what | safeguard |",
        "|---|---|---|---|",
        *(
            f"| {source.label} | patients/.engine | {name.replace('_', ' ')}, by pseudonym |"
            " values that identify people are refused |"
            for name, source in sorted(sources.items())
        ),
        (
            "| patients/.engine | patients/summaries | activity, registers and packages by GP list |"  # noqa: E501
            f" counts rounded to {round_counts_to} |"
        ),
        (
            "| patients/.engine | results/people | pounds by list, segment and service | fewer than"
            f" {smallest_count} people suppressed; checked by `wpb people check` |"
        ),
        (
            "| patients/.engine | nowhere | rows about people | folder open to one account; numbers"
            " stored under a key of its own; `wpb people clear` takes it away |"
        ),
        "",
        "## Risks and measures",
        "",
        *_risks(governance, smallest_count, safeguards),
        "",
    ]
    return "\n".join(lines)


def _said(governance: Governance) -> list[tuple[str, str]]:
    opt_outs = governance.opt_outs
    applied = (
        f"not applied: {opt_outs['not_applied']}"
        if "not_applied" in opt_outs
        else "applied before anything is counted, from "
        + ("a file of pseudonyms" if "file" in opt_outs else f"the column {opt_outs['column']}")
        if opt_outs
        else ""
    )
    people = "Synthetic" if governance.made_up else "Residents and patients on the GP lists"
    return [
        ("People", people),
        ("Lawful basis", governance.texts.get("lawful_basis", "")),
        ("Special category condition", governance.texts.get("special_category_condition", "")),
        ("Duty of confidentiality", governance.confidentiality.replace("_", " ")),
        ("Section 251 reference", governance.texts.get("section_251", "not used")),
        ("National data opt-outs", applied),
        ("Kept until", str(governance.retain_until or "")),
        ("Secure data environment", governance.texts.get("environment", "")),
        ("Output checker", governance.texts.get("output_checker", "")),
        *((role.replace("_", " ").capitalize(), governance.roles.get(role, "")) for role in ROLES),
    ]


def _risks(governance: Governance, smallest_count: int, safeguards: Sequence[str]) -> list[str]:
    said = ", ".join(name.replace("_", " ") for name in safeguards) or "**none said**"
    return [
        "| risk | measure |",
        "|---|---|",
        (
            "| Someone is identified from what comes in | NHS numbers, names, postcodes, dates of"
            " birth,"
            " telephone numbers and email addresses are refused in every column; pseudonyms are keyed,"  # noqa: E501
            " and the key is kept away from the records |"
        ),
        (
            "| Someone is identified from what leaves | cells of fewer than"
            f" {smallest_count} people and what would give them away are suppressed; an output checker"  # noqa: E501
            f" ({governance.texts.get('output_checker') or '**not said**'}) releases the tables |"
        ),
        (
            "| Someone else reads what is kept | one account only; the folder is cleared when the"
            " records go |"
        ),
        (
            "| Records are kept too long | runs stop after"
            f" {governance.retain_until or 'a date that is **not said**'} |"
        ),
        f"| Social care records are joined without agreement | said to be in place: {said} |",
    ]


def draft(model: Path) -> str:
    """Give the papers of a model folder, from its settings and the places of its records.

    Raises UsageProblem where it has no people's records, InputProblems where settings are wrong.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    folder = model / "patients"
    if not folder.is_dir():
        raise UsageProblem(f"{model} has no folder patients, so no people's records.")
    try:
        entries = YAML(typ="safe").load((model / "model.yaml").read_text(encoding="utf-8")) or {}
    except (OSError, YAMLError, UnicodeDecodeError):
        entries = {}
    entries = entries if isinstance(entries, dict) else {}
    baseline = entries.get("baseline")
    year = str(baseline.get("spend_year", "")) if isinstance(baseline, dict) else ""
    log = ProblemLog()
    settings = read_settings(folder, year or "2025-26", log)
    named = {table.name: table for table in PERSON_TABLES}
    sources = find_sources(folder, named, settings.sources, log)
    log.raise_if_errors()
    return papers(
        settings.governance,
        sources,
        title=str(entries.get("title") or "this place"),
        smallest_count=settings.smallest_count,
        round_counts_to=settings.round_counts_to,
        safeguards=[name for name, there in settings.safeguards.items() if there],
    )

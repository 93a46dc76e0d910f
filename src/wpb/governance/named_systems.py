"""Systems and data sets that the sources name: what each holds, what it is called now, and which
tables it can fill.

Source: handbook 2.2, 2.4, 2.5, 2.6, 3.3, 3.6; overview 3.4; req 360.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NamedSystem:
    """A system by its name in the sources: what it is, where it is named, its name today, and the
    tables it fills.
    """

    name: str
    full_name: str
    holds: str
    named_in: str
    today: str
    tables: tuple[str, ...]
    note: str = ""


SYSTEMS = (
    NamedSystem(
        "SUS",
        "Secondary Uses Service",
        "Hospital activity by episode, with the patient's registered GP practice",
        "Handbook 2.2, 2.4.2",
        "SUS+",
        ("priced_activity", "contract_activity", "activity_by_list", "activity_history"),
    ),
    NamedSystem(
        "CIDS",
        "Community Information Data Set",
        "Community care contacts, by local collection",
        "Handbook 2.4.2",
        "CSDS, the Community Services Data Set",
        ("contract_activity", "activity_by_list"),
    ),
    NamedSystem(
        "MH&LD DS",
        "Mental Health and Learning Disabilities Data Set",
        "Stays and contacts in mental health and learning disability care",
        "Handbook 2.4.2",
        "MHSDS, the Mental Health Services Data Set",
        ("contract_activity", "activity_by_list"),
    ),
    NamedSystem(
        "QOF",
        "Quality and Outcomes Framework",
        "Disease registers by practice, and points earned for quality",
        "Handbook 2.4, 2.5, 5; overview 6",
        "QOF",
        ("condition_registers", "primary_care_payments", "incentive_choices"),
    ),
    NamedSystem(
        "FIMS",
        "Financial Information Management System",
        "Returns of what primary care was paid by NHS England",
        "Handbook 2.5, Tower Hamlets",
        "The ISFE ledger",
        ("primary_care_payments", "primary_care_pots"),
        "Money paid by another body: ask it for the return; it is not in the local ledger.",
    ),
    NamedSystem(
        "IHAM",
        "Indicative Hospital Activity Model",
        "Projected hospital activity by commissioner, from history and demography",
        "Handbook 3.3.1, 3.6",
        "No longer kept; use local projections",
        (),
        "Its growth enters as local assumptions (growth by category and year), with its date as"
        " evidence.",
    ),
    NamedSystem(
        "Unify",
        "Unify2 collection system",
        "Where returns were collected and models such as IHAM were fetched",
        "Handbook 3.3.1",
        "SDCS, the Strategic Data Collection Service",
        (),
        "A way of sending, not a source of figures: name the return that a figure came from.",
    ),
    NamedSystem(
        "Framework-I",
        "Framework-i case system of a council",
        "Care packages and their cost, by person",
        "Handbook 2.6, Tower Hamlets",
        "Mosaic, or the council's present case system",
        ("care_packages", "council_commitments"),
        "Holds people's records: bring packages without names, or use the records engine on your"
        " own machine.",
    ),
    NamedSystem(
        "EMIS",
        "GP record system",
        "Appointments and contacts in practices, by kind and person",
        "Handbook 2.5, Tower Hamlets",
        "EMIS Web, SystmOne and others",
        ("appointments", "condition_registers", "gp_lists"),
        "Holds people's records: bring counts by practice only.",
    ),
    NamedSystem(
        "GLA SHLAA",
        "Greater London Authority projections capped by housing land",
        "Projected people by small area and age, within the homes that can be built",
        "Handbook 3.5, Tower Hamlets",
        "GLA housing-led population projections",
        ("population_projections",),
    ),
    NamedSystem(
        "ONS",
        "Office for National Statistics",
        "Published projections of population and of prices",
        "Handbook 3.3.1, 3.5",
        "ONS",
        ("population_projections",),
        "Published growth of prices and people comes with this programme as cited assumptions.",
    ),
    NamedSystem(
        "PLICS",
        "Patient-level information and costing",
        "What each hospital contact cost its provider",
        "Overview 3.4",
        "PLICS, part of the National Cost Collection",
        ("provider_costs", "cost_weights"),
        "A provider's own cost: shown to others once it consents.",
    ),
    NamedSystem(
        "PSSRU",
        "Personal Social Services Research Unit, unit costs of health and social care",
        "Unit costs by kind of staff and service",
        "Handbook 2.4.2",
        "Unit Costs of Health and Social Care, yearly",
        ("benchmark_costs",),
        "Its licence does not let it be handed on: fetch the file yourself and bring it in with"
        " `wpb import`.",
    ),
)


def named_systems(wanted: str = "") -> tuple[NamedSystem, ...]:
    """Give the named systems that hold some words, by any of their names; all where none are asked
    for.

    Source: handbook 2.2, 2.4, 3.3; req 360.
    """
    words = wanted.strip().lower()
    return tuple(
        each
        for each in SYSTEMS
        if not words
        or any(
            words in text.lower() for text in (each.name, each.full_name, each.today, each.holds)
        )
    )

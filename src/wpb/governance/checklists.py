"""Checklists and records that are completed and signed beside a budget, as data: each point in
words, each with its source.

Points answered yes, no or not applicable carry a note; a record's points are answered in words.
Source: handbook 1.1.5, 1.1.6, 2.1.1, 4.2, 6.4; contracting for accountable models 6, 17, 20, 22,
25; SCIE 4, 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ANSWERS = ("yes", "no", "not applicable")


@dataclass(frozen=True)
class Checklist:
    """A checklist or record: its points by key, what it is for, where it comes from, and how points
    are answered.
    """

    key: str
    title: str
    about: str
    source: str
    points: Mapping[str, str]
    in_words: bool = False
    """Whether points are answered in words alone, as in a record."""
    see: tuple[str, ...] = ()
    """Pages of the budget whose figures bear on it."""


NOTE = ".note"
"""What follows a point's name in the answers where its note is kept."""


def open_points(checklist: Checklist, answers: Mapping[str, str]) -> tuple[str, ...]:
    """List the points that nobody has answered; a record's point is answered by any words, and a
    'no' or 'not applicable' needs a note.

    Source: handbook 1.1.5; req 15, 341, 347, 355.
    """

    def is_open(point: str) -> bool:
        given = answers.get(point, "").strip()
        return not given or (
            not checklist.in_words and given != "yes" and not answers.get(point + NOTE, "").strip()
        )

    return tuple(point for point in checklist.points if is_open(point))


def score(checklist: Checklist, answers: Mapping[str, str]) -> tuple[int, int]:
    """Count the points answered yes, and those that apply: points met / (points - not applicable).

    Source: contracting for accountable models 6; SCIE 3, 5; req 325-327, 341, 347.
    """
    given = [answers.get(point, "") for point in checklist.points]
    return given.count("yes"), len(given) - given.count("not applicable")


def changed_terms(advertised: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Say which terms differ from those that were advertised, with both values; nothing where none
    does.

    Source: handbook 4.2; overview 4.3.1; req 357.
    """
    names = dict.fromkeys([*advertised, *now])
    return tuple(
        f"{name}: {advertised.get(name) or 'nothing'} was advertised, now"
        f" {now.get(name) or 'nothing'}"
        for name in names
        if advertised.get(name, "") != now.get(name, "")
    )


def terms_are_fixed(answers: Mapping[str, str], signed: str) -> bool:
    """Say whether terms stand as advertised: the clock is signed and says that the notice went out.

    Source: handbook 4.2; overview 4.3.1; req 357.
    """
    return bool(signed) and answers.get("advertised", "").strip().lower().startswith("yes")


_LISTS = (
    Checklist(
        "isap",
        "Evidence for national assurance",
        "What reviewers of a novel contract look for.",
        "Handbook 1.1.6, 2.7, 5.4, 6.5.2; req 207",
        {
            "value_match": "What the contract asks for can be done for its value",
            "risk_assessment": "Who bears each risk, and whether they can, has been assessed",
            "provider_capacity": (
                "The preferred provider's record of savings has been set against what is asked"
                " of it"
            ),
            "engagement": (
                "Staff, public, practices and councils have been heard, and what they said is on"
                " record"
            ),
            "local_metrics": "The financial risk of local measures has been assessed",
            "shadow_tested": "The budget has been tested in shadow, with its results attached",
            "oversight": "Oversight and regulation of the provider are settled",
        },
        see=("affordability", "shadow", "values", "grades"),
    ),
    Checklist(
        "readiness_features",
        "Features of readiness",
        "What a place shows before it lets such a contract.",
        "Contracting for accountable models, paragraph 6; req 347",
        {
            "improvements": "Definite improvements to services are named",
            "vision": "The benefits, outcomes and the plan to reach them convince",
            "finance": (
                "The financial model lasts, with plans for activity and risk within the budget"
            ),
            "consistency": "It fits the plans of the wider system",
            "engagement": "Leaders, staff and public support it",
            "gp_commitment": "Enough practices are committed and ready to take part",
            "system_plans": "There are plans to commission, fund, set up and oversee it",
            "risks": "Risks are known and eased, and the provider can manage them",
        },
        see=("affordability", "scope", "shadow"),
    ),
    Checklist(
        "contracting",
        "Effective contracting",
        "Ten points before a contract is let.",
        "SCIE 5, checklist; req 341",
        {
            "models": "Integrated contract models that fit local aims are developed and agreed",
            "incentives": "Fitting incentives are named",
            "terms": "Terms and conditions lead to the right behaviour",
            "risk_sharing": "Risk sharing is agreed",
            "mechanisms": "Contract mechanisms have been weighed and agreed",
            "implementation": "There is a plan to put the contract in place",
            "compliance": "Compliance is seen to",
            "monitoring": "Monitoring of the contract is set up",
            "review": "Performance is reviewed regularly and put right where needed",
            "procurement": "There is a procurement strategy",
        },
        see=("incentives", "sharing", "values"),
    ),
    Checklist(
        "statutory_duties",
        "Statutory duties",
        "Duties that go on whoever holds the contract.",
        "Handbook 1.1.6; overview 3.5; req 355, 358",
        {
            "equality": "Regard was had to equality, with the reasoning on record",
            "inequality": "Regard was had to reducing inequalities in access and outcome",
            "pricing": (
                "Departures from national prices follow the pricing rules of section 115, and are"
                " published"
            ),
            "choice": "Patients' choice is kept, and outside providers they choose are paid",
            "consultation": "Those who had to be consulted were",
        },
        see=("values", "payments"),
    ),
    Checklist(
        "equality_effect",
        "Effect on equality and inequality",
        "How moving money between services bears on groups of people.",
        "Front statements of the handbook and of contracting for accountable models; req 356",
        {
            "groups": "Which groups gain or lose spend, and how much",
            "access": "What changes for access",
            "outcomes": "What is expected for outcomes, and when it is looked at again",
            "steps": "What is done for those who could lose",
        },
        in_words=True,
        see=("path", "baseline"),
    ),
    Checklist(
        "best_interest",
        "Why this is in people's best interest",
        "The statement that goes with the decision.",
        "Handbook 1.1.5; contracting for accountable models 17; req 15, 349",
        {
            "statement": (
                "Why this way serves the population better than the others that were weighed"
            ),
            "trade_off": (
                "How strength of integration was weighed against the pace at which it can be"
                " reached"
            ),
            "alternatives": "What else was weighed, and why it was not taken",
        },
        in_words=True,
        see=("scope", "path"),
    ),
    Checklist(
        "procurement_clock",
        "Procurement clock",
        "What is fixed once the notice is out. Signed with 'yes' at the first point, terms stay as"
        " advertised.",
        "Handbook 4.2; overview 4.3.1; req 357",
        {
            "advertised": "Was the notice published? Write yes and the date",
            "terms": "Which terms it fixed: scope, length, value, ways in which values change",
            "legal_form": "Legal form of the holder",
            "limits": "Within what limits the contract may change without a new procurement",
        },
        in_words=True,
        see=("values",),
    ),
    Checklist(
        "contract_documents",
        "Where each part of the contract is",
        "Which document holds which part.",
        "Contracting for accountable models 20; req 350",
        {
            "finance": "Finance and payment",
            "incentives": "Incentives",
            "sharing": "Gain and loss sharing",
            "procurement": "Procurement and assurance",
            "workforce": "Staff and pensions",
            "governance": "Governance between organisations",
        },
        in_words=True,
    ),
    Checklist(
        "derogations",
        "Departures from the standard contract",
        "Each departure that was agreed, by whom and until when.",
        "Contracting for accountable models 22, 25; req 351, 352",
        {
            "log": "Departures: what, why, who agreed, until when",
            "pensions": (
                "Subcontractors whose staff need access to the pension scheme, and how payments"
                " allow for it"
            ),
        },
        in_words=True,
        see=("values",),
    ),
    Checklist(
        "data_owners",
        "Who answers for data",
        "Owners of each source, and the duty of all to supply it.",
        "Handbook 1.1.5; overview 3.4; req 359",
        {
            "activity": "Activity: owner, quality, next supply",
            "finance": "Spend and cost: owner, quality, next supply",
            "population": "Lists and populations: owner, quality, next supply",
            "council": "Council records: owner, quality, next supply",
            "duty": "How all parties' duty to supply data is written down",
        },
        in_words=True,
        see=("data",),
    ),
)
CHECKLISTS = {checklist.key: checklist for checklist in _LISTS}

CONTRACT_OPTIONS = {
    "personal budget": (
        "People's needs can be met in many ways, there is much to choose from, and people want to"
        " choose"
    ),
    "federation": (
        "Care is complex and crosses settings, mostly within one sector; contracts stay apart and"
        " providers work together"
    ),
    "alliance": (
        "Services of several sectors have to reach the same outcomes for one group, and providers"
        " share the answer for them"
    ),
    "prime contractor": (
        "One provider can answer for a whole pathway and subcontract the rest, as for people with"
        " several conditions"
    ),
    "single contractor": "One organisation is to answer for the whole of care under one contract",
}
"""Contract options and when each fits. Source: SCIE 5 (contracting options); req 340."""


def suggest_option(
    one_sector: bool, one_answerable: bool, subcontracts: bool, people_choose: bool
) -> str:
    """Suggest a contract option from four answers; it is a suggestion to argue with, not a rule.

    people_choose -> personal budget; one answerable -> prime contractor where it subcontracts, else
    single contractor; otherwise federation within one sector, alliance across several.
    Source: SCIE 5; req 340.
    """
    if people_choose:
        return "personal budget"
    if one_answerable:
        return "prime contractor" if subcontracts else "single contractor"
    return "federation" if one_sector else "alliance"

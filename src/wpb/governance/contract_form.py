"""The form of a contract: how strongly it integrates, how soon it can be had, and what it means for
pensions of subcontractors.

Source: contracting for accountable models 13-18, 20, 22.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ContractForm:
    """A form of contract: what binds the parties, what has to happen first, and the model document
    that goes with it.
    """

    key: str
    title: str
    strength: int
    """Rank of formal integration: 1 the loosest."""
    binds: str
    needs_first: tuple[str, ...]
    practices: str
    document: str


FORMS = (
    ContractForm(
        "virtual",
        "Virtual",
        1,
        "An alliance agreement over the contracts that there are: shared aims, governance, gains"
        " and risks",
        ("Agreement of the parties",),
        "Keep their own contracts",
        "Model Alliance Agreement",
    ),
    ContractForm(
        "partial",
        "Partially integrated",
        2,
        "One contract for all but core general practice, and an integration agreement with"
        " practices",
        (
            "A procurement of everything in scope but core general practice",
            "An integration agreement with practices",
        ),
        "Keep their own contracts, and sign the integration agreement",
        "The Contract, with the Model Integration Agreement",
    ),
    ContractForm(
        "full",
        "Fully integrated",
        3,
        "One contract for everything in scope, core general practice included",
        (
            "A procurement of everything in scope",
            "Release of practices from their contracts, by ending or suspending them",
        ),
        "Give up or suspend their own contracts, and become owners, directors, employees or"
        " subcontractors",
        "The Contract",
    ),
)
BY_KEY = {form.key: form for form in FORMS}


@dataclass(frozen=True)
class TradeOff:
    """What a place's choice of form trades: its form, whether practices differ, and what is gained,
    waited for and left open.
    """

    forms: tuple[ContractForm, ...]
    sentences: tuple[str, ...]


def integration_trade_off(participation: Mapping[str, str]) -> TradeOff:
    """Set the strength of integration against the pace at which it can be had, from how each GP
    list takes part.

    participation: full, partial, virtual or none, by list. A stronger form needs all that the
    weaker ones need first, and more, so it comes later; where lists differ, the slowest decides
    when the whole is there.
    Source: contracting for accountable models 13-17; req 349.
    """
    counts = {form.key: sum(each == form.key for each in participation.values()) for form in FORMS}
    outside = sum(each == "none" for each in participation.values())
    found = tuple(form for form in FORMS if counts[form.key])
    if not found:
        return TradeOff((), ("No list takes part in any form, so nothing is integrated yet.",))
    weakest, strongest = found[0], found[-1]
    whole = len(participation)
    sentences = [
        f"{form.title}: {counts[form.key]} of {whole} lists. {form.binds}. First:"
        f" {'; '.join(form.needs_first).lower()}."
        for form in found
    ]
    if len(found) > 1:
        sentences.append(
            f"Lists differ: decisions are as strong as {weakest.title.lower()} where parties act"
            f" together, and the whole is there no sooner than {strongest.title.lower()} can be."
        )
    if strongest.strength < len(FORMS):
        sentences.append(
            f"{strongest.title} can be an end or a step: it comes sooner than"
            f" {FORMS[strongest.strength].title.lower()}, and leaves out what only that gives -"
            f" {FORMS[strongest.strength].binds.lower()}."
        )
    else:
        sentences.append(
            "Fully integrated gives the strongest governance and takes longest: weigh it against"
            " what virtual or partial integration would give sooner."
        )
    if outside:
        sentences.append(
            f"{outside} of {whole} lists take no part: say how their people are served meanwhile."
        )
    return TradeOff(found, tuple(sentences))


@dataclass(frozen=True)
class PensionFlag:
    """A subcontract and what its payee's staff need so that their income can be pensioned."""

    subcontract: str
    payee: str
    payee_kind: str
    access: str
    words: str


ACCESS = {
    "practice": (
        "approved_subcontract",
        (
            "A practice's income counts for the NHS scheme only under the approved standard"
            " subcontract: note it in the payment."
        ),
    ),
    "provider": (
        "confirm",
        (
            "Say whether it is an employer of the NHS scheme; if not, its clinical income counts"
            " only under the approved standard subcontract."
        ),
    ),
    "lead_provider": ("own_contract", "It holds the contract itself: its access comes with that."),
    "council": (
        "other_scheme",
        (
            "Its staff are in the local government scheme: agree who bears the difference where"
            " they move."
        ),
    ),
}


def pension_flags(
    subcontracts: Iterable[tuple[str, str]], kinds: Mapping[str, str]
) -> tuple[PensionFlag, ...]:
    """Say for each subcontract (its code and payee) what pension access its payment has to allow
    for.

    kinds: what each payee is (practice, provider, lead_provider, council); one of no known kind is
    flagged as a question, never passed over.
    Source: contracting for accountable models 22; req 352.
    """
    unknown = (
        "not_known",
        (
            "It is not known what kind of organisation this is: ask whether its staff need access"
            " to the NHS scheme."
        ),
    )
    return tuple(
        PensionFlag(code, payee, kinds.get(payee, ""), *ACCESS.get(kinds.get(payee, ""), unknown))
        for code, payee in subcontracts
    )

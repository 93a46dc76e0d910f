"""Who may see which kind of figure, declared once and enforced wherever results are read.

KINDS says for each kind of figure which right opens it whoever's it is, whether its owner sees its
own, and whether others see it once the owner consents. RESULTS, INPUTS, BLOCKS and CODES say which
tables, columns, ledger blocks and findings hold figures of a kind. What is declared here holds
alike on pages and in JSON, CSV, charts, explanations, findings, comparisons, papers and kept pages.
Source: handbook 2.1.1 (open book among parties), 2.4.1, 4.2; req 353, 354.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from wpb.governance.roles import ROLES, may


@dataclass(frozen=True)
class Kind:
    """A kind of figure and who may see it."""

    words: str
    right: str
    """The right that opens figures of this kind, whoever's they are."""
    own: bool = False
    """Whether an organisation sees its own, if its people may see the budget at all."""
    consent: bool = False
    """Whether everyone who may see the budget sees them once their owner consents."""


KINDS: dict[str, Kind] = {
    "published": Kind("Scope, baseline and forecast as published to bidders", "see_scope"),
    "budget": Kind("What is paid, to whom, and how it is worked out", "see"),
    "allocation": Kind("Commissioners' allocations, and the margin of the forecast", "see"),
    "finding": Kind("What the checks found", "see"),
    "provider_cost": Kind("What a provider spends", "see_all_cost", own=True, consent=True),
    "cost_weight": Kind(
        "Weights, unit costs and minutes that share a provider's contract between activities",
        "see_all_cost",
        own=True,
        consent=True,
    ),
    "provider_income": Kind("A provider's income", "see_all_cost", own=True, consent=True),
    "margin": Kind("What a provider or the lead provider is left with", "see_all_cost", True, True),
}
"""Kinds of figure. A provider's costs, weights, income and margin are its own until it consents."""


@dataclass(frozen=True)
class Held:
    """Figures of a kind in a result table or an input table.

    owner: the column that names whose a row is: a contract, or an organisation; '' where rows have
    no owner, so that only the right opens them. columns: the columns that are left blank; the whole
    row is left out where none are named.
    """

    kind: str
    owner: str = ""
    columns: tuple[str, ...] = ()


RESULTS: tuple[tuple[str, Held], ...] = (
    ("spend_and_cost", Held("provider_cost", "contract")),
    ("cost_drivers", Held("provider_cost", "contract")),
    ("non_service_splits", Held("provider_cost", "contract")),
    ("schedule_actuals", Held("provider_cost", "contract")),
    ("capability_stretch", Held("provider_cost", "provider")),
    ("contract_workings", Held("cost_weight", "contract", ("weight",))),
    ("step_3", Held("cost_weight", "contract", ("weight", "weighted", "share"))),
    ("time_and_motion", Held("cost_weight", "contract")),
    ("weight_sensitivity", Held("cost_weight", "contract")),
    ("benchmark_means", Held("cost_weight")),
    ("provider_income", Held("provider_income", "provider")),
    ("shadow_criteria", Held("margin", "", ("found", "standing"))),
    ("shadow_*", Held("margin", "party")),
    ("years", Held("allocation", "", ("allocation_pence", "headroom_pence", "residual_pence"))),
)
"""Result tables by name or pattern. A pattern holds for the tables that have its owner's column."""

INPUTS: dict[str, Held] = {
    "provider_costs": Held("provider_cost", "contract"),
    "schedule_actuals": Held("provider_cost", "contract"),
    "cost_driver_candidates": Held("provider_cost", "contract"),
    "provider_efficiency_plans": Held("provider_cost", "provider"),
    "efficiency_record": Held("provider_cost", "provider"),
    "deficit_transitions": Held("margin", "provider"),
    "shadow_parties": Held("margin", "organisation"),
    "provider_income": Held("provider_income", "provider"),
    "cost_weights": Held("cost_weight", "contract"),
    "time_observations": Held("cost_weight", "contract"),
    "benchmark_costs": Held("cost_weight"),
    "baseline_estimates": Held("provider_cost"),
}
"""Input tables that hold a provider's figures."""

BLOCKS: tuple[tuple[str, str], ...] = (
    ("provider_cost*", "provider_cost"),
    ("weight", "cost_weight"),
    ("weighted_activity", "cost_weight"),
    ("all_weighted_activity", "cost_weight"),
    ("pence_per_weighted_unit", "cost_weight"),
    ("benchmark_*", "cost_weight"),
    ("*minutes*", "cost_weight"),
    ("observation*", "cost_weight"),
)
"""Blocks of the ledger under contract/CODE/, by pattern."""

OF_ORGANISATIONS: tuple[tuple[str, str], ...] = (
    ("stretch/delivered*", "provider_cost"),
    ("stretch/cost_base*", "provider_cost"),
    ("stretch/ratio*", "provider_cost"),
)
"""Figures of organisations by pattern; the code after the second part says whose. The ratio of what
is asked to what was delivered gives the latter away beside the former, which is open.
"""

CODES = frozenset(
    {
        "cross_subsidy",
        "under_funded",
        "own_costs",
        "benchmark_fit",
        "national_factor",
        "average",
        "schedule_actual",
        "schedule_shape",
        "direct_cost_bias",
        "non_service_cost",
        "driver_worksheet",
        "capability_stretch",
        "stretch",
        "stretch_beyond_record",
        "costs_left_out",
        "sample_small",
        "wrong_weight",
        "weight_spread",
    }
)
"""Checks and problems whose words tell a provider's costs."""

TELLS = re.compile(
    r"\d.*\b(?:provider'?s? costs?|unit costs?|own costs?|(?:of|than|to) (?:its|their) costs?"
    r"|cost factor|margin of|deficit of|weights? of|spend and cost|is direct)\b"
    r"|\b(?:provider'?s? costs?|unit costs?|own costs?|(?:of|than|to) (?:its|their) costs?"
    r"|cost factor|margin of|deficit of|weights? of|spend and cost)\b.*\d",
    re.IGNORECASE | re.DOTALL,
)
"""Words that set a provider's cost beside a number, whatever the check is called."""


RULES = 2
"""Raised when what is withheld changes, so that no page kept under the rules before is shown."""


@dataclass(frozen=True)
class Sight:
    """What someone may see: their rights, for whom they act, who consents, and whose contracts are.

    owner_of: the provider of each contract, from the agreed version alone. payers: organisations
    that pay rather than provide, whose balance is part of the budget.
    """

    rights: frozenset[str] = frozenset()
    organisation: str = ""
    consents: frozenset[str] = frozenset()
    owner_of: tuple[tuple[str, str], ...] = ()
    payers: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()

    def may_see(self, kind: str, owner: str = "") -> bool:
        """Whether figures of a kind that belong to an organisation ('' for unknown) may be seen."""
        declared = KINDS[kind]
        if declared.right in self.rights:
            return True
        if not owner or "see" not in self.rights:
            return False
        return (declared.own and owner == self.organisation) or (
            declared.consent and owner in self.consents
        )

    @property
    def digest(self) -> str:
        """A name for what is kept for readers who see exactly this."""
        told = repr(
            [
                sorted(each) if isinstance(each, frozenset) else each
                for each in (
                    self.rights,
                    self.organisation,
                    self.consents,
                    self.owner_of,
                    self.payers,
                    self.organisations,
                )
            ]
        )
        return hashlib.sha256(f"{RULES} {told}".encode()).hexdigest()

    @property
    def sees_all(self) -> bool:
        """Whether nothing is withheld from this reader."""
        return all(kind.right in self.rights for kind in KINDS.values())

    def owner(self, column: str, value: str, given: Mapping[str, str] | None = None) -> str:
        """Whose a row is by the value of its owner's column; '' for what the agreed version
        lacks.

        given: the provider of each contract as the version that is read has it; None where that
        isn't known. An organisation's row gathers the figures of all contracts that the version
        gives it, so it is the organisation's own only where each of them is.
        """
        if column == "contract":
            return dict(self.owner_of).get(value, "")
        return value if value in self.organisations and self.keeps_to_its_own(value, given) else ""

    def keeps_to_its_own(self, organisation: str, given: Mapping[str, str] | None) -> bool:
        """Whether a version gives an organisation no contract but its own by the agreed version.

        given: as for owner.
        Source: handbook 2.1.1; req 430.
        """
        agreed = dict(self.owner_of)
        return given is not None and all(
            agreed.get(contract) == organisation
            for contract, provider in given.items()
            if provider == organisation
        )


EVERYTHING = Sight(rights=frozenset(kind.right for kind in KINDS.values()))
"""The sight of those from whom nothing is withheld."""


def sight_of(
    role: str,
    organisation: str,
    consents: Iterable[str] = (),
    owner_of: Mapping[str, str] | None = None,
    organisations: Mapping[str, str] | None = None,
) -> Sight:
    """Give what someone in a role sees; organisations: the kind of each that the store knows."""
    known = organisations or {}
    return Sight(
        frozenset(kind.right for kind in KINDS.values() if may(role, kind.right)),
        organisation,
        frozenset(consents),
        tuple(sorted((owner_of or {}).items())),
        frozenset(code for code, kind in known.items() if kind in PAYERS),
        frozenset(known),
    )


PAYERS = ("commissioner", "council")
"""Kinds of organisation that pay: their balance is the budget's own."""


def held_in(table: str, columns: Iterable[str]) -> Held | None:
    """Give what a result table holds that is withheld from some, or None."""
    names = set(columns)
    for pattern, held in RESULTS:
        if fnmatchcase(table, pattern) and (not held.owner or held.owner in names):
            return held
    return None


def kind_of_block(name: str) -> str:
    """Give the kind of a block under contract/CODE/ by its name; 'budget' for all others."""
    return next((kind for pattern, kind in BLOCKS if fnmatchcase(name, pattern)), "budget")


def kind_of_figure(figure: str) -> tuple[str, str, str]:
    """Give the kind of a figure of the ledger, and the column and value that say whose it is;
    'budget' of nobody for all that is nobody's own.
    """
    parts = figure.split("/")
    if parts[0] == "contract" and len(parts) > 2:
        return kind_of_block(parts[2]), "contract", parts[1]
    for pattern, kind in OF_ORGANISATIONS:
        if fnmatchcase(figure, pattern):
            return kind, "organisation", parts[2] if len(parts) > 2 else ""
    return "budget", "", ""


def tells_cost(code: str, words: str) -> bool:
    """Whether a check or problem tells a provider's cost, by its code or by its words."""
    return code in CODES or TELLS.search(words) is not None


def matrix() -> list[tuple[str, str, str]]:
    """Give for each kind of figure and role what it sees: all, own and consented, or nothing."""
    rows = []
    for name, kind in KINDS.items():
        for role in ROLES:
            seen = (
                "all"
                if may(role, kind.right)
                else "own, and of those who consent"
                if kind.own and may(role, "see")
                else "nothing"
            )
            rows.append((name, role, seen))
    return rows

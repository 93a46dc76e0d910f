"""The shape of every JSON that wpb prints or writes: its name, version and first keys, once.

A shape is named after the command that prints it: wpb.share-settle/1 for `wpb share settle --json`.
The number rises where a key is renamed, moved or taken away, never where one is added. Where the
output is a list, it stays one and each of its objects carries the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PREFIX = "wpb."
PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["severity", "code", "where", "what", "fix"],
    "properties": {
        "severity": {"enum": ["error", "warning", "note"]},
        "code": {"type": "string", "pattern": "^([a-z][a-z0-9_]*)?$"},
        "where": {
            "anyOf": [
                {"type": "null"},
                {
                    "type": "object",
                    "required": ["file", "sheet", "cell", "entered"],
                    "additionalProperties": {"type": "string"},
                },
            ]
        },
        "what": {"type": "string"},
        "fix": {"type": "string"},
    },
}
KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "yes_no": {"type": "boolean"},
    "list": {"type": "array"},
    "object": {"type": "object"},
    "text?": {"type": ["string", "null"]},
    "whole?": {"type": ["integer", "null"]},
    "number?": {"type": ["number", "null"]},
    "any": {},
    "problems": {"type": "array", "items": PROBLEM},
}


@dataclass(frozen=True)
class Shape:
    """One shape: what it is, its keys with their kinds, and whether it is a list of such objects.

    A key that ends in '*' is not always there.
    """

    title: str
    keys: Mapping[str, str]
    version: int = 1
    is_list: bool = False


def _keys(words: str) -> dict[str, str]:
    return dict(word.split(":") for word in words.split())


SEALED = (
    "contract:text kind:text month:text? on:text file:text hash:text wpb:text manifest:text"
    " lifetime_pence:whole postings:list paid_pence:whole"
)

SHAPES: dict[str, Shape] = {
    "problems": Shape("What stopped a command", _keys("problems:problems")),
    "start": Shape(
        "A first model, its schedule from the ledger, and what was assumed, in pounds",
        _keys(
            "folder:text files:list typed_values:whole accounts:list control_totals:list"
            " schedule:list"
            " classified:object methods_put_off:list assumed:list allocations:list"
            " problems:problems"
        ),
    ),
    "new": Shape("The files of a new model", _keys("folder:text files:list problems:problems")),
    "add": Shape(
        "Tables added to a model, or its stages",
        _keys(
            "folder:text added*:list already*:list rows*:object files*:list stages*:list"
            " problems:problems"
        ),
    ),
    "check": Shape("Every problem in a model's inputs", _keys("problems:problems")),
    "run": Shape(
        "A budget's headline figures, in pence",
        _keys(
            "model:text title:text currency:text baseline_pence:whole baseline_year:text"
            " budget_lines:whole current_spend:object years:list contracts:list elements:list"
            " grades:list ledger_to_baseline:list illustrative:any problems:problems"
        ),
    ),
    "explain": Shape(
        "Where a figure comes from, as a tree",
        _keys("id:text value:number? unit:text title:text kind:text children*:list"),
    ),
    "compare": Shape(
        "The difference between two budgets",
        _keys("a:object b:object baseline*:object years*:list"),
    ),
    "assumptions-list": Shape("Every assumption", _keys("assumptions:list problems:problems")),
    "assumptions-show": Shape(
        "One assumption and its values",
        _keys("key:text title:text unit:text kind:text values:list in_use:list problems:problems"),
    ),
    "assumptions-check": Shape(
        "Whether a model's own assumptions load", _keys("national:whole local:list")
    ),
    "methods": Shape("The methods that each contract could use", _keys("contracts:list")),
    "index": Shape("Need indices of groups of practices", {}),
    "import-practices": Shape("What an import of GP practices wrote", {}),
    "import-practice-payments": Shape("What an import of practice payments wrote", {}),
    "import-list-sizes": Shape("What an import of list sizes wrote", {}),
    "import-unit-costs": Shape("What an import of unit costs wrote", {}),
    "map": Shape("What a mapping brought in", _keys("problems:problems")),
    "synth": Shape("A made-up place", _keys("folder:text people:whole seed:whole rows:object")),
    "contract": Shape(
        "The contract's values and schedules",
        _keys(
            "contract:text starts_on:text ends_on:text currency:text version:text status:text"
            " manifest:text years:list versions:list changes:list decisions:list"
            " fixed_periods:list money_flow:list problems:problems"
        ),
    ),
    "agree": Shape("What was sealed at signing", _keys(SEALED)),
    "close": Shape("The month that was sealed", _keys(SEALED)),
    "correct": Shape("The dated correction that was sealed", _keys(SEALED)),
    "incentives": Shape(
        "Incentive schemes",
        _keys("schemes:list published:list outcome_payments:list problems:problems"),
    ),
    "update-population": Shape("An update for the contract's population", {}),
    "settle": Shape(
        "A settlement, its monitoring (--monitor) or providers (--providers)",
        _keys(
            "years*:list postings*:list balances*:object sharing*:list year*:text providers*:list"
            " month*:text annual_payment*:object variance_by_movement*:list services*:list"
        ),
    ),
    "statement": Shape(
        "A settlement statement, in pence",
        _keys(
            "contract:text party:text month:text status:text opening_pence:whole rows:list"
            " received_pence:whole paid_pence:whole closing_pence:whole seal:text"
        ),
    ),
    "shadow": Shape("A budget tested against many futures", {}),
    "scenarios": Shape("Scenarios set side by side", {}),
    "design": Shape("Terms of sharing to discuss", {}),
    "share-settle": Shape(
        "What gain and loss sharing pays, or one figure of it (--explain)",
        _keys(
            "arrangement*:text currency*:text settlements*:list problems*:problems"
            " id*:text value*:number? unit*:text title*:text kind*:text children*:list"
        ),
    ),
    "share-check": Shape("Problems of an arrangement", _keys("problems:problems")),
    "share-term-sheet": Shape(
        "What the parties agree to",
        _keys(
            "arrangement:text title:text years:list what_is_shared:text lines*:list"
            " parties:list tiers*:list steps*:list ends:object reviews:list"
            " principles:list unsettled:list cliffs:list"
        ),
    ),
    "share-statement": Shape(
        "A statement of one party, in pence",
        _keys(
            "arrangement:text title:text year:text status:text currency:text lines:list"
            " notional_pence:whole pool_pence:whole kept_back:list parties:list"
            " retained_pence:whole postings:list unsettled:list"
        ),
    ),
    "share-exposure": Shape("What each party could lose", {}),
    "share-suitability": Shape(
        "What to share, and between whom",
        _keys(
            "suitability:text title:text activities:list not_considered:list parties:list"
            " provider_effects:list principles:list"
        ),
    ),
    "share-alliance": Shape(
        "An alliance's three-part payment, or one figure of it (--explain)",
        _keys(
            "alliance*:text title:text contract*:text years*:list not_settled_yet*:list"
            " funding_gap*:list shadow*:object id*:text"
        ),
    ),
    "share-rebase": Shape("Baselines beside the budget", _keys("arrangements:list")),
    "share-project": Shape("A projected baseline", {}),
    "pool-check": Shape(
        "A pooled fund and what is open",
        _keys(
            "pool:text title:text model:text permits:list mechanisms:list"
            " joint_funding_required:object levers:list open:object problems:problems"
        ),
    ),
    "pool-year": Shape(
        "A year of a pooled fund, in pence",
        _keys(
            "pool:text title:text year:text status:text contributions:list services:list"
            " contributed_pence:whole in_kind_pence:whole spent_pence:whole"
            " ring_fences:list gap_pence:whole positions:list postings:list"
        ),
    ),
    "pool-reviews": Shape(
        "The quarterly reviews of a year",
        _keys("pool:text year:text due_by:list planned:list problems:problems"),
    ),
    "pool-case": Shape(
        "The business case of a pooled fund",
        _keys(
            "pool:text title:text goals:list plan:list measures:list missing:list"
            " years:list pays_back_in:any"
        ),
    ),
    "people-key": Shape("A key for pseudonyms that was made", _keys("file:text key:text")),
    "people-pseudonymise": Shape(
        "Files with pseudonyms in place of numbers", _keys("key:text files:list")
    ),
    "people-rotate": Shape("A table from old pseudonyms to new", _keys("file:text rows:whole")),
    "people-check": Shape("Published tables attacked", _keys("exposed:list")),
    "audit-log": Shape(
        "The audit trail, one object an act",
        _keys("number:whole at:text person:text organisation:text act:text subject:text"),
        is_list=True,
    ),
    "audit-verify": Shape("A test of the audit trail", _keys("verified:yes_no found:list")),
    "doctor": Shape(
        "A test of the installation",
        _keys("checks:list healthy:yes_no"),
    ),
    "upgrade": Shape(
        "What an upgrade changes",
        _keys(
            "model:text from_schema:whole to_schema:whole dry_run:yes_no mended:text changes:list"
            " rewritten:list backup:text? problems:problems"
        ),
    ),
    "tables": Shape("Input tables", _keys("tables:list")),
    "codes": Shape("Problem codes", _keys("codes:list")),
    "manifest": Shape(
        "What made a run: results/manifest.json",
        _keys(
            "format:whole model:text title:text currency:text known_on:text baseline_year:text"
            " years:list engine:text runs:whole seed:whole? versions:object inputs:object"
            " assumptions:list outputs:object"
        ),
    ),
}
"""Every shape by name."""


def shape_name(name: str) -> str:
    """Give the value of the key `schema`: 'wpb.check/1' for 'check'."""
    shape = SHAPES.get(name)
    return f"{PREFIX}{name}/{shape.version if shape else 1}"


def with_schema(figures: object, name: str) -> object:
    """Put the key `schema` first in what is printed as JSON: in the object, or in each object of a
    list.

    Source: req 443.
    """
    if isinstance(figures, dict):
        return {"schema": shape_name(name), **figures}
    if isinstance(figures, list):
        return [with_schema(each, name) if isinstance(each, dict) else each for each in figures]
    return figures


def json_schema(name: str) -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a shape: of its objects, or of a list of them.

    A command that is stopped prints the shape 'problems' instead. Raises KeyError for a name that
    there isn't.
    Source: req 443.
    """
    shape = SHAPES[name]
    found: dict[str, Any] = {
        "type": "object",
        "required": ["schema", *(key for key in shape.keys if not key.endswith("*"))],
        "properties": {
            "schema": {"const": shape_name(name)},
            **{key.removesuffix("*"): KINDS[kind] for key, kind in shape.keys.items()},
        },
        "additionalProperties": True,
    }
    if shape.is_list:
        found = {"type": "array", "items": found}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:wpb:{name}:{shape.version}",
        "title": shape.title,
        **found,
    }

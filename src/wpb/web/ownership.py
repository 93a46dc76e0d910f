"""Whose contracts are whose, for judging who may see a provider's figures: from the agreed version
alone.

Where nothing is agreed yet, from the first version that `wpb serve`, a commissioner or an
administrator entered. Never from a draft or an upload: whoever wrote it could give itself another's
contract. A contract that the reference lacks has no owner, so only those who see every cost see it.
Source: handbook 2.1.1; req 430.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from wpb.kernel.problems import InputProblems
from wpb.store.agreements import Version
from wpb.store.results import keep_result, kept_result
from wpb.web.standing import Stand

if TYPE_CHECKING:
    from wpb.web.app import Desk

NAME = "owners of contracts"
STARTER = "wpb serve"


def reference_version(stand: Stand) -> Version | None:
    """Give the version that says whose a contract is, or None.

    The last that was agreed, a commissioner among those who signed; else the first that was entered
    by whoever sets budgets.
    """
    payers = {code for code, kind in stand.organisations.items() if kind == "commissioner"}
    agreed = [
        version
        for version in stand.versions
        if version.standing == "agreed" and payers & set(version.signed)
    ]
    if agreed:
        return agreed[0]
    first = [
        version
        for version in stand.versions
        if version.made_by == STARTER or version.made_by in stand.setters
    ]
    return first[-1] if first else None


class Ownership:
    """Gives the provider of each contract, worked out once for each version that decides it."""

    def __init__(self, desk: Desk):
        self.desk = desk
        self._held: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def now(self, patience: float | None = None) -> dict[str, str]:
        """Give the provider of each contract as the version that decides has them.

        Nothing where no version decides, or where it can't be read: then no figure has an owner.
        Raises StillWorking where patience ran out.
        """
        version = reference_version(self.desk.standing.now())
        if version is None:
            return {}
        found = self._held.get(version.folder)
        if found is None:
            with self.desk.database.reading() as connection:
                kept = kept_result(connection, version.folder, NAME)
            if kept is not None:
                found = {str(code): str(owner) for code, owner in json.loads(kept).items()}
            else:
                try:
                    found = self.desk.shown(version, patience).provider_of
                except InputProblems:
                    return {}
                keep_owners(self.desk.database, version.folder, found)
            with self._lock:
                self._held[version.folder] = found
        return found


def keep_owners(database: object, folder: str, found: dict[str, str]) -> None:
    """Keep whose the contracts of a frozen folder are, so that a page need not wait for its
    budget.
    """
    from wpb.store.database import Database

    assert isinstance(database, Database)
    with database.writing() as connection:
        keep_result(connection, folder, NAME, json.dumps(found, sort_keys=True))

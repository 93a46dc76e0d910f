"""What a step of an upgrade is, and the steps there are."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from wpb.intake.upgrades.view import FolderView


@dataclass(frozen=True)
class Step:
    """One change of layout: the schemas it leads between, why, and what it does to a folder."""

    from_schema: int
    to_schema: int
    name: str
    why: str
    """One or two sentences that a user reads beside each change."""
    apply: Callable[[FolderView], None]


@cache
def all_steps() -> tuple[Step, ...]:
    """Give every step in order of schema, then of file name.

    Source: req 443.
    """
    from wpb.intake.upgrades import steps

    names = sorted(module.name for module in pkgutil.iter_modules(steps.__path__))
    found = [importlib.import_module(f"{steps.__name__}.{name}").STEP for name in names]
    return tuple(sorted(found, key=lambda step: step.from_schema))


def apply_steps(view: FolderView, schema: int) -> None:
    """Bring the view of a folder of an older schema to today's.

    Source: req 443.
    """
    for step in all_steps():
        if step.from_schema >= schema:
            with view.because(step.why):
                step.apply(view)

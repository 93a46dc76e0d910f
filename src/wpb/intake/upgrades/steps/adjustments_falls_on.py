"""Schema 2 asks each adjustment whether its amount is for the whole line or its part in scope."""

from __future__ import annotations

from wpb.intake.upgrades.step import Step
from wpb.intake.upgrades.view import FolderView


def _say_what_amounts_are_for(view: FolderView) -> None:
    adjustments = view.table("adjustments")
    if adjustments is not None:
        adjustments.add_column("falls_on", ["in_scope_part" for _ in adjustments.rows()])


STEP = Step(
    from_schema=1,
    to_schema=2,
    name="adjustments_falls_on",
    why="An adjustment now says whether its amount is for the whole line or the part in scope;"
    " until now all of it fell on the part in scope.",
    apply=_say_what_amounts_are_for,
)

"""Schema 2 states the schema of a folder among its settings."""

from __future__ import annotations

from wpb.intake.upgrades.step import Step
from wpb.intake.upgrades.view import FolderView


def _state_schema(view: FolderView) -> None:
    view.settings.set("schema", "2")


STEP = Step(
    from_schema=1,
    to_schema=2,
    name="folder_schema",
    why="The settings now state the layout (schema) of the folder, so that a later wpb knows how to"
    " read it.",
    apply=_state_schema,
)

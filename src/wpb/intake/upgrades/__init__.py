"""Model folders of an older schema: the steps that bring them to today's, in memory or on disk.

**How to add a step.** Add one file to `wpb/intake/upgrades/steps`, named after what it does, with
one constant `STEP`. It is found by itself: there is no list to edit. For example, a table
`contracts` that now requires a column `tariff_year`:

    from wpb.intake.upgrades.step import Step
    from wpb.intake.upgrades.view import FolderView

    def _add_tariff_year(view: FolderView) -> None:
        contracts = view.table("contracts")
        if contracts is not None:
            years = [row["spend_year"] for row in contracts.rows()]
            contracts.add_column("tariff_year", years)

    STEP = Step(
        from_schema=1,
        to_schema=2,
        name="contracts_tariff_year",
        why="A contract now says which year's prices it is paid at; until now it was the year of"
        " spend.",
        apply=_add_tariff_year,
    )

- A step leads from one schema to the next. Until schema 2 is released every step leads from 1 to
  2; after a release the next change of a table raises MODEL_SCHEMA in `wpb.tables.settings_shape`.
- **What a step gives must calculate to the same figures as before.** Where an older folder can't
  say a value, leave '' and the reader asks for it at its cell: a step never makes up a figure.
- **A step must be idempotent**: run on a folder that has the new layout already, it changes
  nothing. The methods of the view are: `add_column` passes over a column that is there, and the
  renaming methods pass over an old name that is not there. So mixed files do no harm.
- A step asks for a table by name and does nothing where it is not there (`view.table` gives None)
  or where a column it needs is missing (`table.has`).
- Values are text as entered (`row["value"]`), or give numbers, which a workbook keeps as numbers.
- `view.settings` has `get`, `set`, `rename` and `remove` by dotted key, as
  'forecast.efficiency.method'.
- Steps of the same schema run in the order of their file names, so they must not build on one
  another.
- Nothing is thrown away: a column that is no longer read is kept, its heading starting with '#'
  (`retire_column`).

Then bring the examples and fixtures to the new layout: those made by a tool through the tool, the
others with `wpb upgrade DIR --from 1`, which runs the steps again whatever the folder says. Test a
step through a real folder of schema 1: `tests/upgrade_models.py` has `upgraded(...)` for it.
"""

from __future__ import annotations

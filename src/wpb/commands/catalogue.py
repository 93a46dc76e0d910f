"""The commands by name, each with its module and a line of help, and the help of the whole: read
without importing any.
"""

from __future__ import annotations

import os

COMMANDS = {
    "start": ("start", "Make a first budget from files you have."),
    "new": ("new", "Write an empty model to fill in, with an Excel template."),
    "add": ("add", "Add tables to a model: a stage, a table, or a method for a contract."),
    "check": ("check", "Report every problem in a model's inputs."),
    "run": ("run", "Calculate a budget and write its results."),
    "explain": ("explain", "Show where a figure comes from."),
    "compare": ("compare", "Explain the difference between two budgets."),
    "assumptions": ("assumptions", "Show dated assumptions and their sources."),
    "import": ("import_", "Bring published files into a model."),
    "index": ("index", "Compare the need of groups of practices."),
    "map": ("map", "Bring your own ledger and activity layouts into a model."),
    "synth": ("synth", "Make synthetic people to try a model with."),
    "people": ("people", "Work with people's records: check what is published."),
    "methods": ("methods", "Set two methods side by side."),
    "contract": ("contract", "Draw up the contract's values and schedules."),
    "agree": ("agree", "Seal a signed contract's values and inputs."),
    "close": ("close", "Close a month: seal its payments."),
    "correct": ("correct", "Enter what a newer wpb works out otherwise."),
    "update-population": ("update_population", "Update a live contract for its population."),
    "incentives": ("incentives", "Show incentive schemes: metrics, achieved, earned."),
    "share": ("share", "Work out what gain and loss sharing pays."),
    "pool": ("pool", "Check, settle and review a pooled fund."),
    "settle": ("settle", "Settle a period."),
    "statement": ("statement", "Print a settlement statement."),
    "shadow": ("shadow", "Test a budget against many futures."),
    "scenarios": ("scenarios", "Set scenarios side by side."),
    "design": ("design", "Search for terms of sharing to discuss."),
    "serve": ("serve", "Open the model in a browser."),
    "administrator": ("serve", "Enter the first administrator of a store."),
    "export": ("export", "Write a model or its results in another form."),
    "audit": ("audit", "Show who changed what, and test the trail."),
    "schema": ("schema", "Show the shapes of wpb's JSON."),
    "tables": ("tables", "Show the input tables and their columns."),
    "codes": ("codes", "Show what a problem code stands for."),
    "upgrade": ("upgrade", "Bring a model of an older schema up to date."),
    "doctor": ("doctor", "Test this installation."),
}
"""Every command: the module of wpb.commands that holds it and one line of help, so that help
imports none of them.
"""

RENAMED: dict[str, tuple[str, str]] = {}
"""Commands that go on under another name: the old name, the new one, and the version that takes
the old name away. The old name runs the new command, with a notice.
"""

HELP = """\
Usage: wpb COMMAND [ARGUMENTS]

  Whole population budgets: from current spend to a traced ten-year budget.

  Start with `wpb start FOLDER`, which asks for a ledger extract, a contract
  schedule and a practice list, then `wpb run FOLDER`; or with `wpb new FOLDER`,
  an empty model to fill in. Add --help after any command to read about it.

Options:
  --version   Show the version and stop.
  -h, --help  Show this message and stop.

Commands:
{commands}

Exit codes: 0 done, 1 problems in the inputs, 2 wrong usage, 3 a check you asked
for failed, 4 a fault inside wpb."""


def installed_commands() -> list[str]:
    """List the commands whose modules are there, in the order a user meets them."""
    modules = {name.partition(".")[0] for name in os.listdir(os.path.dirname(__file__))}
    return [name for name, (module, _) in COMMANDS.items() if module in modules]


def help_text() -> str:
    """Write the help of the whole command line."""
    names = installed_commands()
    width = max(map(len, names))
    return HELP.format(
        commands="\n".join(f"  {name:{width}}  {COMMANDS[name][1]}" for name in names)
    )

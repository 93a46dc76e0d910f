"""The command line: a thin group whose commands are imported only when they are asked for.

Exit codes: 0 done; 1 problems in the inputs; 2 wrong usage; 3 a check the user asked for failed;
4 a fault inside wpb, with a report file and no traceback; 130 stopped from the keyboard.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import click

COMMANDS = {
    "new": ("new", "Write an empty model to fill in, with an Excel template."),
    "check": ("check", "Report every problem in a model's inputs."),
    "run": ("run", "Calculate a budget and write its results."),
    "explain": ("explain", "Show where a figure comes from."),
    "compare": ("compare", "Explain the difference between two budgets."),
    "assumptions": ("assumptions", "Show dated assumptions and their sources."),
    "import": ("import_", "Bring published files into a model."),
    "index": ("index", "Compare the need of groups of practices."),
    "map": ("map", "Bring your own ledger and activity layouts into a model."),
    "synth": ("synth", "Make synthetic people to try a model with."),
    "methods": ("methods", "Set two methods side by side."),
    "contract": ("contract", "Draw up the contract's values and schedules."),
    "update-population": ("update_population", "Update a live contract for its population."),
    "share": ("share", "Work out what gain and loss sharing pays."),
    "settle": ("settle", "Settle a period."),
    "statement": ("statement", "Print a settlement statement."),
    "shadow": ("shadow", "Test a budget against many futures."),
    "serve": ("serve", "Open the model in a browser."),
    "export": ("export", "Write a model or its results in another form."),
    "audit": ("audit", "Show who changed what, and test the trail."),
    "doctor": ("doctor", "Test this installation."),
}
"""Every command: the module of wpb.commands that holds it and one line of help, so that help imports none of them."""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used, and lists only those that are installed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands whose modules are there, in the order a user meets them."""
        folder = Path(__file__).parent / "commands"
        return [name for name, (module, _) in COMMANDS.items() if (folder / f"{module}.py").is_file() or (folder / module).is_dir()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command: the object of its module called <name>_command, <name>_group or <name>."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module_name = COMMANDS[cmd_name][0]
        module = importlib.import_module(f"wpb.commands.{module_name}")
        stem = cmd_name.replace("-", "_")
        for name in (f"{stem}_command", f"{stem}_group", stem, "command"):
            found = getattr(module, name, None)
            if isinstance(found, click.Command):
                return found
        raise RuntimeError(f"wpb.commands.{module_name} holds no command called {cmd_name}")

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was asked for, suggesting the nearest where there is none of that name."""
        name = args[0]
        if not name.startswith("-") and name not in self.list_commands(ctx):
            from wpb.kernel.words import did_you_mean

            ctx.fail(f"There is no command '{name}'. {did_you_mean(name, self.list_commands(ctx))}See `wpb --help`.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


def _print_version(ctx: click.Context, option: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from wpb import __version__

        click.echo(f"wpb {__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Show the version and stop.")
def cli() -> None:
    """Whole population budgets: from current spend to a traced ten-year budget.

    Start with `wpb new FOLDER`, fill in its tables, then `wpb check FOLDER` and `wpb run FOLDER`.
    Add --help after any command to read about it.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code; whatever goes wrong, the user reads words and no traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        answer = cli.main(args=given, prog_name="wpb", standalone_mode=False)
        return answer if type(answer) is int else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except BaseException as stop:
        from wpb.commands.running import exit_code_of

        return exit_code_of(stop, given)

"""The command group: each command's module is imported only when the command is asked for."""

from __future__ import annotations

import importlib

import click

from wpb.commands.catalogue import COMMANDS, RENAMED, help_text, installed_commands


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used, and lists only those that
    are installed.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands whose modules are there, in the order a user meets them."""
        return installed_commands()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command: the object of its module called <name>_command, <name>_group or
        <name>.
        """
        if cmd_name not in installed_commands():
            return None
        module_name = COMMANDS[cmd_name][0]
        module = importlib.import_module(f"wpb.commands.{module_name}")
        stem = cmd_name.replace("-", "_")
        for name in (f"{stem}_command", f"{stem}_group", stem, "command"):
            found = getattr(module, name, None)
            if isinstance(found, click.Command):
                return found
        raise RuntimeError(f"wpb.commands.{module_name} holds no command called {cmd_name}")

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was asked for, suggesting the nearest where there is none of that
        name.
        """
        if args[0] in RENAMED:
            new, until = RENAMED[args[0]]
            click.echo(
                f"`wpb {args[0]}` is now `wpb {new}`; the old name goes in version {until}.",
                err=True,
            )
            args = [*new.split(), *args[1:]]
        name = args[0]
        if not name.startswith("-") and name not in installed_commands():
            from wpb.kernel.words import did_you_mean

            ctx.fail(
                f"There is no command '{name}'. {did_you_mean(name, installed_commands())}See `wpb"
                " --help`."
            )
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """Give the help that `wpb --help` prints, without importing any command."""
        return help_text()


def _print_version(ctx: click.Context, option: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from wpb import __version__

        click.echo(f"wpb {__version__}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version and stop.",
)
def cli() -> None:
    """Whole population budgets: from current spend to a traced ten-year budget."""

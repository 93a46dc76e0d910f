"""`wpb share alliance`: an alliance's fixed, variable and outcome payment, with what risk and
reward adds or takes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpb.commands.running import AS_JSON, print_json
from wpb.commands.share_files import opened, read_text
from wpb.kernel.problems import ProblemLog, UsageProblem

if TYPE_CHECKING:
    from wpb.sharing.reading_alliance import AllianceFile


@click.command("alliance", short_help="Work out an alliance's three-part payment.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--explain",
    "figure",
    metavar="FIGURE",
    help=(
        "Explain a figure instead, such as alliance/variable/2017-18/PROVIDER, or alliance/fixed,"
        " alliance/outcome."
    ),
)
@AS_JSON
def alliance(file: Path, figure: str | None, as_json: bool) -> None:
    """Work out the payment of each provider of an alliance from FILE, a YAML file.

    Fixed: planned activity at the plan's prices, for what has changed since. Variable: money that
    follows patients between providers. Outcome: all or none of a part of each contract. Risk and
    reward: what the arrangements named in the file share.
    """
    from wpb.kernel.lined_yaml import LinedPage, read_yaml
    from wpb.live.alliance import alliance_payment
    from wpb.present.alliance_view import alliance_figures, alliance_lines
    from wpb.sharing.reading_alliance import read_alliance

    log = ProblemLog()
    found = read_yaml(read_text(file, log), file.name, log)
    log.raise_if_errors()
    given = read_alliance(found, LinedPage(file.name, log))
    log.raise_if_errors()
    shared, unsettled = _shared(given, file.parent)
    payment = alliance_payment(given, shared)
    if figure is not None:
        from wpb.kernel.explain import explain
        from wpb.present.console import tree_lines

        tree = explain(payment.ledger, figure)
        if as_json:
            print_json(tree)
        else:
            click.echo("\n".join(tree_lines(tree)))
        return
    figures = alliance_figures(given, payment, unsettled)
    if as_json:
        print_json(figures)
        return
    click.echo("\n".join(alliance_lines(figures)))


def _shared(given: AllianceFile, folder: Path) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Settle the arrangements of the file: by year, what is due to each provider of the alliance;
    and what is not settled yet.
    """
    from wpb.commands.share_parties import settled
    from wpb.sharing.settle_parties import rounded_year

    shared: dict[str, dict[str, int]] = {}
    unsettled: list[str] = []
    for arrangement, outturn, measures in given.risk_and_reward:
        found, page = opened(folder / arrangement, ProblemLog())
        read, settlement, known = settled(
            found, page, folder / outturn, folder / measures if measures else None
        )
        unsettled += [f"{read.title}: {what}" for what in read.unsettled]
        for number in known.years:
            year = read.years[number]
            if year not in given.years:
                raise UsageProblem(
                    f"{outturn} is of {year}, in which the alliance does not run; it runs from"
                    f" {given.years[0]} to {given.years[-1]}."
                )
            by_party = shared.setdefault(year, {})
            for party, due in rounded_year(settlement, number).due.items():
                if party in given.codes:
                    by_party[party] = by_party.get(party, 0) + due
    doubled = sorted(
        {
            (line.year, line.provider)
            for line in given.transition
            if shared.get(line.year, {}).get(line.provider)
        }
    )
    if doubled:
        raise UsageProblem(
            f"In {doubled[0][0]} {doubled[0][1]} is paid for activity above plan and shares its"
            " cost too; a transition year has the one or the other."
        )
    return shared, unsettled

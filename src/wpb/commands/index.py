"""`wpb index`: the need of groups of practices beside their ICB's, and of the ICB beside
England's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wpb.commands.running import AS_JSON, print_json, print_problems
from wpb.kernel.money import pounds, round_half_up, round_parts, whole_pence
from wpb.kernel.problems import ProblemLog

if TYPE_CHECKING:
    from wpb.intake.practice_files import Array, PracticeFile

NEED_TITLES = {
    "general_and_acute": "General and acute",
    "community": "Community services",
    "mental_health": "Mental health",
    "maternity": "Maternity",
    "prescribing": "Prescribing",
    "overall_core": "Overall core",
    "primary_medical_care": "Primary medical care, final",
    "primary_medical_care_need": "Primary medical care, need",
    "health_inequalities": "Health inequalities",
}
REST = "the rest of the ICB"


class GroupOption(click.ParamType[tuple[str, tuple[str, ...]]]):
    """NAME=CODE,CODE: a group's name and the codes of its practices."""

    name = "NAME=CODE,CODE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, tuple[str, ...]]:
        """Take the text apart at its first '=' and its commas."""
        title, equals, listed = str(value).partition("=")
        codes = tuple(code.strip() for code in listed.split(","))
        if not equals or not title.strip() or not all(codes):
            self.fail(
                f"'{value}' is not a group. Write its name, '=' and its practice codes with commas"
                " between, as in North=A81001,A81002.",
                param,
                ctx,
            )
        return title.strip(), codes


class AllocationOption(click.ParamType[tuple[str, Decimal]]):
    """NEED=POUNDS: an allocation of the ICB and the need it is allocated on."""

    name = "NEED=POUNDS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Decimal]:
        """Take the text apart at '='."""
        need, _, amount = str(value).partition("=")
        if need not in NEED_TITLES or not amount.replace(".", "", 1).isdigit():
            self.fail(
                f"'{value}' is not an allocation. Write a need, '=' and pounds, as in"
                f" overall_core=2100000000. The needs: {', '.join(NEED_TITLES)}.",
                param,
                ctx,
            )
        return need, Decimal(amount)


@dataclass(frozen=True)
class Compared:
    """People whose need was compared: their number, their weighted people and their index by need,
    all unrounded.
    """

    name: str
    practices: int
    population: float
    weighted: dict[str, float]
    index: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Spell for JSON: whole people, indices to three places, half-up from the unrounded
        values.
        """
        return {
            "name": self.name,
            "practices": self.practices,
            "population": int(round_half_up(self.population)),
            "indices": {
                need: {
                    "weighted_population": int(round_half_up(self.weighted[need])),
                    "index": float(round_half_up(self.index[need], 3)),
                }
                for need in NEED_TITLES
            },
        }


@click.command("index", short_help="Compare the need of groups of practices with their ICB.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--icb", required=True, metavar="CODE_OR_NAME", help="ICB the practices belong to.")
@click.option(
    "--group",
    "groups",
    type=GroupOption(),
    multiple=True,
    help="A group of practices; repeat it for more groups.",
)
@click.option(
    "--allocation",
    "allocations",
    type=AllocationOption(),
    multiple=True,
    help="An allocation of the ICB to share out by a need, for example overall_core=2100000000.",
)
@AS_JSON
def index(
    file: Path,
    icb: str,
    groups: tuple[tuple[str, tuple[str, ...]], ...],
    allocations: tuple[tuple[str, Decimal], ...],
    as_json: bool,
) -> None:
    """Compare the need of groups of practices with their ICB, and of the ICB with England.

    FILE is the NHS England place-based allocation file. A group's index is its weighted population
    per head over its ICB's: 1.100 is a tenth more need than the ICB. The nine needs are those of
    the file.
    """
    from wpb.intake.practice_files import read_practice_file

    practices = read_practice_file(file)
    log = ProblemLog(list(practices.warnings))
    code, members = resolve_groups(practices, icb, groups, log)
    log.raise_if_errors()
    whole, compared = compare(practices, code, members, log)
    log.raise_if_errors()
    targets = [share_allocation(need, amount, compared, whole) for need, amount in allocations]
    if as_json:
        found = {
            "file": file.name,
            "layout": practices.layout.name,
            "icb": {"code": code, **whole.as_dict()},
            "groups": [group.as_dict() for group in compared],
            "target_allocations": targets,
            "problems": [problem.as_dict() for problem in log],
        }
        print_json(found)
        return
    if len(log):
        print_problems(log.problems, to_stderr=True)
    click.echo(
        "\n".join(
            [
                *_table(whole, f"{code} {whole.name}", "England"),
                *(line for group in compared for line in _table(group, group.name, code)),
                *_target_lines(targets),
            ]
        )
    )


def resolve_groups(
    practices: PracticeFile,
    icb: str,
    groups: Sequence[tuple[str, tuple[str, ...]]],
    log: ProblemLog,
) -> tuple[str, dict[str, list[int]]]:
    """Find the ICB's code and the rows of each group's practices.

    Records an error for every code that is unknown, that is there twice, or whose practice is of
    another ICB, and for every group named twice.
    """
    from wpb.intake.practice_files import find_icb

    code = find_icb(practices, icb, log)
    members: dict[str, list[int]] = {}
    holder: dict[str, str] = {}
    for name, codes in groups:
        if name in members:
            log.error(
                practices.place,
                f"Two groups are called '{name}'.",
                "Give each group a name of its own.",
                "duplicate_group",
            )
        rows = members.setdefault(name, [])
        for practice in codes:
            if practice in holder:
                where = (
                    "twice"
                    if holder[practice] == name
                    else f"as well as in group '{holder[practice]}'"
                )
                log.error(
                    practices.place,
                    f"Practice {practice} is in group '{name}' {where}.",
                    "Keep it once; compare groups that overlap in separate commands.",
                    "duplicate_practice",
                )
                continue
            holder[practice] = name
            rows += _row_of(practices, practice, name, code, log)
    return code or "", members


def _row_of(
    practices: PracticeFile, practice: str, group: str, icb: str | None, log: ProblemLog
) -> list[int]:
    from wpb.intake.practice_files import nearest_codes

    row = practices.positions.get(practice)
    if row is None:
        near = nearest_codes(practice, practices.positions)
        log.error(
            practices.place,
            f"The file has no practice {practice} (group '{group}').",
            (
                f"The nearest: {', '.join(near)}."
                if near
                else "Practices are known by ODS code, such as A81001."
            ),
            "unknown_practice",
        )
        return []
    if icb is not None and practices.icb_codes[row] != icb:
        log.error(
            practices.where(row, "icb"),
            f"Practice {practice} (group '{group}') belongs to {practices.icb_codes[row]}"
            f" {practices.icb_names[row]}, not to {icb}.",
            "Take it out of the group, or name its ICB.",
            "practice_of_another_icb",
        )
        return []
    return [row]


def compare(
    practices: PracticeFile, icb: str, members: dict[str, list[int]], log: ProblemLog
) -> tuple[Compared, list[Compared]]:
    """Compare the ICB with England and each group with the ICB, by every need of the file.

    Records an error where a group, or a need of the ICB, has nobody in it.
    """
    import numpy as np

    from wpb.scope.need_index import need_index, people_of

    every = [list(range(len(practices.codes))), practices.rows_of_icb(icb), *members.values()]
    people = np.array([people_of(rows, practices.population) for rows in every])
    weighted = np.array([people_of(rows, practices.weighted) for rows in every])
    names = [practices.icbs[icb], *members]
    _check_somebody(practices, ["England", *names], people, weighted, log)
    if log.errors:
        return Compared(names[0], 0, 0.0, {}, {}), []
    indices = np.vstack(
        [
            need_index(weighted[1:2], people[1:2], weighted[0], people[0]),
            need_index(weighted[2:], people[2:], weighted[1], people[1]),
        ]
    )
    found = [
        Compared(
            name, len(rows), float(people[row]), _by_need(weighted[row]), _by_need(indices[row - 1])
        )
        for row, (name, rows) in enumerate(zip(names, every[1:], strict=True), start=1)
    ]
    return found[0], found[1:]


def _check_somebody(
    practices: PracticeFile, names: Sequence[str], people: Array, weighted: Array, log: ProblemLog
) -> None:
    for row, name in enumerate(names):
        if not people[row] > 0:
            log.error(
                practices.place,
                f"{name} has no people in the file, so it has no index.",
                "Check the populations of its practices.",
                "nobody",
            )
        elif row < 2 and not (weighted[row] > 0).all():
            log.error(
                practices.place,
                f"{name} has a weighted population of nought for a need, so nothing can be compared"
                " with it.",
                "Check the weighted populations in the file.",
                "nobody",
            )


def _by_need(values: Array) -> dict[str, float]:
    from wpb.tables.population import NEEDS

    return dict(zip(NEEDS, (float(value) for value in values), strict=True))


def share_allocation(
    need: str, allocation_pounds: Decimal, groups: Sequence[Compared], whole: Compared
) -> dict[str, Any]:
    """Share an allocation of the ICB out to groups and the rest by their weighted populations, to
    the penny.

    Source: handbook fn 40; req 155.
    """
    import numpy as np

    from wpb.scope.need_index import target_allocation

    allocation_pence = whole_pence(allocation_pounds * 100)
    shares = [group.weighted[need] for group in groups]
    weighted = np.array([*shares, whole.weighted[need] - sum(shares)])
    names = [*(group.name for group in groups), REST]
    parts = round_parts(
        [
            float(part)
            for part in target_allocation(
                np.array(allocation_pence), weighted, np.array(whole.weighted[need])
            )
        ],
        names,
        allocation_pence,
    )
    return {
        "need": need,
        "allocation_pence": allocation_pence,
        "targets": [
            {"name": name, "target_pence": part} for name, part in zip(names, parts, strict=True)
        ],
    }


def _table(compared: Compared, title: str, whole: str) -> list[str]:
    spelt = compared.as_dict()
    practices = f"{spelt['practices']:,} practice{'s' if spelt['practices'] != 1 else ''}"
    lines = [
        f"{title}: {spelt['population']:,} people, {practices}",
        f"  {'Need':<28}{'Weighted people':>16}{'Index':>9}  ({whole} = 1.000)",
    ]
    lines += [
        f"  {NEED_TITLES[need]:<28}{row['weighted_population']:>16,}{row['index']:>9.3f}"
        for need, row in spelt["indices"].items()
    ]
    return [*lines, ""]


def _target_lines(targets: Sequence[dict[str, Any]]) -> list[str]:
    lines = []
    for target in targets:
        lines.append(
            f"Target shares of {pounds(target['allocation_pence'])} by"
            f" {NEED_TITLES[target['need']].lower()}"
        )
        lines += [
            f"  {row['name']:<28}{pounds(row['target_pence']):>16}" for row in target["targets"]
        ]
    return lines

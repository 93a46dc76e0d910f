"""What every command shares: progress, JSON, and how what went wrong becomes words and an exit
code.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from wpb.kernel.json_shapes import with_schema
from wpb.kernel.problems import InputProblems, Problem, UsageProblem

DONE, INPUT_PROBLEMS, WRONG_USAGE, CHECK_FAILED, FAULT, STOPPED = 0, 1, 2, 3, 4, 130
SLOW_SECONDS = 1.0

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class CheckFailed(Exception):
    """Raised where a check the user asked for, such as a comparison that had to be exact, did not
    hold.
    """


def print_json(figures: object, compact: bool = False) -> None:
    """Print something as JSON on standard output, in ASCII where the terminal can't show more.

    Its first key, `schema`, names its shape, such as wpb.check/1, after the command that runs. A
    list stays a list: each of its objects carries the key.
    """
    ascii_only = (sys.stdout.encoding or "").replace("-", "").lower() != "utf8"
    click.echo(
        json.dumps(
            with_schema(figures, _running_command()),
            indent=None if compact else 2,
            ensure_ascii=ascii_only,
        )
    )


def _running_command() -> str:
    """The name of the shape that the running command prints: 'share-settle' for `wpb share
    settle`.
    """
    context = click.get_current_context(silent=True)
    names = []
    while context is not None and context.parent is not None:
        names.append(context.info_name or "")
        context = context.parent
    return "-".join(reversed(names)) or "problems"


def print_problems(problems: Sequence[Problem], to_stderr: bool = False) -> None:
    """Print problems in plain words, grouped by the file they stand in, errors first within
    each.
    """
    from wpb.present.problem_list import problem_lines

    for line in problem_lines(problems):
        click.echo(line, err=to_stderr)


@contextmanager
def progress_reporter() -> Iterator[Callable[[str], None]]:
    """Give a function that names the stage under way on standard error, once a run has taken more
    than a second.

    On a terminal the stages follow one another on one line, which is cleared at the end; elsewhere
    each has a line.
    """
    started, terminal, shown = time.monotonic(), sys.stderr.isatty(), False

    def progress(stage: str) -> None:
        nonlocal shown
        if time.monotonic() - started < SLOW_SECONDS and not shown:
            return
        shown = True
        click.echo(
            f"\r\x1b[K{stage} ..." if terminal else f"{stage} ...", nl=not terminal, err=True
        )

    try:
        yield progress
    finally:
        if shown and terminal:
            click.echo("\r\x1b[K", nl=False, err=True)


def exit_code_of(stop: BaseException, arguments: Sequence[str]) -> int:
    """Tell the user what stopped a command and give the exit code: 1 inputs, 2 usage, 3 failed
    check, 4 fault, 130 stopped.

    With --json among the arguments, problems go to standard output as JSON too.
    """
    as_json = "--json" in arguments
    if isinstance(stop, InputProblems):
        return _tell_problems(stop.problems, as_json)
    if isinstance(stop, click.exceptions.Exit):
        return stop.exit_code
    if isinstance(stop, click.ClickException):
        return _tell_usage(stop, as_json)
    if isinstance(stop, UsageProblem):
        return _tell(str(stop), "usage", WRONG_USAGE, as_json)
    if isinstance(stop, CheckFailed):
        return _tell(str(stop), "check_failed", CHECK_FAILED, as_json)
    if isinstance(stop, click.Abort | KeyboardInterrupt):
        click.echo(str(stop) or str(stop.__cause__ or "") or "Stopped.", err=True)
        return STOPPED
    if isinstance(stop, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    if isinstance(stop, SystemExit):
        return stop.code if isinstance(stop.code, int) else WRONG_USAGE if stop.code else DONE
    if isinstance(stop, OSError) and stop.errno in (errno.ENOSPC, errno.EDQUOT):
        return _tell(
            "The disk is full. Free some space and run again; your inputs and earlier results are"
            " as they were.",
            "disk_full",
            INPUT_PROBLEMS,
            as_json,
        )
    if isinstance(stop, OSError) and stop.filename:
        return _tell(
            f"{stop.filename}: {stop.strerror or 'the file could not be used'}. Check the path, and"
            " that you may read and write there.",
            "file",
            WRONG_USAGE,
            as_json,
        )
    from wpb.commands.fault_report import write_fault_report

    return _tell(write_fault_report(stop, arguments), "fault", FAULT, as_json)


def problems_as_json(problems: Iterable[Problem]) -> dict[str, Any]:
    """Spell problems for JSON: {"problems": [...]}."""
    return {"problems": [problem.as_dict() for problem in problems]}


def _tell_problems(problems: Sequence[Problem], as_json: bool) -> int:
    if as_json:
        print_json(problems_as_json(problems))
    else:
        print_problems(problems, to_stderr=True)
    return INPUT_PROBLEMS


def _tell_usage(stop: click.ClickException, as_json: bool) -> int:
    if not as_json:
        stop.show()
        return stop.exit_code
    return _tell(stop.format_message(), "usage", stop.exit_code, as_json)


def _tell(words: str, code: str, exit_code: int, as_json: bool) -> int:
    if as_json:
        print_json(problems_as_json([Problem("error", None, words, "", code)]))
    else:
        click.echo(words, err=True)
    return exit_code

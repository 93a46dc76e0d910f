"""`wpb start`: a first budget from a ledger extract, a contract schedule and a practice list, asked
for in a terminal or answered in a file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wpb.commands.running import AS_JSON, INPUT_PROBLEMS, print_json, print_problems

if TYPE_CHECKING:
    from wpb.intake.first_budget.answers import Answers, Question
    from wpb.intake.first_budget.building import FirstModel
    from wpb.intake.first_budget.joining import Joined
    from wpb.intake.first_budget.reading import Files


@click.command("start", short_help="Make a first budget from files you have.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--answers",
    "answers_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Answers as YAML; by default those remembered in FOLDER.",
)
@click.option("--no-input", is_flag=True, help="Never ask: what is not answered is a problem.")
@AS_JSON
def start_command(folder: Path, answers_file: Path | None, no_input: bool, as_json: bool) -> int:
    """Make a model in FOLDER from a ledger extract, a contract schedule and a practice list.

    Eight steps are asked for: place, parties and term; ledger; contracts and the ledger lines they
    replace; practices; scope; normalisation; funding; growth and efficiency. Nothing is written
    until all is answered and ties; the answers are remembered in FOLDER. Then: wpb run FOLDER.
    """
    from wpb.intake.first_budget.answers import ANSWERS_FILE
    from wpb.intake.first_budget.telling import as_json as told
    from wpb.intake.first_budget.writing import check_folder, write_model

    check_folder(folder)
    remembered = folder / ANSWERS_FILE
    path = answers_file or (remembered if remembered.is_file() else None)
    asking = not (no_input or as_json) and sys.stdin.isatty()
    answers = _read(path)
    beside = path.parent if path else Path()
    files, joined, made = _make(answers, beside)
    while asking and answers.asked and not answers.log.errors:
        answers, files, joined, made = _asked(answers, beside)
    problems = [*answers.log, *_open_questions(answers)]
    if made is None or any(problem.severity == "error" for problem in problems):
        if as_json:
            print_json({"problems": [problem.as_dict() for problem in problems]})
        else:
            for line in _account_lines(files):
                click.echo(line, err=True)
            print_problems(problems, to_stderr=True)
            click.echo("Nothing was written.", err=True)
        return INPUT_PROBLEMS
    figures = told(str(folder), files, joined, made, answers, [])
    figures["files"] = write_model(folder, made, answers.content, files.paths)
    if as_json:
        print_json(figures)
    else:
        _print(folder, files, figures, problems)
    return 0


def _read(path: Path | None) -> Answers:
    from wpb.intake.first_budget.answers import ANSWERS_FILE, read_answers
    from wpb.kernel.problems import ProblemLog, UsageProblem

    if path is None:
        return read_answers("", ANSWERS_FILE, ProblemLog())
    if not path.is_file():
        raise UsageProblem(f"There is no file {path}.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageProblem(f"{path} is not plain text in UTF-8.") from None
    answers = read_answers(text, path.name, ProblemLog())
    if not answers.content:
        answers.log.raise_if_errors()
    return answers


def _make(answers: Answers, beside: Path) -> tuple[Files, Joined, FirstModel | None]:
    from wpb.intake.first_budget.building import build, read_place
    from wpb.intake.first_budget.joining import join
    from wpb.intake.first_budget.reading import read_files

    files = read_files(answers, beside)
    place = read_place(answers, files)
    joined = join(files, answers)
    ready = place is not None and files.ledger and files.practices and not answers.log.errors
    model = build(place, files, joined, answers) if ready and place is not None else None
    return files, joined, model


def _open_questions(answers: Answers) -> list[Any]:
    from wpb.kernel.problems import Problem

    return [
        Problem("error", answers.place(question.key), question.ask, question.fix, "answer_needed")
        for question in answers.asked
    ]


def _asked(answers: Answers, beside: Path) -> tuple[Answers, Files, Joined, FirstModel | None]:
    """Ask the first open question in the order of the steps, again while its answer is refused."""
    from wpb.intake.first_budget.answers import STEPS, Answers, with_answer

    order = list(STEPS)
    question = min(answers.asked, key=lambda one: order.index(one.key.partition(".")[0]))
    step = order.index(question.key.partition(".")[0]) + 1
    while True:
        said = _prompt(question, step)
        told = Answers(with_answer(answers.content, question.key, said), answers.file)
        files, joined, made = _make(told, beside)
        if not told.log.errors:
            return told, files, joined, made
        print_problems(told.log.errors)


def _prompt(question: Question, step: int) -> Any:
    click.echo(f"\nStep {step} of 8. {question.ask}")
    for number, choice in enumerate(question.choices, 1):
        click.echo(f"  {number}. {choice}")
    said = click.prompt("Answer", prompt_suffix=": ").strip()
    if said.isdigit() and 1 <= int(said) <= len(question.choices) and question.kind != "whole":
        said = question.choices[int(said) - 1]
    if question.kind == "lines" and "," in said:
        return [name.strip() for name in said.split(",")]
    return said


def _account_lines(files: Files) -> list[str]:
    return [line for account in files.accounts for line in (*account.lines(), "")]


def _print(folder: Path, files: Files, figures: dict[str, Any], problems: list[Any]) -> None:
    from decimal import Decimal

    for line in _account_lines(files):
        click.echo(line)
    click.echo("From the ledger to the model, in pounds:")
    width = max(len(row["what"]) for row in figures["schedule"])
    for row in figures["schedule"]:
        sign = "=" if row["is_level"] else " "
        note = f"  {row['note']}" if row["note"] else ""
        click.echo(f"{sign} {row['what']:{width}}  {Decimal(row['pounds']):>18,.2f}{note}")
    click.echo("\nThe ledger by kind:")
    for name, pounds in figures["classified"].items():
        click.echo(f"  {name.replace('_', ' '):16}  {Decimal(pounds):>18,.2f}")
    if figures["assumed"]:
        click.echo("\nAssumed, where nothing was given:")
        for row in figures["assumed"]:
            click.echo(f"  {row['what']} ({row['why']}).")
    if figures["methods_put_off"]:
        click.echo("\nMethods put off, with the pounds they would share out better:")
        for row in figures["methods_put_off"]:
            pounds = Decimal(row["pounds"])
            click.echo(
                f"  {row['contract']}: {row['method']} (table {row['table']}), {pounds:,.2f}"
            )
    if problems:
        print_problems(problems)
    click.echo(f"\nWrote a model to {folder}. Now: wpb run {folder}")

"""`wpb synth`: a whole model with synthetic people, so that anyone can try the tool without patient
data.
"""

from __future__ import annotations

from pathlib import Path

import click

from wpb.commands.running import AS_JSON, print_json


@click.command("synth", short_help="Make synthetic people to try a model with.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--people",
    type=click.IntRange(min=1),
    default=20_000,
    show_default=True,
    help="How many people.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="The same seed and number of people give the same folder.",
)
@click.option(
    "--faulty",
    type=click.FloatRange(0, 0.5),
    default=0.0,
    show_default=True,
    help="Share of records to make faulty, such as 0.01, to see how faults are told.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Write records as CSV instead of Parquet.")
@AS_JSON
def synth_command(
    folder: Path, people: int, seed: int, faulty: float, as_csv: bool, as_json: bool
) -> None:
    """Write to FOLDER a model of a fictitious place with synthetic people and a year of their
    records.

    The folder is a whole model: `wpb check` and `wpb run` take it as it is.
    """
    from wpb.commands.running import progress_reporter

    with progress_reporter() as progress:
        from wpb.patients.synthesis import synthesise

        rows = synthesise(folder, people, seed, faulty, as_csv, progress)
    if as_json:
        print_json({"folder": str(folder), "people": people, "seed": seed, "rows": rows})
        return
    click.echo(f"{folder} holds a model of {people:,} synthetic people:")
    for name, count in rows.items():
        click.echo(f"  {name:<24} {count:>12,} rows")
    click.echo(f"Next: wpb run {folder}")

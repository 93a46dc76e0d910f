"""Demographic growth from population projections by age band, from the source the model chooses.

Source: handbook 3.3.2 Dudley (ONS), 3.3.3 Tower Hamlets (GLA capped SHLAA); req 167, 175.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from wpb.forecast.growth import year_on_year
from wpb.kernel.calendar import next_year
from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ledger, Ref
from wpb.kernel.places import Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn, SectionValue, year_columns


def weighted_people(people: Array, use_per_person: Array) -> Array:
    """What an age band would use: people x use per person.

    Source: handbook 3.3.2; req 167, 175.
    """
    return people * use_per_person


def index_to_first(people: Array, people_in_first_year: Array) -> Array:
    """A population as an index: people / people in the first year.

    Source: handbook 3.3.3 Tower Hamlets; req 175.
    """
    return people / people_in_first_year


def index_gap(index: Array, basis_index: Array) -> Array:
    """How far one population index runs from another: index - index of the basis of allocations.

    Source: handbook 3.3.3 Tower Hamlets; req 175.
    """
    return index - basis_index


def projected_growth(
    model: Model,
    ledger: Ledger,
    prefix: str,
    categories: Sequence[str],
    years: tuple[str, ...],
    wanted: tuple[str, ...],
    problems: ProblemLog,
) -> Block:
    """Demographic growth of each category: use of the year's population / use of the year before -
    1.

    use = sum over age bands of people x use per person; without a profile every person counts
    alike. A year that is not wanted (before growth starts) gets nought. Gives [category, year].
    Source: handbook 3.3.2 Dudley, 3.3.3 Tower Hamlets; req 167, 175.
    """
    axis = Axis("growth category", tuple(categories))
    found = Projection(model, str(model.settings.population.get("projection", "")), problems)
    before = tuple(next_year(year, -1) if year in wanted else year for year in years)
    levels = {}
    if found.usable({*years, *before}):
        for name, at in (("this_year", years), ("last_year", before)):
            levels[name] = found.use(ledger, f"{prefix}/population/{name}", axis, years, at)
    problems.raise_if_errors()
    return ledger.add(
        f"{prefix}/population_growth",
        year_on_year,
        axis,
        "rate",
        years=years,
        title="Demographic growth from population projections",
        **levels,
    )


class Projection:
    """One source of population projections: people by age band and year."""

    def __init__(self, model: Model, source: str, problems: ProblemLog) -> None:
        self.model, self.source, self.problems = model, source, problems
        self.table, self.profiles = model["population_projections"], model["age_profiles"]
        keys = zip(
            self.table.text("projection"),
            self.table.text("age_band"),
            self.table.text("year"),
            strict=True,
        )
        self.rows = {
            (band, year): row
            for row, (projection, band, year) in enumerate(keys)
            if projection == source
        }
        self.bands = tuple(sorted({band for band, _ in self.rows}))

    def usable(self, years: set[str]) -> bool:
        """Say whether every age band has people for every year; what lacks is logged."""
        settings = self.model.settings
        if not self.rows:
            known = sorted(set(self.table.text("projection")))
            self.problems.error(
                settings.where("forecast.population.projection"),
                f"Demographic growth is to come from the population projection '{self.source}',"
                " which has no rows.",
                f"Choose one of {', '.join(known) or 'none'} in forecast.population.projection, or"
                " add its rows to population_projections.",
                "projection_missing",
            )
            return False
        lacking = sorted(
            {year for year in years for band in self.bands if (band, year) not in self.rows}
        )
        if lacking:
            self.problems.error(
                self.table.where(next(iter(self.rows.values())), "year"),
                f"The projection '{self.source}' lacks people for some age bands in"
                f" {', '.join(lacking)}.",
                "Add the rows; nothing is carried past the last projected year.",
                "projection_years",
            )
        if any(self.table.numbers("people")[row] <= 0 for row in self.rows.values()):
            self.problems.error(
                self.table.where(next(iter(self.rows.values())), "people"),
                f"The projection '{self.source}' has an age band without people.",
                "Enter people above nought, or leave the band out.",
                "projection_years",
            )
        return not self.problems.errors

    def people(
        self, ledger: Ledger, block_id: str, years: tuple[str, ...], at: tuple[str, ...]
    ) -> Block:
        """People by age band at some years."""
        people = self.table.numbers("people")
        values = np.array([[people[self.rows[band, year]] for year in at] for band in self.bands])
        return ledger.leaf(
            block_id,
            Axis("age band", self.bands),
            "people",
            values,
            lambda row, year: self.table.where(self.rows[self.bands[row], at[year]], "people"),
            years=years,
            title="People",
        )

    def use(
        self, ledger: Ledger, block_id: str, axis: Axis, years: tuple[str, ...], at: tuple[str, ...]
    ) -> Block:
        """Use by category at some years: sum over age bands of people x use per person."""
        bands = Axis(
            "category and age band",
            tuple(f"{code}.{band}" for code in axis.codes for band in self.bands),
        )
        cells = [(code, band) for code in axis.codes for band in self.bands]
        people = self.table.numbers("people")
        values = np.array([[people[self.rows[band, year]] for year in at] for _, band in cells])
        count = ledger.leaf(
            f"{block_id}/people",
            bands,
            "people",
            values,
            lambda row, year: self.table.where(self.rows[cells[row][1], at[year]], "people"),
            years=years,
            title="People",
        )
        weights, where = self._weights(cells)
        use = ledger.leaf(
            f"{block_id}/use_per_person", bands, "units", weights, where, title="Use per person"
        )
        weighed = ledger.add(
            f"{block_id}/by_age",
            weighted_people,
            bands,
            "units",
            years,
            "Use by age",
            people=count,
            use_per_person=use,
        )
        return ledger.total(
            block_id,
            axis,
            (weighed, [axis.positions[code] for code, _ in cells]),
            title="Use of the population",
        )

    def _weights(
        self, cells: list[tuple[str, str]]
    ) -> tuple[list[float], Callable[[int, int], Place]]:
        given = {
            key: row
            for row, key in enumerate(
                zip(
                    self.profiles.text("growth_category"),
                    self.profiles.text("age_band"),
                    strict=True,
                )
            )
        }
        profiled = {code for code, _ in given}
        for code, band in cells:
            if code in profiled and (code, band) not in given:
                row = next(row for (other, _), row in given.items() if other == code)
                self.problems.error(
                    self.profiles.where(row, "age_band"),
                    f"The use by age of '{code}' has no row for the age band '{band}' of the"
                    f" projection '{self.source}'.",
                    "Add a row; a band nobody of which uses the service has 0.",
                    "profile_bands",
                )
        self.problems.raise_if_errors()
        use = self.profiles.numbers("use_per_person")
        reason = self.model.settings.where("forecast.population.projection")
        weights = [float(use[given[cell]]) if cell in given else 1.0 for cell in cells]
        return (
            weights,
            lambda row, year: (
                self.profiles.where(given[cells[row]], "use_per_person")
                if cells[row] in given
                else reason
            ),
        )


def population_section(model: Model, ledger: Ledger, problems: ProblemLog) -> Section | None:
    """Show every projection as an index from the first year, and how far the chosen one runs from
    the basis of allocations.

    Source: handbook 3.3.3 Tower Hamlets; req 175.
    """
    table, settings = model["population_projections"], model.settings
    if not len(table):
        return None
    chosen, basis = (
        settings.population.get(part, "") for part in ("projection", "allocation_basis")
    )
    indices = {}
    for source in sorted(set(table.text("projection"))):
        found = Projection(model, source, ProblemLog())
        if found.usable(set(settings.years)):
            indices[source] = _index(ledger, source, found, settings.years)
    rows: list[tuple[SectionValue, ...]] = []
    for source, block in indices.items():
        part = (
            "used, and the basis of allocations"
            if source == chosen == basis
            else "used"
            if source == chosen
            else "basis of allocations"
            if source == basis
            else ""
        )
        rows.append((source, part, *(block.at(0, year) for year in range(len(settings.years)))))
    if chosen in indices and basis in indices and chosen != basis:
        gap = ledger.add(
            "population/misalignment",
            index_gap,
            TOTAL,
            "ratio",
            settings.years,
            "Misalignment with the basis of allocations",
            index=indices[chosen],
            basis_index=indices[basis],
        )
        rows.append(
            (
                "difference",
                "used less basis",
                *(gap.at(0, year) for year in range(len(settings.years))),
            )
        )
        problems.note(
            settings.where("forecast.population.allocation_basis"),
            f"Demographic growth rests on '{chosen}' and allocations on '{basis}': by"
            f" {settings.years[-1]} the two differ by {gap.at(0, len(settings.years) - 1):+.2%} of"
            " the first year's population.",
            "Weigh it where the forecast is set against allocations.",
            "projection_misaligned",
        )
    elif chosen and not basis:
        problems.warning(
            settings.where("forecast.population.projection"),
            "It is not said which population projection allocations rest on.",
            "Fill in forecast.population.allocation_basis, so that any misalignment can be shown.",
            "projection_basis",
        )
    reason = settings.population.get("reason", "")
    note = f"People as an index, {settings.years[0]} being 1. {reason}".strip()
    return Section(
        "population_projections",
        "Population projections",
        note,
        (
            SectionColumn("projection", "Projection", "code"),
            SectionColumn("part", "Part it plays"),
            *year_columns(settings.years, "number"),
        ),
        tuple(rows),
    )


def _index(ledger: Ledger, source: str, found: Projection, years: tuple[str, ...]) -> Block:
    leaf = found.people(ledger, f"population/{source}/by_age", years, years)
    total = ledger.total(f"population/{source}", TOTAL, (leaf, None), title="People")
    return ledger.add(
        f"population/{source}/index",
        index_to_first,
        TOTAL,
        "ratio",
        years,
        "Population index",
        people=total,
        people_in_first_year=Ref(total, years=years[0]),
    )

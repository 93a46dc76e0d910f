"""Builds the settings of a model from flat entries, whichever file they came from, collecting every
problem.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from wpb.intake.settings_files import Entry
from wpb.kernel.calendar import is_financial_year, start_year
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.kernel.ranges import range_of_unit
from wpb.kernel.words import did_you_mean, one_of
from wpb.tables.settings import Choice, Extension, ModelSettings
from wpb.tables.settings_shape import (
    ATTRIBUTES,
    FIRST_YEAR,
    LAST_YEAR,
    MOST_YEARS,
    SETTINGS,
    Setting,
)

ALIGNMENT = (
    "population_share",
    "service_share",
    "minimum_share",
    "expected_growth_gap",
    "maximum_growth_gap",
)
MEASURED_SHARES = ("population_share", "service_share")
"""Measured by the model itself where scope widens or almost the whole stream is in scope."""
EXTENSION_PARTS = ("key", "how", "until", "reason")


@dataclass
class _Reader:
    entries: dict[str, Entry]
    file: str
    log: ProblemLog

    def where(self, key: str) -> Cell:
        """The place of a setting, or of the nearest part of its key that is there."""
        parts = key.split(".")
        while parts:
            entry = self.entries.get(".".join(parts))
            if entry:
                return entry.where
            parts.pop()
        return Cell(self.file, "model", "")

    def text(self, key: str, setting: Setting, required: bool) -> str:
        entry = self.entries.get(key)
        text = entry.text if entry else ""
        if not text and required:
            state = "is blank" if entry else "is missing"
            self.log.error(
                self.where(key),
                f"The setting '{key}' {state}.",
                f"{setting.help}; for example {setting.example}.",
                "setting_missing",
            )
        return text

    def get(self, key: str, pattern: str = "", required: bool | None = None) -> str:
        """Read one setting as text, checked for its kind; '' where blank or wrong."""
        setting = SETTINGS_BY_KEY[pattern or key]
        text = self.text(key, setting, setting.required if required is None else required)
        fault = _fault(setting, text) if text else ""
        if fault:
            self.log.error(
                self.where(key),
                f"'{text}' in '{key}' {fault}",
                _mend(setting, text),
                "setting_wrong",
            )
            return ""
        return text


SETTINGS_BY_KEY = {setting.key: setting for setting in SETTINGS}


def _fault(setting: Setting, text: str) -> str:
    if setting.kind == "year":
        if not is_financial_year(text):
            return "is not a financial year."
        return "" if FIRST_YEAR <= start_year(text) <= LAST_YEAR else "is out of range."
    if setting.kind == "date":
        return "" if _is_date(text) else "is not a date."
    if setting.kind == "years":
        return (
            ""
            if text.isdigit() and 1 <= int(text) <= MOST_YEARS
            else "is not a whole number of years in range."
        )
    if setting.kind in ("share", "rate", "number"):
        value = _number(text)
        if value is None:
            return "is not a number."
        allowed = range_of_unit(setting.kind)
        return "" if allowed.holds(value) else f"is not a {setting.kind} {allowed.words}."
    if setting.kind == "choice":
        return "" if text in setting.choices else "is not one of the choices."
    if setting.kind == "choices":
        return (
            ""
            if all(part in setting.choices for part in _parts(text))
            else "holds a value that is not one of the choices."
        )
    if setting.key == "currency":
        return "" if re.fullmatch(r"[A-Z]{3}", text) else "is not a currency code."
    return ""


def _mend(setting: Setting, text: str) -> str:
    if setting.choices:
        wrong = next((part for part in _parts(text) if part not in setting.choices), text)
        return f"{did_you_mean(wrong, setting.choices)}Use {one_of(setting.choices)}."
    return {
        "year": f"Write it as {setting.example}, from 2010-11 to 2060-61.",
        "date": f"Write it as year-month-day, for example {setting.example}.",
        "years": f"Enter a whole number from 1 to {MOST_YEARS}.",
        "share": f"Enter a share such as {setting.example} or 97%.",
        "rate": f"Enter a rate such as {setting.example} or 0.5%.",
        "number": f"Enter a number such as {setting.example}.",
    }.get(setting.kind, "Use three capital letters, for example GBP.")


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.strip("[]").split(",") if part.strip()]


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _number(text: str) -> float | None:
    scale = 100.0 if text.endswith("%") else 1.0
    try:
        return float(text.removesuffix("%")) / scale
    except ValueError:
        return None


def build_settings(
    entries: dict[str, Entry], log: ProblemLog, file: str = "model.yaml"
) -> ModelSettings | None:
    """Turn flat entries into settings, logging every problem; None where the term itself can't be
    known.

    Where some other setting is wrong its place is filled with '' so that the tables can still be
    checked: the log then holds errors and the model never leaves the reader.
    Source: handbook 2.1, 2.7, 3.2.1, 3.4; req 37, 148, 177, 361.
    """
    reader = _Reader(entries, file, log)
    _refuse_unknown(reader)
    text = {key: reader.get(key) for key in SETTINGS_BY_KEY if "{}" not in key}
    routes, alignment = _routes(reader)
    extensions = _extensions(reader)
    if not (text["contract.first_year"] and text["contract.years"] and text["baseline.spend_year"]):
        return None
    places = {key: entry.where for key, entry in entries.items()}
    places |= {attribute: reader.where(key) for attribute, key in ATTRIBUTES.items()}
    settings = ModelSettings(
        model=text["model"],
        title=text["title"],
        currency=text["currency"],
        prepared_by=text["prepared_by"],
        prepared_on=text["prepared_on"],
        lead_provider=text["lead_provider"],
        form=text["form"],
        first_contract_year=text["contract.first_year"],
        contract_years=int(text["contract.years"]),
        spend_year=text["baseline.spend_year"],
        conversion_steps=tuple(_parts(text["baseline.convert.steps"])),
        conversion_reason=text["baseline.convert.reason"],
        efficiency_method=Choice(
            text["forecast.efficiency.method"], text["forecast.efficiency.reason"]
        ),
        forecast_routes=routes,
        alignment=alignment,
        extensions=extensions,
        known_on=text["assumptions.known_on"],
        route_switches=_of_routes(reader, "switch_year"),
        route_presets=_of_routes(reader, "preset"),
        target_needs=_of_routes(reader, "target_need"),
        presentation=text["forecast.presentation"] or "sequential",
        population={
            part: text[f"forecast.population.{part}"]
            for part in ("projection", "allocation_basis", "reason")
        },
        combination={
            part: text[f"forecast.combination.{part}"]
            for part in ("method", "agreed_by", "agreed_on", "reason")
        },
        savings_share=Choice(
            text["forecast.savings.share_in_budget"], text["forecast.savings.reason"]
        ),
        vehicle=text["contract.vehicle"] or "icp_contract",
        places=places,
        no_growth_reasons={
            key.removeprefix("forecast.no_growth."): entry.text
            for key, entry in entries.items()
            if key.startswith("forecast.no_growth.") and entry.text
        },
    )
    _check_years(settings, reader)
    return settings


def _refuse_unknown(reader: _Reader) -> None:
    shapes = {_shape_pattern(setting.key) for setting in SETTINGS}
    groups = {
        _shape_pattern(".".join(setting.key.split(".")[:length]))
        for setting in SETTINGS
        for length in range(1, setting.key.count(".") + 1)
    }
    refused: list[str] = []
    for key, entry in reader.entries.items():
        if any(re.fullmatch(shape, key) for shape in shapes) or any(
            key.startswith(f"{parent}.") for parent in refused
        ):
            continue
        if any(re.fullmatch(group, key) for group in groups):
            if entry.text:
                reader.log.error(
                    entry.where,
                    f"'{key}' holds '{entry.text}', but it should hold settings of its own.",
                    f"Write them under it, indented: {_below(key)}.",
                    "setting_shape",
                )
            continue
        refused.append(key)
        parent, _, last = key.rpartition(".")
        reader.log.error(
            entry.where,
            f"'{key}' is not a setting.",
            f"{did_you_mean(last, _siblings(parent))}Settings here:"
            f" {', '.join(_siblings(parent)) or 'none'}.",
            "setting_unknown",
        )


def _shape_pattern(key: str) -> str:
    return re.escape(key).replace(r"\{\}", r"[^.]+")


def _siblings(parent: str) -> list[str]:
    found: dict[str, None] = {}
    depth = parent.count(".") + 1 if parent else 0
    for setting in SETTINGS:
        parts = setting.key.split(".")
        if (
            len(parts) > depth
            and (not parent or re.fullmatch(_shape_pattern(".".join(parts[:depth])), parent))
            and parts[depth] != "{}"
        ):
            found[parts[depth]] = None
    return list(found)


def _below(key: str) -> str:
    return ", ".join(_siblings(key)) or "one line for each name"


def _names(reader: _Reader, prefix: str) -> list[str]:
    return list(
        dict.fromkeys(
            key[len(prefix) :].split(".")[0] for key in reader.entries if key.startswith(prefix)
        )
    )


def _routes(reader: _Reader) -> tuple[dict[str, Choice], dict[str, dict[str, float]]]:
    routes: dict[str, Choice] = {}
    alignment: dict[str, dict[str, float]] = {}
    for stream in _names(reader, "forecast.routes."):
        stem = f"forecast.routes.{stream}"
        route = reader.get(f"{stem}.route", "forecast.routes.{}.route")
        routes[stream] = Choice(route, reader.get(f"{stem}.reason", "forecast.routes.{}.reason"))
        measured = bool(
            reader.get(f"{stem}.preset", "forecast.routes.{}.preset")
            or reader.get(f"{stem}.switch_year", "forecast.routes.{}.switch_year")
        )
        by_allocation = route == "allocation_growth" or measured
        measures = {}
        for part in ALIGNMENT:
            required = by_allocation and not (measured and part in MEASURED_SHARES)
            text = reader.get(
                f"{stem}.alignment.{part}",
                f"forecast.routes.{{}}.alignment.{part}",
                required=required,
            )
            value = _number(text) if text else None
            if value is not None:
                measures[part] = value
        if by_allocation:
            alignment[stream] = measures
        elif measures:
            reader.log.warning(
                reader.where(f"{stem}.alignment"),
                f"Alignment is given for the stream '{stream}', which isn't on the allocation"
                " route, so it is not used.",
                "Take it out, or choose allocation_growth.",
                "setting_unused",
            )
    return routes, alignment


def _of_routes(reader: _Reader, part: str) -> dict[str, str]:
    """One optional setting of each stream's route, where it is given; its faults were logged with
    the route.
    """
    quiet = _Reader(
        reader.entries, reader.file, ProblemLog() if part != "target_need" else reader.log
    )
    found = {
        stream: quiet.get(f"forecast.routes.{stream}.{part}", f"forecast.routes.{{}}.{part}")
        for stream in _names(reader, "forecast.routes.")
    }
    return {stream: text for stream, text in found.items() if text}


def _extensions(reader: _Reader) -> tuple[Extension, ...]:
    found: dict[str, Extension] = {}
    for number in _names(reader, "assumptions.extend."):
        parts = [
            reader.get(
                f"assumptions.extend.{number}.{part}",
                f"assumptions.extend.{{}}.{part}",
                required=True,
            )
            for part in EXTENSION_PARTS
        ]
        extension = Extension(*parts)
        if extension.key and extension.key in found:
            reader.log.error(
                reader.where(f"assumptions.extend.{number}.key"),
                f"The assumption '{extension.key}' is extended twice.",
                "Keep one of the two.",
                "setting_twice",
            )
        found[extension.key] = extension
    return tuple(found.values())


def _check_years(settings: ModelSettings, reader: _Reader) -> None:
    """Check that spend, conversion and term follow one another, so that no year is grown twice or
    left out.

    Source: handbook 2.1, 2.2, 2.7, Figs 15-17; req 140.
    """
    where = reader.where("baseline.spend_year")
    spend, first = start_year(settings.spend_year), start_year(settings.first_contract_year)
    if spend > first:
        reader.log.error(
            where,
            f"Today's spend is for {settings.spend_year}, after the contract starts in"
            f" {settings.first_contract_year}.",
            "Correct one of the two years.",
            "years_order",
        )
    if settings.conversion_steps and spend != first - 1:
        reader.log.error(
            where,
            f"The baseline is converted from {settings.spend_year} to"
            f" {settings.first_contract_year}, but conversion carries spend forward by exactly one"
            " year.",
            "Use spend of the year before the contract, or leave baseline.convert.steps empty and"
            " let the forecast grow it.",
            "conversion_years",
        )
    if settings.conversion_steps and not settings.conversion_reason:
        reader.log.error(
            reader.where("baseline.convert.steps"),
            "The baseline is converted, but no reason is given.",
            "Fill in baseline.convert.reason.",
            "setting_missing",
        )
    if first + settings.contract_years - 1 > LAST_YEAR:
        reader.log.error(
            reader.where("contract.years"),
            "The contract runs past 2060-61.",
            "Shorten the term, or correct the first year.",
            "years_range",
        )

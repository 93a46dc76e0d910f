"""Every option of every step, found in the files of this folder: a new file is a new option.

Source: handbook Table 2, Fig 3; req 37.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import TypeVar

import wpb.tables.methods as folder
from wpb.tables.methods.option import (
    STEPS,
    ListOption,
    Option,
    ServiceOption,
    SourceOption,
    SplitOption,
    Step,
    WeightOption,
)

Kind = TypeVar("Kind", bound=Option)


def _declared() -> dict[tuple[Step, str], Option]:
    """Every OPTION of the folder's files, by step in the handbook's order of preference."""
    found: list[Option] = []
    for module in pkgutil.iter_modules(folder.__path__):
        if module.name != "registry":
            option = getattr(import_module(f"{folder.__name__}.{module.name}"), "OPTION", None)
            if isinstance(option, Option):
                found.append(option)
    found.sort(key=lambda option: (STEPS.index(option.step), option.order))
    named = {(option.step, option.name): option for option in found}
    places = {(option.step, option.order) for option in found}
    assert len(named) == len(places) == len(found), "two options of a step share a name or a place"
    return named


OPTIONS = _declared()
"""Every option by step and name."""


def _of(step: Step, kind: type[Kind]) -> Mapping[str, Kind]:
    found = {name: option for (of, name), option in OPTIONS.items() if of == step}
    assert all(isinstance(option, kind) for option in found.values()), f"a stranger in {step}"
    return {name: option for name, option in found.items() if isinstance(option, kind)}


SPLIT_OPTIONS = _of("non_service_split", SplitOption)
STEP_1_OPTIONS = _of("step_1", ServiceOption)
STEP_2_OPTIONS = _of("step_2", SourceOption)
STEP_3_OPTIONS = _of("step_3", WeightOption)
STEP_4_OPTIONS = _of("step_4", ListOption)

METHOD_OPTIONS: dict[str, tuple[str, ...]] = {
    step: tuple(name for of, name in OPTIONS if of == step) for step in STEPS
}
"""Names of the options of each step, in the handbook's order of preference."""


def options_help() -> str:
    """Name the options of every step, for the template and the docs.

    Source: handbook Table 2, Fig 3; req 37.
    """
    return "; ".join(f"{step}: {', '.join(names)}" for step, names in METHOD_OPTIONS.items())

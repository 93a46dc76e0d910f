"""The bundled examples, read and calculated once for all the tests that only look at them."""

from __future__ import annotations

import functools
from pathlib import Path

import wpb
from wpb.api import LoadedModel
from wpb.run import Budget

EXAMPLES = Path(__file__).parents[1] / "examples"


@functools.cache
def example(name: str) -> LoadedModel:
    """A bundled model; whoever changes anything of it loads their own."""
    return wpb.load(EXAMPLES / name)


@functools.cache
def budget_of(name: str) -> Budget:
    """The budget of a bundled model."""
    return example(name).run()

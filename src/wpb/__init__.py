"""Whole population budgets: from current spend to a traced ten-year budget, its contract and its money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wpb.api import LoadedModel, load

__version__ = "0.1.0"
__all__ = ["LoadedModel", "__version__", "load"]


def __getattr__(name: str) -> Any:
    if name in ("load", "LoadedModel"):
        from wpb import api

        return getattr(api, name)
    raise AttributeError(f"module 'wpb' has no attribute '{name}'")

"""Whole population budgets: from current spend to a traced ten-year budget, its contract and its
money.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wpb.api import LoadedModel, load

__version__ = "0.1.0"
__all__ = ["LoadedModel", "__version__", "load"]


RENAMED: dict[str, tuple[str, str]] = {}
"""Names that went on under another: the old name, the new one, and the version that takes the old
one away.
"""


def __getattr__(name: str) -> Any:
    if name in RENAMED:
        import warnings

        new, until = RENAMED[name]
        warnings.warn(
            f"wpb.{name} is now wpb.{new}; the old name goes in version {until}",
            DeprecationWarning,
            stacklevel=2,
        )
        name = new
    if name in ("load", "LoadedModel"):
        from wpb import api

        return getattr(api, name)
    raise AttributeError(f"module 'wpb' has no attribute '{name}'")

"""Checks that look across tables and settings: whether the pieces of a model fit one another.

What can be said of one table alone is declared in its class; the rest is here, a function marked
`across` each. Every module of this folder is found by itself.
"""

from __future__ import annotations

import importlib
import pkgutil

from wpb.tables.checks.context import ACROSS, Context

for _module in sorted(found.name for found in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_module}")

__all__ = ["ACROSS", "Context", "check_across"]


def check_across(context: Context) -> None:
    """Run every check across tables; a check is passed over where a table it needs couldn't be
    read.

    Source: handbook 2.1-2.7, 3.2-3.6; req 1, 18, 38-39, 44-46, 48-62, 77-88, 96-101, 106-112, 114,
    117, 124, 127-130, 133, 137-139, 142-146, 148-152, 348, 361.
    """
    for check in ACROSS:
        check(context)

"""The one way YAML is read: bounded in size and depth, and without aliases.

An alias repeats a part of a file by name. A few lines of them, each naming the line before several
times, unfold to billions of values; no file of a model needs one.
"""

from __future__ import annotations

from typing import Any, Literal

MOST_LETTERS = 4_000_000
MOST_DEEP = 60
ALIAS = "it repeats a part by name (*name), which is not read here; write the part out in full"
DEEP = f"it is nested more than {MOST_DEEP} levels deep"


def yaml_reader(kind: Literal["rt", "safe"] = "rt") -> Any:
    """Give a YAML reader that refuses aliases and nesting beyond what any file of a model has.

    What it refuses, it raises as MarkedYAMLError at the line.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.composer import Composer, ComposerError
    from ruamel.yaml.events import AliasEvent

    class Bounded(Composer):
        """Composes a file's values as they stand, each once."""

        deep = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            """Compose one value; raise ComposerError for an alias, or one nested too deep."""
            if self.parser.check_event(AliasEvent):
                raise ComposerError(None, None, ALIAS, self.parser.peek_event().start_mark)
            if self.deep >= MOST_DEEP:
                raise ComposerError(None, None, DEEP, self.parser.peek_event().start_mark)
            self.deep += 1
            try:
                return super().compose_node(parent, index)
            finally:
                self.deep -= 1

    yaml = YAML(typ=kind, pure=True)
    yaml.Composer = Bounded
    return yaml


def load_yaml(text: str, reader: Any = None) -> Any:
    """Read YAML to values, lines kept where the reader keeps them.

    Raises YAMLError (MarkedYAMLError at a line) for whatever can't be read.
    """
    return _bounded(text, (reader or yaml_reader()).load)


def compose_yaml(text: str) -> Any:
    """Read YAML to nodes, each with its line. Raises YAMLError as `load_yaml` does."""
    return _bounded(text, yaml_reader().compose)


def _bounded(text: str, read: Any) -> Any:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if len(text) > MOST_LETTERS:
        raise MarkedYAMLError(
            problem=f"it holds {len(text):,} letters; such a file may hold {MOST_LETTERS:,}"
        )
    try:
        return read(text)
    except YAMLError:
        raise
    except (ValueError, OverflowError, RecursionError, KeyError, TypeError) as fault:
        # A number of thousands of digits, a day that does not exist, a list used as a name.
        raise MarkedYAMLError(problem=f"a value in it can't be read ({str(fault)[:80]})") from fault

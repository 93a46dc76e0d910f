"""Words for the user: the nearest known word to one that was mistyped, and lists as in a
sentence.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """Give the known word nearest to one that was mistyped, or '' where none is near."""
    by_folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Ask 'Did you mean ...? ' with the nearest known word, or '' where none is near."""
    found = nearest(word, known)
    return f"Did you mean '{found}'? " if found else ""


def one_of(words: Iterable[str]) -> str:
    """List words as in a sentence: 'a, b or c'."""
    listed = list(words)
    return (
        listed[0]
        if len(listed) == 1
        else f"{', '.join(listed[:-1])} or {listed[-1]}"
        if listed
        else "nothing"
    )

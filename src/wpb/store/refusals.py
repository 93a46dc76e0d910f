"""What the store refuses, in words for the person who asked."""

from __future__ import annotations


class Conflict(Exception):
    """Raised where someone else was first, or the thing is closed: nothing was changed, and the
    message says what to do.
    """


class Absent(Exception):
    """Raised where what was asked for isn't there."""


class Forbidden(Exception):
    """Raised where something is another organisation's, and only it may change it."""

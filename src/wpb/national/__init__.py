"""National assumptions as published: dated text files, each value with its citation, and their
bibliography.
"""

from importlib.resources import files
from pathlib import Path


def national_folder() -> Path:
    """Give the folder of the packaged national assumptions, for
    `wpb.kernel.assumptions.load_book`.
    """
    return Path(str(files(__name__)))

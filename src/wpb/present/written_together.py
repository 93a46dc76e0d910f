"""Files of one result, written so that a stop leaves either all the old ones or all the new ones.

Source: req 366.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from wpb.kernel.problems import UsageProblem


def write_together(folder: Path, texts: Mapping[str, str]) -> None:
    """Write every file beside its place first, then let all take their places; others in the folder
    stay as they are.

    Raises UsageProblem where the folder is a file.
    Source: req 366.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageProblem(
            f"{folder} is a file, so results cannot be written there. Name a folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    try:
        for name, text in texts.items():
            (fresh / name).write_text(text, encoding="utf-8", newline="\n")
        for name in texts:
            (fresh / name).replace(folder / name)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)

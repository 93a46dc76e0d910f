"""The report of a fault inside wpb: everything its makers need, and nothing of the model's
figures.
"""

from __future__ import annotations

import datetime
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path


def write_fault_report(fault: BaseException, arguments: Sequence[str]) -> str:
    """Write what went wrong to a file of its own and give the words for the user, which name that
    file.

    The report holds the command, the versions and the way the fault took through the program;
    values of the model are left out.
    """
    from wpb import __version__

    text = "\n".join(
        (
            "Report of a fault inside wpb",
            f"when: {datetime.datetime.now().astimezone().isoformat(timespec='seconds')}",
            f"wpb {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"command: wpb {' '.join(arguments)}",
            "",
            "".join(traceback.format_exception(fault)),
        )
    )
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="wpb-fault-", suffix=".txt", delete=False, encoding="utf-8"
        ) as report:
            report.write(text)
        place = f"A report is at {Path(report.name)}"
    except OSError:
        sys.stderr.write(f"{text}\n")
        place = "The report could not be saved, so it is printed above"
    return (
        "Something went wrong inside wpb; the fault is ours, not yours. Your inputs and earlier"
        f" results are as they were. {place}; please send it to whoever keeps wpb for you."
    )

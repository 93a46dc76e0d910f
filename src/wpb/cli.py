"""The command line: the way in, and how a command's end becomes an exit code.

Exit codes: 0 done; 1 problems in the inputs; 2 wrong usage; 3 a check the user asked for failed;
4 a fault inside wpb, with a report file and no traceback; 130 stopped from the keyboard.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from wpb.commands.catalogue import help_text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code; whatever goes wrong, the user reads words and no
    traceback.

    Help is printed before anything else is imported, so that it comes at once.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if given in ([], ["--help"], ["-h"]):
        print(help_text())
        return 0
    try:
        from wpb.commands.group import cli

        answer = cli.main(args=given, prog_name="wpb", standalone_mode=False)
        return answer if type(answer) is int else 0
    except BaseException as stop:  # noqa: BLE001 - every end is told in words
        from wpb.commands.running import exit_code_of

        return exit_code_of(stop, given)

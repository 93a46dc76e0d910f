"""How long `wpb --help` takes beside a bare start of the same Python.

python benchmarks/start_up.py
"""

from __future__ import annotations

import sys

from timing import command_runner, compare, peak_memory_mb

TARGET = 4.0


def main() -> int:
    """Print the ratio and the memory; exit code 1 above the target."""
    help_command = [sys.executable, "-m", "wpb", "--help"]
    bare_command = [sys.executable, "-c", "pass"]
    comparison = compare(
        "wpb --help against a bare start of Python",
        command_runner(help_command),
        command_runner(bare_command),
        turns=21,
    )
    print(f"{comparison}; at most {TARGET:.0f} is wanted")
    if sys.platform != "win32":
        print(
            f"peak memory: {peak_memory_mb(help_command):.0f} MB against"
            f" {peak_memory_mb(bare_command):.0f} MB"
        )
    return 0 if comparison.ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())

"""Peak memory and seconds of the whole of `wpb run` on the bundled model, from a cold process.

python benchmarks/whole_run.py
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from timing import command_runner, peak_memory_mb, seconds_of

MODEL = Path(__file__).resolve().parent.parent / "examples" / "midshire"
TARGET_MB = 500


def main() -> int:
    """Print the highest memory and the median time; exit code 1 above the target."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "midshire"
        shutil.copytree(MODEL, model, ignore=shutil.ignore_patterns("results"))
        run_command = [sys.executable, "-m", "wpb", "run", str(model)]
        peak_mb = peak_memory_mb(run_command)
        seconds = [seconds_of(command_runner(run_command)) for _ in range(3)]
    print(
        f"wpb run examples/midshire: peak memory {peak_mb:.0f} MB, under {TARGET_MB} MB is wanted;"
        f" {statistics.median(seconds):.1f} s (median of 3)"
    )
    return 0 if peak_mb < TARGET_MB else 1


if __name__ == "__main__":
    sys.exit(main())

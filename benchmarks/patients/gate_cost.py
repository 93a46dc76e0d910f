"""What the gate costs: the processor time of everything that decides, lists and remembers what may
leave, as a share of the people's run.

Target: at most a tenth. Each run starts from nothing kept but the records.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import wpb
from wpb.patients.synthesis import synthesise

GATE = {
    "pooled",
    "note_activity",
    "_summarise_registers",
    "told_by_segment",
    "hold_differences",
    "_keep_released",
    "_tell_checker",
    "note",
    "_everyones_bands",
    "gives_away_few",
    "by_segment_table",
}
"""Functions that are of the gate alone, none of which calls another; use by segment is put together
for the forecast too, and counts where it is done again.
"""
MOST = 0.10


def main() -> int:
    """Measure one run and print the share; 1 where it is above the target."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--people", type=int, default=20_000)
    people = words.parse_args().people
    with TemporaryDirectory() as folder:
        place = Path(folder) / "place"
        synthesise(place, people, 5)
        profile = cProfile.Profile()
        profile.enable()
        loaded = wpb.load(place)
        loaded.run()
        loaded.write_people(place / "results")
        profile.disable()
        stats = pstats.Stats(profile)
    spent: dict[str, float] = {}
    everything = 0.0
    for (file, _, name), (_, _, own, whole, _) in stats.stats.items():  # type: ignore[attr-defined]
        everything += own
        if name in GATE and "patients" in file:
            spent[name] = spent.get(name, 0.0) + whole
    share = sum(spent.values()) / everything
    for name, seconds in sorted(spent.items(), key=lambda one: -one[1]):
        print(f"{name:24} {seconds:7.3f} s")
    print(f"the gate: {sum(spent.values()):.2f} of {everything:.2f} s, {share:.1%}")
    return int(share > MOST)


if __name__ == "__main__":
    sys.exit(main())

"""Two tiers of tests: what every build runs, and heavy families of which it runs a stated sample.

A test marked `deep(sample=2)` is a family, usually one with many parameters. `--deep` runs all of
it; without, `sample` of its members (which may be none), drawn by `--deep-seed`. The end of a run
says which.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence

import pytest

PROPERTY = "deep"


def add_options(parser: pytest.Parser) -> None:
    """Let a run ask for every deep test, or for another sample of them."""
    group = parser.getgroup("tiers")
    group.addoption("--deep", action="store_true", help="run every deep test, not a sample")
    group.addoption("--deep-seed", type=int, default=1, help="draw another sample of deep tests")


def choose(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the deep tests that the sample does not hold, and note on the others what it is."""
    families: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("deep"):
            families[family_of(item)].append(item)
    seed, left_out = config.getoption("--deep-seed"), set()
    unseen: list[str] = []
    for family, members in families.items():
        marker = members[0].get_closest_marker("deep")
        assert marker is not None
        chosen = drawn(members, int(marker.kwargs["sample"]), f"{seed} {family}")
        if config.getoption("--deep"):
            chosen = members
        left_out |= {id(item) for item in members} - {id(item) for item in chosen}
        for item in chosen:
            item.user_properties.append((PROPERTY, f"{len(chosen)} of {len(members)}: {family}"))
        if not chosen:
            unseen.append(f"0 of {len(members)}: {family}")
    gone = [item for item in items if id(item) in left_out]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if id(item) not in left_out]
    for line in unseen if items else ():
        items[0].user_properties.append((PROPERTY, line))


def family_of(item: pytest.Item) -> str:
    """The name that the members of one family share: their test without its parameters."""
    return item.nodeid.partition("[")[0]


def drawn(members: Sequence[pytest.Item], count: int, seed: str) -> list[pytest.Item]:
    """Draw so many members by a seed, the same whatever else was collected."""
    by_name = sorted(members, key=lambda item: item.nodeid)
    return random.Random(seed).sample(by_name, min(count, len(by_name)))


def summary(reports: Iterable[pytest.TestReport], seed: int) -> list[str]:
    """Say how many of each deep family were run, and which, where it was a sample."""
    members: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        for name, value in report.user_properties:
            if name == PROPERTY:
                members[str(value)].append(report.nodeid.partition("[")[2].rstrip("]"))
    lines = []
    for family, names in sorted(members.items()):
        run, _, whole = family.partition(":")[0].partition(" of ")
        named = f" ({', '.join(sorted(names))})" if run not in ("0", whole) and any(names) else ""
        lines.append(f"{family}{named}")
    if lines:
        lines.append(f"The sample is drawn by --deep-seed {seed}; --deep runs them all.")
    return lines

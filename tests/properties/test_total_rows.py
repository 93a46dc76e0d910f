"""No table of small counts, such as activity by list, is taken for one with totals."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wpb.intake.total_rows import SMALL_COUNT, sums_of_counts

SMALL = st.lists(st.integers(0, SMALL_COUNT - 1), max_size=60)


@given(SMALL)
def test_small_counts_are_never_totals(counts: list[int]) -> None:
    assert sums_of_counts([100 * count for count in counts]) == {}


@given(st.lists(st.integers(SMALL_COUNT, 50_000), min_size=3, max_size=30))
def test_a_total_below_large_counts_is_found(counts: list[int]) -> None:
    found = sums_of_counts([100 * count for count in [*counts, sum(counts)]])
    assert len(counts) in found

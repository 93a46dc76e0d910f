"""Charts of a shadow test: fans by year, the spread of each party, and what drives a result.

Each has a title and a description in words, and its figures stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from wpb.present.charts import FALL, INK, MILLION, RISE, Chart, _drawn, _grid, _labels, _rows, _years
from wpb.shadow.outcome import Fan

OUTER, INNER, MIDDLE, PLAN = "#CFE3EA", "#7FB6CB", "#1D3F4E", "#B4532A"


class Points(Protocol):
    """The points of a spread that its bars are drawn from, in pence."""

    @property
    def p5(self) -> float: ...
    @property
    def p25(self) -> float: ...
    @property
    def p50(self) -> float: ...
    @property
    def p75(self) -> float: ...
    @property
    def p95(self) -> float: ...


def fan_chart(name: str, title: str, description: str, years: Sequence[str], found: Fan, sign: str) -> Chart:
    """Draw nine tenths and half of runs as bands, the middle as a line, and the plan as a dashed line."""
    import altair as alt

    rows = [{"year": year, **{key: getattr(found, key)[at] / MILLION for key in ("p5", "p25", "p50", "p75", "p95", "principal")}} for at, year in enumerate(years)]
    low, high = min(min(row["p5"], row["principal"]) for row in rows), max(max(row["p95"], row["principal"]) for row in rows)
    pad = (high - low) * 0.08 or 1.0
    scale = alt.Scale(domain=[low - pad, high + pad], zero=False, nice=False)
    base = _rows(rows).encode(x=alt.X("year:O", title=None, axis=_years(years), scale=alt.Scale(domain=list(years))))
    title_of_axis = f"{sign}m" + (" (the axis does not start at nought)" if low - pad > 0 or high + pad < 0 else "")
    y = alt.Y("p5:Q", scale=scale, title=title_of_axis, axis=_grid())
    layers = [
        base.mark_area(color=OUTER, opacity=1).encode(y=y, y2="p95:Q"),
        base.mark_area(color=INNER, opacity=1).encode(y="p25:Q", y2="p75:Q"),
        base.mark_line(color=MIDDLE, strokeWidth=2.5).encode(y="p50:Q"),
        base.mark_line(color=PLAN, strokeWidth=2, strokeDash=[6, 4]).encode(y="principal:Q"),
    ]
    return _drawn(name, title, description, alt.layer(*layers).properties(width=900, height=260))


def parties_chart(name: str, title: str, description: str, parties: Sequence[tuple[str, Points]], sign: str) -> Chart:
    """Draw each party's nine tenths and half of runs as bars about its middle."""
    import altair as alt

    rows = [{"party": label, **{key: getattr(found, key) / MILLION for key in ("p5", "p25", "p50", "p75", "p95")}} for label, found in parties]
    base = _rows(rows).encode(y=alt.Y("party:N", sort=None, title=None, axis=_labels([label for label, _ in parties])))
    x = alt.X("p5:Q", title=f"Gain or loss against plan over the term, {sign}m", axis=_grid())
    layers = [
        base.mark_bar(height=9, color=INNER).encode(x=x, x2="p95:Q"),
        base.mark_bar(height=17, color="#2B7A99").encode(x="p25:Q", x2="p75:Q"),
        base.mark_tick(thickness=3, height=21, color="#FFFFFF").encode(x="p50:Q"),
        _rows([{"zero": 0}]).mark_rule(color=INK).encode(x="zero:Q"),
    ]
    return _drawn(name, title, description, alt.layer(*layers).properties(width=620, height=34 * len(rows)))


def swings_chart(name: str, title: str, description: str, swings: Sequence[tuple[str, float, float]], sign: str) -> Chart:
    """Draw a tornado: what each uncertainty's low and high end do to a result, the widest first."""
    import altair as alt

    rows = [{"what": label, "end": end, "effect": effect / MILLION, "colour": RISE if effect >= 0 else FALL} for label, low, high in swings for end, effect in (("low", low), ("high", high))]
    base = _rows(rows).encode(y=alt.Y("what:N", sort=None, title=None, axis=_labels([label for label, _, _ in swings])))
    bars = base.mark_bar(height=15).encode(x=alt.X("effect:Q", stack=None, title=f"Change of the result, {sign}m", axis=_grid()), color=alt.Color("colour:N", scale=None))
    zero = _rows([{"zero": 0}]).mark_rule(color=INK).encode(x="zero:Q")
    return _drawn(name, title, description, (bars + zero).properties(width=520, height=25 * len(swings)))

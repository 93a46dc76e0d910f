"""Charts of a shadow test: fans by year, the spread of each party, payment models, odds, fits, and
what drives a result.

Each has a title and a description in words, and its figures stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from wpb.present.charts import (
    FALL,
    INK,
    MILLION,
    RISE,
    Chart,
    _drawn,
    _grid,
    _labels,
    _rows,
    _years,
)
from wpb.shadow.history import Fitted
from wpb.shadow.outcome import Convergence, Fan, Spread

OUTER, INNER, MIDDLE, PLAN = "#CFE3EA", "#7FB6CB", "#1D3F4E", "#B4532A"
FAN_KEY = (
    ("nine tenths of runs", OUTER),
    ("half of runs", INNER),
    ("middle", MIDDLE),
    ("plan", PLAN),
)


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


def fan_chart(
    name: str, title: str, description: str, years: Sequence[str], found: Fan, sign: str
) -> Chart:
    """Draw one fan: nine tenths and half of runs as bands, the middle as a line, and the plan as a
    dashed line.
    """
    return fans_chart(name, title, description, years, [("", found)], sign)


def fans_chart(
    name: str,
    title: str,
    description: str,
    years: Sequence[str],
    fans: Sequence[tuple[str, Fan]],
    sign: str,
) -> Chart:
    """Draw one or more fans side by side: nine tenths and half of runs as bands, the middle as a
    line, the plan dashed.
    """
    import altair as alt

    width = 860 if len(fans) == 1 else 760 // len(fans)
    drawn = [
        _fan(label if len(fans) > 1 else "", years, found, sign, width, position == 0)
        for position, (label, found) in enumerate(fans)
    ]
    return _drawn(
        name, title, description, alt.hconcat(*drawn, spacing=26).resolve_scale(color="shared")
    )


def _fan(label: str, years: Sequence[str], found: Fan, sign: str, width: int, keyed: bool) -> Any:
    import altair as alt

    rows = [
        {
            "year": year,
            **{
                key: getattr(found, key)[at] / MILLION
                for key in ("p5", "p25", "p50", "p75", "p95", "principal")
            },
        }
        for at, year in enumerate(years)
    ]
    low, high = (
        min(min(row["p5"], row["principal"]) for row in rows),
        max(max(row["p95"], row["principal"]) for row in rows),
    )
    pad = (high - low) * 0.08 or 1.0
    cut = low - pad > 0 or high + pad < 0
    scale = alt.Scale(domain=[low - pad, high + pad], zero=False, nice=False)
    every = 1 if width > 600 else max(1, -(-len(years) // 3))
    base = _rows(rows).encode(
        x=alt.X(
            "year:O",
            title=None,
            axis=_years(years, every=every),
            scale=alt.Scale(domain=list(years), padding=0.1),
        )
    )
    y = alt.Y(
        "p5:Q",
        scale=scale,
        title=f"{sign}m" + (" (not from nought)" if cut else ""),
        axis=_roomy(5),
    )
    layers = [
        base.mark_area(opacity=1, color=OUTER).encode(y=y, y2="p95:Q"),
        base.mark_area(opacity=1, color=INNER).encode(y="p25:Q", y2="p75:Q"),
        *(
            []
            if cut
            else [_rows([{"zero": 0}]).mark_rule(color=INK, strokeWidth=1).encode(y="zero:Q")]
        ),
        base.mark_line(color=MIDDLE, strokeWidth=2.5).encode(y="p50:Q"),
        base.mark_line(color=PLAN, strokeWidth=2, strokeDash=[6, 4]).encode(y="principal:Q"),
    ]
    if keyed:
        key = alt.Color(
            "key:N",
            sort=None,
            scale=alt.Scale(
                domain=[text for text, _ in FAN_KEY], range=[colour for _, colour in FAN_KEY]
            ),
            legend=alt.Legend(
                title=None,
                orient="top",
                direction="horizontal",
                columns=4,
                columnPadding=26,
                labelLimit=300,
                labelFontSize=12,
                symbolType="square",
                symbolOpacity=1,
            ),
        )
        layers.append(
            _rows([{"key": text, "year": years[0], "p5": 0} for text, _ in FAN_KEY])
            .mark_square(opacity=0)
            .encode(x="year:O", color=key)
        )
    heading = (
        alt.TitleParams(label, anchor="start", fontSize=12, color=INK, offset=6)
        if label
        else alt.TitleParams("")
    )
    return alt.layer(*layers).properties(
        width=width, height=230 if width > 600 else 180, title=heading
    )


def _roomy(ticks: int) -> Any:
    """An axis whose title stands clear of long figures, whatever font a reader has."""
    axis = _grid(ticks=ticks)
    axis["minExtent"], axis["titlePadding"] = 44, 12
    return axis


def parties_chart(
    name: str, title: str, description: str, parties: Sequence[tuple[str, Points]], sign: str
) -> Chart:
    """Draw each party's nine tenths and half of runs as bars about its middle."""
    import altair as alt

    rows = [
        {
            "party": label,
            **{key: getattr(found, key) / MILLION for key in ("p5", "p25", "p50", "p75", "p95")},
        }
        for label, found in parties
    ]
    base = _rows(rows).encode(
        y=alt.Y("party:N", sort=None, title=None, axis=_labels([label for label, _ in parties]))
    )
    x = alt.X("p5:Q", title=f"Gain or loss against plan over the term, {sign}m", axis=_grid())
    layers = [
        base.mark_bar(height=9, color=INNER).encode(x=x, x2="p95:Q"),
        base.mark_bar(height=17, color="#2B7A99").encode(x="p25:Q", x2="p75:Q"),
        base.mark_tick(thickness=3, height=21, color="#FFFFFF").encode(x="p50:Q"),
        _rows([{"zero": 0}]).mark_rule(color=INK).encode(x="zero:Q"),
    ]
    return _drawn(
        name, title, description, alt.layer(*layers).properties(width=620, height=34 * len(rows))
    )


def models_chart(
    name: str,
    title: str,
    description: str,
    models: Sequence[tuple[str, Mapping[str, Spread]]],
    parties: Sequence[tuple[str, str]],
    sign: str,
) -> Chart:
    """Draw who bears what: for each party a panel, in it a bar of nine tenths of runs for each
    payment model; four panels in a row share a scale.
    """
    import textwrap

    import altair as alt

    labels = [label for label, _ in models]
    drawn = []
    for position, (code, party) in enumerate(parties):
        rows = [
            {
                "model": label,
                "low": found[code].p5 / MILLION,
                "high": found[code].p95 / MILLION,
                "mean": found[code].mean / MILLION,
            }
            for label, found in models
        ]
        row = parties[position - position % 4 :][:4]
        ends = [
            getattr(found[other], key) / MILLION
            for _, found in models
            for other, _ in row
            for key in ("p5", "p95")
        ]
        scale, first = alt.Scale(domain=[min(ends), max(ends)], nice=True), position % 4 == 0
        base = _rows(rows).encode(
            y=alt.Y("model:N", sort=None, title=None, axis=_labels(labels) if first else None)
        )
        bars = base.mark_bar(height=10, color=INNER).encode(
            x=alt.X("low:Q", scale=scale, title=f"{sign}m", axis=_grid(ticks=3)), x2="high:Q"
        )
        ticks = base.mark_tick(thickness=2.5, height=14, color=MIDDLE).encode(x="mean:Q")
        zero = _rows([{"zero": 0}]).mark_rule(color=INK, strokeWidth=0.7).encode(x="zero:Q")
        drawn.append(
            (bars + ticks + zero).properties(
                width=165,
                height=20 * len(models),
                title=alt.TitleParams(
                    textwrap.wrap(party, 20),
                    anchor="start",
                    frame="group",
                    fontSize=12,
                    color=INK,
                    offset=6,
                ),
            )
        )
    rows_of = [alt.hconcat(*drawn[at : at + 4], spacing=22) for at in range(0, len(drawn), 4)]
    return _drawn(name, title, description, alt.vconcat(*rows_of, spacing=24))


def swings_chart(
    name: str, title: str, description: str, swings: Sequence[tuple[str, float, float]], sign: str
) -> Chart:
    """Draw a tornado: what each uncertainty's low and high end do to a result, the widest first."""
    import altair as alt

    rows = [
        {"what": label, "effect": effect / MILLION, "end": end}
        for label, low, high in swings
        for end, effect in (("at its low end", low), ("at its high end", high))
    ]
    base = _rows(rows).encode(
        y=alt.Y("what:N", sort=None, title=None, axis=_labels([label for label, _, _ in swings]))
    )
    colour = alt.Color(
        "end:N",
        sort=None,
        scale=alt.Scale(domain=["at its low end", "at its high end"], range=[INNER, MIDDLE]),
        legend=alt.Legend(title=None, orient="top", labelFontSize=12, symbolType="square"),
    )
    bars = base.mark_bar(height=15).encode(
        x=alt.X("effect:Q", stack=None, title=f"Change of the result, {sign}m", axis=_grid()),
        color=colour,
    )
    zero = _rows([{"zero": 0}]).mark_rule(color=INK).encode(x="zero:Q")
    return _drawn(
        name, title, description, (bars + zero).properties(width=520, height=25 * len(swings))
    )


def effects_of_scenarios_chart(
    name: str, title: str, description: str, effects: Sequence[tuple[str, float, float]], sign: str
) -> Chart:
    """Draw what each scenario does to a result: a bar to its mean change, and a line over its 95%
    interval.
    """
    import altair as alt

    rows = [
        {
            "what": label,
            "effect": mean / MILLION,
            "low": (mean - error) / MILLION,
            "high": (mean + error) / MILLION,
            "colour": RISE if mean >= 0 else FALL,
        }
        for label, mean, error in effects
    ]
    base = _rows(rows).encode(
        y=alt.Y("what:N", sort=None, title=None, axis=_labels([label for label, *_ in effects]))
    )
    bars = base.mark_bar(height=15).encode(
        x=alt.X(
            "effect:Q", title=f"Mean change from the model as it stands, {sign}m", axis=_grid()
        ),
        color=alt.Color("colour:N", scale=None),
    )
    lines = base.mark_rule(color=INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    zero = _rows([{"zero": 0}]).mark_rule(color=INK).encode(x="zero:Q")
    return _drawn(
        name, title, description, (bars + lines + zero).properties(width=560, height=27 * len(rows))
    )


def odds_chart(
    name: str, title: str, description: str, bars: Sequence[tuple[float, float, float]], sign: str
) -> Chart:
    """Draw how often a line's yearly gap comes out where: losses left of nought, gains right of it,
    as in the handbook's Figure 24.
    """
    import altair as alt

    rows = [
        {
            "low": low / MILLION,
            "high": high / MILLION,
            "part": part * 100,
            "none": 0,
            "colour": RISE if low + high >= 0 else FALL,
        }
        for low, high, part in bars
    ]
    base = (
        _rows(rows)
        .mark_bar(stroke="#FFFFFF", strokeWidth=0.5)
        .encode(
            x=alt.X("low:Q", title=f"Loss (left) or gain (right) a year, {sign}m", axis=_grid()),
            x2="high:Q",
            y=alt.Y("part:Q", title="% of runs", axis=_grid(ticks=4)),
            y2="none:Q",
            color=alt.Color("colour:N", scale=None),
        )
    )
    zero = _rows([{"zero": 0}]).mark_rule(color=INK, strokeWidth=1.5).encode(x="zero:Q")
    return _drawn(name, title, description, (base + zero).properties(width=620, height=150))


def fit_chart(name: str, title: str, description: str, fitted: Fitted) -> Chart:
    """Draw history beside the distribution fitted to it: points as the share of history at or below
    each, the fit as a line.
    """
    import altair as alt

    seen = sorted(fitted.values)
    points = [
        {"value": value * 100, "share": (place + 0.5) / len(seen) * 100}
        for place, value in enumerate(seen)
    ]
    shares = [step / 100 for step in range(1, 100)]
    line = [
        {"value": float(value) * 100, "share": share * 100}
        for value, share in zip(fitted.distribution.quantile(shares), shares, strict=True)
    ]
    x = alt.X(
        "value:Q",
        title=(
            "Points from the mean of history"
            if abs(fitted.distribution.mean) < 0.5
            else "% of what was expected"
        ),
        axis=_grid(ticks=5),
        scale=alt.Scale(zero=False),
    )
    y = alt.Y("share:Q", title="% at or below", axis=_grid(ticks=4))
    layers = _rows(line).mark_line(color=PLAN, strokeWidth=2).encode(
        x=x, y=y, order="share:Q"
    ) + _rows(points).mark_circle(size=46, color=MIDDLE, opacity=0.9).encode(x=x, y=y)
    return _drawn(name, title, description, layers.properties(width=560, height=170))


def convergence_chart(
    name: str, title: str, description: str, found: Convergence, sign: str
) -> Chart:
    """Draw how the mean and the fifth percentile settle as runs grow."""
    import altair as alt

    rows = [
        {"runs": runs, "value": value / MILLION, "what": what}
        for what, values in (("mean", found.mean), ("1 in 20 below", found.p5))
        for runs, value in zip(found.runs, values, strict=True)
    ]
    colour = alt.Color(
        "what:N",
        sort=None,
        scale=alt.Scale(domain=["mean", "1 in 20 below"], range=[MIDDLE, PLAN]),
        legend=alt.Legend(title=None, orient="top", labelFontSize=12),
    )
    chart = (
        _rows(rows)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("runs:Q", title="Runs", axis=_grid()),
            y=alt.Y("value:Q", title=f"{sign}m", axis=_grid(ticks=4), scale=alt.Scale(zero=False)),
            color=colour,
        )
    )
    return _drawn(name, title, description, chart.properties(width=620, height=150))


def frontier_chart(
    name: str,
    title: str,
    description: str,
    points: Sequence[tuple[str, float, float, bool]],
    sign: str,
) -> Chart:
    """Draw designs by the providers' bad years and by what the providers keep of less activity; the
    arrangement as it stands apart.
    """
    import altair as alt

    rows = [
        {
            "label": label,
            "risk": risk / MILLION,
            "reward": reward * 100,
            "colour": PLAN if stands else MIDDLE,
        }
        for label, risk, reward, stands in points
    ]
    x = alt.X(
        "risk:Q",
        title=f"Providers together: mean loss in the worst 5% of a year, {sign}m",
        axis=_grid(),
        scale=alt.Scale(zero=True),
    )
    base = _rows(rows).encode(
        x=x,
        y=alt.Y(
            "reward:Q",
            title="% of released cash they keep",
            axis=_grid(ticks=5),
            scale=alt.Scale(domain=[0, 108]),
        ),
    )
    marks = base.mark_circle(size=110, opacity=1).encode(color=alt.Color("colour:N", scale=None))
    text = base.mark_text(align="left", dx=9, dy=-7, fontSize=12, color=INK).encode(text="label:N")
    return _drawn(
        name, title, description, (marks + text).properties(width=640, height=280), right=150
    )

"""Charts of the report, drawn as SVG on this machine: bridges, the path, step effects, headroom and
grades.

Every chart has a title and a description in words, and its figures stand in a table beside it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from wpb.present.words import spell_millions

INK, QUIET, RULE, TOTAL_BAR = "#1B2A31", "#52636B", "#D5DDE1", "#1D3F4E"
RISE, FALL, LINE_BUDGET, LINE_ROOM, LINE_IDLE = (
    "#2B7A99",
    "#B4532A",
    "#1D3F4E",
    "#2B8C6B",
    "#B4532A",
)
STEP_COLOURS = ("#1D3F4E", "#2B7A99", "#7FB6CB", "#8A7CA8", "#C9BBD8", "#A8B5BB", "#5F7D4F")
SAVING_COLOURS = ("#B4532A", "#E0A458", "#D98B77")
FONT = "Arial, Helvetica, sans-serif"
MILLION = 100_000_000


@dataclass(frozen=True)
class Chart:
    """A chart as SVG, its name, its title and its description in words."""

    name: str
    title: str
    description: str
    svg: str


@dataclass(frozen=True)
class Bar:
    """One bar of a bridge: its label, where it starts and ends in pence, and whether it is a
    total.
    """

    label: str
    start_pence: int
    end_pence: int
    total: bool = False


@dataclass(frozen=True)
class Series:
    """One line or step of a chart by year, in pence."""

    name: str
    amounts_pence: tuple[int, ...]
    colour: str
    dashed: bool = False


def bridge_chart(
    name: str, title: str, description: str, bars: Sequence[Bar], sign: str, cut: bool = False
) -> Chart:
    """Draw a bridge as horizontal bars, one a step, each labelled with its amount; with `cut` the
    axis starts near the bars.
    """
    import altair as alt

    ends = [
        value / MILLION
        for bar in bars
        for value in ((bar.end_pence,) if bar.total else (bar.start_pence, bar.end_pence))
    ]
    low, high = (min(ends), max(ends)) if cut else (min(0.0, *ends), max(ends))
    room = (high - low) * 0.16 or 1.0
    floor = low - room * 0.6 if cut else low
    rows = []
    for bar in bars:
        start, end = (floor if bar.total else bar.start_pence / MILLION), bar.end_pence / MILLION
        amount = bar.end_pence if bar.total else bar.end_pence - bar.start_pence
        colour = TOTAL_BAR if bar.total else RISE if amount >= 0 else FALL
        rows.append(
            {
                "label": bar.label,
                "start": start,
                "end": end,
                "right": max(start, end),
                "text": spell_millions(amount, sign, plus=not bar.total),
                "colour": colour,
            }
        )
    scale = alt.Scale(domain=[floor, high + room], nice=False, zero=False)
    base = _rows(rows).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=_labels([bar.label for bar in bars]))
    )
    drawn = base.mark_bar(height=15, clip=True).encode(
        x=alt.X("start:Q", scale=scale, title=_axis_title(sign, cut), axis=_grid()),
        x2="end:Q",
        color=alt.Color("colour:N", scale=None),
    )
    thin = base.mark_tick(thickness=2, height=15).encode(
        x="end:Q", color=alt.Color("colour:N", scale=None)
    )
    words = base.mark_text(align="left", dx=6, fontSize=12, color=INK).encode(
        x="right:Q", text="text:N"
    )
    return _drawn(
        name,
        title,
        description,
        (drawn + thin + words).properties(width=640, height=25 * len(rows)),
    )


def path_chart(
    name: str,
    title: str,
    description: str,
    years: Sequence[str],
    series: Sequence[Series],
    sign: str,
) -> Chart:
    """Draw lines by year with their names at their ends, on an axis that need not start at
    nought.
    """
    import altair as alt

    amounts = [amount / MILLION for line in series for amount in line.amounts_pence]
    low, high = min(amounts), max(amounts)
    pad = (high - low) * 0.08 or 1.0
    scale = alt.Scale(domain=[low - pad, high + pad], zero=False, nice=False)
    x = alt.X("year:O", title=None, axis=_years(years), scale=alt.Scale(domain=list(years)))
    layers = []
    ends = _apart(
        [line.amounts_pence[-1] / MILLION for line in series],
        (high - low + 2 * pad) * 0.058,
        high + pad,
    )
    for line, end in zip(series, ends, strict=True):
        rows = [
            {"year": year, "amount": amount / MILLION}
            for year, amount in zip(years, line.amounts_pence, strict=True)
        ]
        y = alt.Y("amount:Q", scale=scale, title=_axis_title(sign, cut=low - pad > 0), axis=_grid())
        chart = _rows(rows).encode(x=x, y=y)
        layers.append(
            chart.mark_line(
                color=line.colour, strokeWidth=2.5, strokeDash=[6, 4] if line.dashed else [1, 0]
            )
        )
        layers.append(chart.mark_circle(color=line.colour, size=34, opacity=1))
        label = [
            {
                "year": years[-1],
                "amount": end,
                "text": f"{line.name} {spell_millions(line.amounts_pence[-1], sign)}",
            }
        ]
        layers.append(
            _rows(label)
            .mark_text(align="left", dx=12, fontSize=12, fontWeight="bold", color=line.colour)
            .encode(x=x, y=y, text="text:N")
        )
    return _drawn(
        name, title, description, alt.layer(*layers).properties(width=760, height=320), right=250
    )


def effects_chart(
    name: str,
    title: str,
    description: str,
    years: Sequence[str],
    steps: Sequence[tuple[str, Sequence[int]]],
    sign: str,
) -> Chart:
    """Draw each step's effect by year as stacked bars: what adds above the line, what saves below
    it, and the net.
    """
    import altair as alt

    colours = step_colours(steps)
    rows = [
        {"year": year, "step": step, "amount": amount / MILLION, "order": order}
        for order, (step, amounts) in enumerate(steps)
        for year, amount in zip(years, amounts, strict=True)
    ]
    net = [
        {"year": year, "net": sum(amounts[i] for _, amounts in steps) / MILLION}
        for i, year in enumerate(years)
    ]
    colour = alt.Color(
        "step:N",
        scale=alt.Scale(domain=[step for step, _ in steps], range=colours),
        sort=None,
        legend=alt.Legend(
            title=None,
            orient="bottom",
            columns=2,
            labelLimit=420,
            labelFontSize=12,
            symbolType="square",
            rowPadding=5,
            columnPadding=90,
        ),
    )
    x = alt.X("year:O", title=None, axis=_years(years), scale=alt.Scale(domain=list(years)))
    y = alt.Y("amount:Q", stack="zero", title=f"Since the baseline, {sign}m", axis=_grid())
    bars = _rows(rows).mark_bar(size=40).encode(x=x, y=y, color=colour, order=alt.Order("order:Q"))
    zero = _rows([{"zero": 0}]).mark_rule(color=INK).encode(y="zero:Q")
    marks = (
        _rows(net)
        .mark_point(
            shape="diamond",
            filled=True,
            size=80,
            color="#FFFFFF",
            stroke=INK,
            strokeWidth=1.5,
            opacity=1,
        )
        .encode(x=x, y="net:Q")
    )
    return _drawn(name, title, description, (bars + zero + marks).properties(width=960, height=340))


def headroom_chart(
    name: str,
    title: str,
    description: str,
    years: Sequence[str],
    panels: Sequence[tuple[str, Sequence[int]]],
    sign: str,
) -> Chart:
    """Draw headroom by year as bars, a panel for each name, each on an axis of its own; shortfalls
    hang below the line.
    """
    import altair as alt

    drawn = []
    for label, amounts in panels:
        rows = [
            {"year": year, "amount": amount / MILLION, "colour": RISE if amount >= 0 else FALL}
            for year, amount in zip(years, amounts, strict=True)
        ]
        base = _rows(rows).encode(x=alt.X("year:O", title=None, axis=_years(years, every=3)))
        bars = base.mark_bar(size=22).encode(
            y=alt.Y("amount:Q", title=f"{sign}m", axis=_grid(ticks=4)),
            color=alt.Color("colour:N", scale=None),
        )
        zero = _rows([{"zero": 0}]).mark_rule(color=INK).encode(y="zero:Q")
        heading = alt.TitleParams(
            label, anchor="start", frame="group", fontSize=12, color=INK, limit=440, offset=10
        )
        drawn.append((bars + zero).properties(width=430, height=120, title=heading))
    return _drawn(
        name,
        title,
        description,
        alt.concat(*drawn, columns=2, bounds="flush", spacing={"row": 74, "column": 76}),
    )


def share_chart(
    name: str, title: str, description: str, parts: Sequence[tuple[str, int, str]], sign: str
) -> Chart:
    """Draw a whole as one bar of parts (name, pence, colour), each named with its amount in the
    legend.
    """
    import altair as alt

    rows: list[dict[str, Any]] = [
        {
            "part": f"{label}: {spell_millions(amount, sign)}",
            "amount": amount / MILLION,
            "order": order,
        }
        for order, (label, amount, _) in enumerate(parts)
    ]
    colour = alt.Color(
        "part:N",
        sort=None,
        scale=alt.Scale(
            domain=[row["part"] for row in rows], range=[colour for *_, colour in parts]
        ),
        legend=alt.Legend(
            title=None,
            orient="bottom",
            columns=1,
            labelLimit=500,
            labelFontSize=12,
            symbolType="square",
            rowPadding=5,
        ),
    )
    chart = (
        _rows(rows)
        .mark_bar(height=34, stroke="#FFFFFF", strokeWidth=1)
        .encode(
            x=alt.X("amount:Q", stack="zero", title=f"{sign}m", axis=_grid()),
            color=colour,
            order=alt.Order("order:Q"),
        )
    )
    return _drawn(name, title, description, chart.properties(width=960, height=46))


def step_colours(steps: Sequence[tuple[str, Sequence[int]]]) -> list[str]:
    """Give each step its colour: cool where it adds by the last year, warm where it saves."""
    cool, warm = iter(STEP_COLOURS * 3), iter(SAVING_COLOURS * 5)
    return [next(warm) if amounts[-1] < 0 else next(cool) for _, amounts in steps]


def _apart(ends: Sequence[float], gap: float, ceiling: float) -> list[float]:
    """Move labels that would overlap apart, keeping their order: upwards first, then down from the
    ceiling.
    """
    order = sorted(range(len(ends)), key=lambda i: ends[i])
    placed = list(ends)
    for below, above in pairwise(order):
        placed[above] = max(placed[above], placed[below] + gap)
    top = ceiling
    for i in reversed(order):
        placed[i] = min(placed[i], top)
        top = placed[i] - gap
    return placed


def _rows(rows: list[dict[str, Any]]) -> Any:
    """Start a chart on rows of its own."""
    import altair as alt

    return alt.Chart(alt.InlineData(values=rows))


def _axis_title(sign: str, cut: bool) -> str:
    return f"{sign}m (the axis does not start at nought)" if cut else f"{sign}m"


def _labels(labels: Sequence[str]) -> Any:
    """Keep room for labels whatever font a reader has: a wide one takes some 7.4 pixels a letter at
    this size.
    """
    import altair as alt

    return alt.Axis(
        labelLimit=400,
        minExtent=7.4 * max(len(label) for label in labels) + 10,
        labelFontSize=12,
        labelColor=INK,
        labelPadding=8,
        ticks=False,
        domain=False,
    )


def _grid(ticks: int = 6) -> Any:
    import altair as alt

    return alt.Axis(
        grid=True,
        gridColor=RULE,
        domain=False,
        ticks=False,
        labelPadding=6,
        tickCount=ticks,
        titleFontWeight="normal",
        titleColor=QUIET,
        titleFontSize=12,
        labelFontSize=12,
        labelColor=QUIET,
        format=",~f",
    )


def _years(years: Sequence[str], every: int = 1) -> Any:
    import altair as alt

    return alt.Axis(
        values=list(years[::every]),
        labelAngle=0,
        labelFontSize=12,
        labelColor=QUIET,
        ticks=False,
        domainColor=RULE,
        labelPadding=6,
        labelOverlap=False,
    )


def _drawn(name: str, title: str, description: str, chart: Any, right: int = 12) -> Chart:
    import vl_convert

    spec = (
        chart.properties(padding={"left": 4, "right": right, "top": 8, "bottom": 6})
        .configure(aria=False, font=FONT, background="transparent")
        .configure_view(stroke=None)
        .to_dict()
    )
    return Chart(
        name,
        title,
        description,
        _with_words(name, title, description, vl_convert.vegalite_to_svg(spec)),
    )


def _with_words(name: str, title: str, description: str, svg: str) -> str:
    """Give an SVG its title and description, names of its own for its parts, and nothing a strict
    page would refuse.
    """
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert size is not None
    body = svg[svg.index(">") + 1 :]
    body = re.sub(r' (?:aria-[a-z]+|role|class|pointer-events|style)="[^"]*"', "", body)
    # The drawing library numbers parts on from one chart to the next; here each chart counts its
    # own.
    parts = {
        part: f"{name}-part-{number}"
        for number, part in enumerate(dict.fromkeys(re.findall(r'(?:id="|url\(#)(\w+)', body)), 1)
    }
    body = re.sub(r'(id="|url\(#)(\w+)', lambda found: found[1] + parts[found[2]], body)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {size[1]} {size[2]}"'
        f' width="{size[1]}" height="{size[2]}" aria-labelledby="{name}-title {name}-words">'
    )
    return (
        f'{head}<title id="{name}-title">{html.escape(title)}</title><desc'
        f' id="{name}-words">{html.escape(description)}</desc>{body}'
    )

"""Charts of a live contract: the map of its money, shares by party over years, and people planned
and registered.

Each has a title and a description in words, and its figures stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wpb.present.charts import (
    FALL,
    INK,
    LINE_BUDGET,
    MILLION,
    QUIET,
    RISE,
    SAVING_COLOURS,
    STEP_COLOURS,
    Chart,
    _drawn,
    _grid,
    _rows,
    _years,
)
from wpb.present.words import DAY, spell_count, spell_day, spell_millions

Flow = tuple[str, str, int]
"""Payer, payee and whole pence."""
CURVE = tuple((at / 24, (at / 24) ** 2 * (3 - 2 * at / 24)) for at in range(25))
"""A ribbon's way from one side to the other: how far across, and how far up or down."""


def levels_of(flows: Sequence[Flow]) -> dict[str, int]:
    """Tell for each name whether it only pays (0), is paid and pays on (1), or is only paid (2), by
    what mainly moves.
    """
    paid, got = (
        {name: 0 for flow in flows for name in flow[:2]},
        {name: 0 for flow in flows for name in flow[:2]},
    )
    for payer, payee, pence in flows:
        paid[payer] += pence
        got[payee] += pence
    return {
        name: 0 if got[name] < 0.02 * paid[name] else 2 if paid[name] < 0.02 * got[name] else 1
        for name in paid
    }


def flow_chart(name: str, title: str, description: str, flows: Sequence[Flow], sign: str) -> Chart:
    """Draw who pays whom as ribbons as wide as the money, from those who only pay on the left to
    those who are only paid.
    """
    import altair as alt

    levels = levels_of(flows)
    wide = [flow for flow in flows if levels[flow[0]] < levels[flow[1]] and flow[2] > 0]
    nodes = _nodes(wide, levels)
    ribbons = _ribbons(wide, nodes, levels)
    top = max((node["to"] for node in nodes.values()), default=1.0)
    y = alt.Y("low:Q", scale=alt.Scale(domain=[top, 0], nice=False), axis=None)
    x = alt.X("across:Q", scale=alt.Scale(domain=[-0.03, 2.85], nice=False), axis=None)
    bands = (
        _rows(ribbons)
        .mark_area(opacity=0.55)
        .encode(x=x, y=y, y2="high:Q", detail="flow:N", color=alt.Color("colour:N", scale=None))
    )
    blocks = [
        {
            "across": node["level"] - 0.02,
            "end": node["level"] + 0.02,
            "low": node["from"],
            "high": node["to"],
            "at": (node["from"] + node["to"]) / 2,
            "right": node["level"] + 0.035,
            "text": f"{each}  {spell_millions(node['pence'], sign)}",
        }
        for each, node in nodes.items()
    ]
    bars = _rows(blocks).mark_rect(color=LINE_BUDGET).encode(x=x, x2="end:Q", y=y, y2="high:Q")
    labels = (
        _rows(blocks)
        .mark_text(align="left", baseline="middle", fontSize=12, color=INK)
        .encode(
            x=alt.X("right:Q", scale=alt.Scale(domain=[-0.03, 2.85], nice=False), axis=None),
            y=alt.Y("at:Q", scale=alt.Scale(domain=[top, 0], nice=False), axis=None),
            text="text:N",
        )
    )
    return _drawn(
        name,
        title,
        description,
        alt.layer(bands, bars, labels).properties(
            width=960,
            height=max(
                300,
                30
                * max(
                    (sum(node["level"] == level for node in nodes.values()) for level in range(3)),
                    default=1,
                ),
            ),
        ),
    )


def _nodes(flows: Sequence[Flow], levels: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Stack the names of each level from the top, the largest first, with room between them for
    their words.
    """
    size: dict[str, int] = {}
    for each in dict.fromkeys(name for flow in flows for name in flow[:2]):
        size[each] = max(
            sum(flow[2] for flow in flows if flow[0] == each),
            sum(flow[2] for flow in flows if flow[1] == each),
        )
    whole = (
        max(
            (sum(size[each] for each in size if levels[each] == level) for level in range(3)),
            default=1,
        )
        or 1
    )
    found: dict[str, dict[str, Any]] = {}
    for level in range(3):
        at = 0.0
        for each in sorted(
            (each for each in size if levels[each] == level), key=lambda each: (-size[each], each)
        ):
            thick = size[each] / whole * 100
            room = max(thick, 5.4)
            start = at + (room - thick) / 2
            found[each] = {
                "level": level,
                "from": start,
                "to": start + thick,
                "pence": size[each],
                "scale": 100 / whole,
            }
            at += room + 1.5
    return found


def _ribbons(
    flows: Sequence[Flow], nodes: Mapping[str, dict[str, Any]], levels: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Give each payment its ribbon: where it leaves its payer's block, and where it reaches its
    payee's.
    """
    out = {each: float(node["from"]) for each, node in nodes.items()}
    into = dict(out)
    rows: list[dict[str, Any]] = []
    colours = STEP_COLOURS[1:]
    payers = list(
        dict.fromkeys(flow[0] for flow in sorted(flows, key=lambda flow: nodes[flow[0]]["from"]))
    )
    for payer, payee, pence in sorted(
        flows, key=lambda flow: (nodes[flow[0]]["from"], nodes[flow[1]]["from"])
    ):
        thick = pence * nodes[payer]["scale"]
        start, end = out[payer], into[payee]
        out[payer] += thick
        into[payee] += thick
        low, high = levels[payer] + 0.02, levels[payee] - 0.02
        for across, lift in CURVE:
            edge = start + (end - start) * lift
            rows.append(
                {
                    "flow": f"{payer} {payee}",
                    "across": low + (high - low) * across,
                    "low": edge,
                    "high": edge + thick,
                    "colour": colours[payers.index(payer) % len(colours)],
                }
            )
    return rows


def shares_chart(
    name: str,
    title: str,
    description: str,
    years: Sequence[str],
    shares: Sequence[tuple[str, Sequence[int]]],
    sign: str,
) -> Chart:
    """Draw each party's share by year as stacked bars: gains above the line, losses below it."""
    import altair as alt

    years = [_month(year) for year in years]
    palette = (*STEP_COLOURS, *SAVING_COLOURS) * 2
    rows = [
        {"year": year, "party": party, "amount": amount / MILLION, "order": order}
        for order, (party, amounts) in enumerate(shares)
        for year, amount in zip(years, amounts, strict=True)
    ]
    colour = alt.Color(
        "party:N",
        sort=None,
        scale=alt.Scale(domain=[party for party, _ in shares], range=list(palette[: len(shares)])),
        legend=alt.Legend(
            title=None,
            orient="bottom",
            columns=2,
            labelLimit=420,
            labelFontSize=12,
            symbolType="square",
            rowPadding=5,
            columnPadding=60,
        ),
    )
    x = alt.X("year:O", title=None, axis=_years(years), scale=alt.Scale(domain=list(years)))
    bars = (
        _rows(rows)
        .mark_bar(size=40)
        .encode(
            x=x,
            y=alt.Y("amount:Q", stack="zero", title=f"{sign}m", axis=_grid_small()),
            color=colour,
            order=alt.Order("order:Q"),
        )
    )
    zero = _rows([{"zero": 0}]).mark_rule(color=INK).encode(y="zero:Q")
    return _drawn(name, title, description, (bars + zero).properties(width=960, height=260))


def _grid_small() -> Any:
    import altair as alt

    return alt.Axis(
        grid=True,
        gridColor="#D5DDE1",
        domain=False,
        ticks=False,
        labelPadding=6,
        titleFontWeight="normal",
        titleColor=QUIET,
        titleFontSize=12,
        labelFontSize=12,
        labelColor=QUIET,
    )


def _month(day: str) -> str:
    """Write a day as month and year, such as Jul 2027, where it is one."""
    return spell_day(day).split(" ", 1)[1] if DAY.fullmatch(day) else day


def population_chart(
    name: str,
    title: str,
    description: str,
    days: Sequence[str],
    planned: Sequence[float],
    registered: Sequence[float],
) -> Chart:
    """Draw people planned as a dashed line and people registered as a line, count by count."""
    import altair as alt

    days = [_month(day) for day in days]
    low, high = min(*planned, *registered), max(*planned, *registered)
    pad = (high - low) * 0.12 or 1.0
    scale = alt.Scale(domain=[low - pad, high + pad], zero=False, nice=False)
    x = alt.X("day:O", title=None, axis=_years(days), scale=alt.Scale(domain=list(days)))
    y = alt.Y(
        "people:Q", scale=scale, title="People (the axis does not start at nought)", axis=_grid()
    )
    layers = []
    for words, people, colour, dash in (
        ("Planned", planned, FALL, [6, 4]),
        ("Registered", registered, RISE, [1, 0]),
    ):
        base = _rows(
            [{"day": day, "people": count} for day, count in zip(days, people, strict=True)]
        ).encode(x=x, y=y)
        layers += [
            base.mark_line(color=colour, strokeWidth=2.5, strokeDash=dash),
            base.mark_circle(color=colour, size=34, opacity=1),
        ]
        lift = pad * 0.45 * (1 if people[-1] >= max(planned[-1], registered[-1]) else -1)
        layers.append(
            _rows(
                [
                    {
                        "day": days[-1],
                        "people": people[-1] + lift,
                        "text": f"{words} {spell_count(people[-1])}",
                    }
                ]
            )
            .mark_text(align="left", dx=12, fontSize=12, fontWeight="bold", color=colour)
            .encode(x=x, y=y, text="text:N")
        )
    return _drawn(
        name, title, description, alt.layer(*layers).properties(width=800, height=260), right=170
    )

"""The report as a document: self-contained, strict, readable aloud, and true to the result
tables.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from tests.examples import budget_of
from tests.models import calculated, direct, place
from wpb.present.charts import Bar, Series, bridge_chart, path_chart
from wpb.present.report import report_html
from wpb.present.result_tables import result_tables
from wpb.present.summary import summary
from wpb.present.whole_pence import WholePence
from wpb.present.words import spell_millions, spell_pounds, years_in_words
from wpb.run import Budget

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Every element with its attributes, its parents' names and the text within it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.text_of: list[list[str]] = []
        self._open: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), [self.elements[i][0] for i in self._open]))
        self.text_of.append([])
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        opened = self._open.pop()
        assert self.elements[opened][0] == tag, (
            f"<{self.elements[opened][0]}> is closed by </{tag}>"
        )

    def handle_data(self, data: str) -> None:
        for i in self._open:
            self.text_of[i].append(data)

    def named(self, *tags: str) -> list[tuple[dict[str, str | None], list[str], str]]:
        """The elements of some names: attributes, parents and text."""
        return [
            (attrs, parents, "".join(text).strip())
            for (tag, attrs, parents), text in zip(self.elements, self.text_of, strict=True)
            if tag in tags
        ]


@pytest.fixture(scope="module")
def budget(repo_root: Path) -> Budget:
    return budget_of("midshire")


@pytest.fixture(scope="module")
def html(budget: Budget) -> str:
    whole = WholePence(budget)
    return report_html(whole, result_tables(whole))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_nothing_is_loaded_and_nothing_runs(html: str, page: Page) -> None:
    policy = next(
        attrs["content"]
        for attrs, _, _ in page.named("meta")
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None and policy.startswith("default-src 'none'; style-src 'sha256-")
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy
    assert not page.named("script", "link", "img", "iframe", "object", "form", "button")
    assert not [
        attrs
        for _, attrs, _ in page.elements
        if "style" in attrs or any(name.startswith("on") for name in attrs)
    ]
    addresses = {
        str(attrs[name])
        for _, attrs, _ in page.elements
        for name in ("href", "src", "xlink:href")
        if attrs.get(name)
    }
    assert all(address.startswith("#") for address in addresses)
    assert "@import" not in style and "url(" not in style


def test_it_reads_aloud(page: Page) -> None:
    (attrs, _, _), *_ = page.named("html")
    assert attrs["lang"] == "en-GB"
    assert len(page.named("h1")) == 1 and len(page.named("main")) == 1 and page.named("title")[0][2]
    ids = [str(attrs["id"]) for _, attrs, _ in page.elements if attrs.get("id")]
    assert len(ids) == len(set(ids)), "ids are used once"
    skip = page.named("a")[0]
    assert skip[0]["class"] == "skip" and str(skip[0]["href"])[1:] in ids
    for _, attrs, _ in page.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert all(wanted in ids for wanted in (attrs.get(name) or "").split())


def test_every_chart_has_its_words_and_every_table_its_headings(page: Page) -> None:
    charts = page.named("svg")
    assert len(charts) >= 7
    for attrs, parents, _ in charts:
        assert attrs["role"] == "img" and attrs["aria-labelledby"] and "figure" in parents
    assert len(page.named("desc")) == len(charts) and all(
        len(text) > 40 for *_, text in page.named("desc")
    )
    tables = page.named("table")
    assert len(page.named("caption")) == len(tables) and all(
        text for *_, text in page.named("caption")
    )
    for attrs, parents, _ in page.named("th"):
        assert attrs.get("scope") == ("col" if "thead" in parents else "row")
    scrolled = [attrs for attrs, _, _ in page.named("div") if attrs.get("class") == "scroll"]
    assert all(
        attrs.get("tabindex") == "0" and (attrs.get("aria-label") or attrs.get("aria-labelledby"))
        for attrs in scrolled
    )


@pytest.mark.req(361, 362)
def test_headline_figures_stand_first_and_are_those_of_the_run(page: Page, budget: Budget) -> None:
    figures = summary(budget)
    values = [text for attrs, _, text in page.named("dd") if attrs.get("class") == "value"]
    last = figures["years"][-1]
    assert values == [
        spell_millions(figures["baseline_pence"]),
        spell_millions(last["forecast_pence"]),
        spell_millions(last["headroom_pence"]),
        str(len(figures["problems"])),
    ]
    headings = [text for *_, text in page.named("h2")]
    assert headings[0] == "Headline figures"


@pytest.mark.req(200, 202)
def test_years_that_run_short_are_said_in_words() -> None:
    tables = place(
        direct_spend=[
            direct("D1", 1_200_000.0, population_method="whole_contract"),
            direct("C1", 100.0, commissioner="COUNCIL", funding_stream="care"),
        ]
    )
    whole = WholePence(calculated(tables))
    text = report_html(whole, result_tables(whole))
    assert "Commissioner runs short in 2027-28 to 2029-30, at worst by £0.2m, in 2027-28." in text
    assert "The funding stream for core runs short in 2027-28 to 2029-30" in text


@pytest.mark.req(179, 366)
def test_assumptions_that_are_not_final_wear_badges(page: Page, budget: Budget) -> None:
    badges = {
        text
        for attrs, parents, text in page.named("span")
        if "badge" in str(attrs.get("class")) and "td" in parents
    }
    wanted = {used.status for used in budget.book.used if used.status != "final"} | {
        "local" for used in budget.book.used if used.local
    }
    assert wanted and wanted <= badges


def test_markup_in_names_stays_words() -> None:
    tables = place(
        direct_spend=[direct("D1", 10.0)],
        funding_streams=[
            {
                "funding_stream": "core",
                "name": "<script>alert(1)</script>",
                "kind": "core",
                "funder": "nhs",
            },
            {"funding_stream": "care", "name": "Care", "kind": "social_care", "funder": "council"},
        ],
    )
    whole = WholePence(calculated(tables))
    page = Page(report_html(whole, result_tables(whole)))
    assert not page.named("script")
    assert any("<script>" in text for *_, text in page.named("th"))


def test_charts_carry_markup_safely_and_have_parts_of_their_own() -> None:
    bars = [
        Bar("<b>Start</b> & co", 0, 5_000_000_000, True),
        Bar("Less", 5_000_000_000, 4_000_000_000),
    ]
    first, second = (
        bridge_chart(name, "A & B", "From <start> to end", bars, "£", cut=True)
        for name in ("one", "two")
    )
    assert (
        "&lt;b&gt;Start&lt;/b&gt;" in first.svg
        and "A &amp; B" in first.svg
        and "From &lt;start&gt;" in first.svg
    )
    ids = [set(re.findall(r'id="([^"]+)"', chart.svg)) for chart in (first, second)]
    assert ids[0] and not ids[0] & ids[1]
    assert "−£10.0m" in first.svg and "does not start at nought" in first.svg


def test_labels_at_the_ends_of_lines_stand_apart() -> None:
    years = ("2027-28", "2028-29")
    lines = [
        Series(name, (10_000_000_000, 20_000_000_000 + extra), "#000000")
        for name, extra in (("First", 0), ("Second", 1_000), ("Third", 2_000))
    ]
    svg = path_chart("lines", "Lines", "Three lines", years, lines, "£").svg
    heights = sorted(
        float(found)
        for found in re.findall(r'translate\([\d.]+,([\d.]+)\)"[^>]*>(?:First|Second|Third) ', svg)
    )
    assert len(heights) == 3 and all(after - before > 12 for before, after in pairwise(heights))


def test_figures_are_spelled_for_finance_people() -> None:
    assert spell_millions(37_290_000_000) == "£372.9m"
    assert spell_millions(-5_000_000, plus=True) == "−£0.1m"
    assert spell_millions(4_000_000, plus=True) == "£0.0m"
    assert spell_pounds(-123_456_750) == "−£1,234,568"
    assert years_in_words(["2030-31", "2031-32", "2033-34"]) == "2030-31 to 2031-32 and 2033-34"

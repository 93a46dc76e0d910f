"""The app in a real browser: the journeys people make, with and without a mouse, wide and narrow,
and nothing axe objects to.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.test_store import postgresql_url
from tests.unit.test_web_agreeing import empty
from wpb.web.pages import PAGES

assert postgresql_url

sync_api = pytest.importorskip("playwright.sync_api")
axe_core = pytest.importorskip("axe_core_python")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 150_000
"""Long enough for a busy machine: what is missing is found missing all the same."""
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OTHERS = [
    "/tables",
    "/tables/budget_lines",
    "/rows/assumptions/1",
    "/explain/forecast/2030-31",
    "/try",
    "/scenarios",
    "/uploads",
    "/runs",
    "/versions",
    "/versions/1",
    "/versions/1/events",
    "/checklists",
    "/checklists/isap",
    "/checklists/best_interest",
    "/systems",
    "/trail",
    "/people",
    "/sign-in",
    "/nowhere-at-all",
    "/tables/postings",
    "/pages/workings?contract=MMH-S",
    "/pages/payments?party=MRH&month=2029-06&year=2028-29",
    "/explain/wpb/sharing/urgent_care/2029-06-14/2028-29/MRH",
]


class Served:
    """The app started as a user starts it, and the address it answers at."""

    def __init__(self, root: Path, home: Path, store: str = ""):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.log = home / "serve.log"
        self.home = home
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "wpb",
                    "serve",
                    str(root / "examples" / "midshire"),
                    "--port",
                    str(port),
                    *(["--store", store] if store else []),
                ],
                stdout=log,
                stderr=log,
                env={**os.environ, "XDG_DATA_HOME": str(home), "PYTHONUNBUFFERED": "1"},
            )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.address}/health", timeout=1).read()
                break
            except OSError:
                time.sleep(0.1)
        self.link = re.findall(r"http\S+/sign-in/link/\S+", self.log.read_text())[0]

    @property
    def store(self) -> str:
        """The store it named when it started."""
        named: list[str] = re.findall(r"Store: (\S+)", self.log.read_text())
        return named[0]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.deep(sample=1))],
)
def served(
    request: pytest.FixtureRequest, repo_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    store = ""
    if request.param == "postgresql":
        store = request.getfixturevalue("postgresql_url")
        empty(store)
    app = Served(repo_root, tmp_path_factory.mktemp("home"), store)
    yield app
    app.stop()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(chromium), args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="module")
def owner(browser: Any, served: Served) -> Iterator[Any]:
    """A tab of whoever started the app, which fails on any request that leaves it and any fault of
    a script.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    tab = context.new_page()
    tab.astray = []
    tab.on(
        "request",
        lambda request: (
            tab.astray.append(request.url)
            if not request.url.startswith((served.address, "data:"))
            else None
        ),
    )
    tab.on(
        "console",
        lambda message: (
            tab.astray.append(message.text)
            if message.type == "error" and "status of 4" not in message.text
            else None
        ),
    )
    tab.on("pageerror", lambda fault: tab.astray.append(str(fault)))
    tab.goto(served.link)
    settled(tab)
    yield tab
    assert tab.astray == []
    context.close()


def objections(tab: Any) -> list[str]:
    """What axe-core finds at WCAG 2.2 AA."""
    script = (Path(axe_core.__file__).parent / "axe.min.js").read_text()
    tab.evaluate(script)
    found = tab.evaluate(
        "levels => axe.run(document, {runOnly: {type: 'tag', values: levels}})", LEVELS
    )
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in found["violations"]
        for node in each["nodes"][:3]
    ]


def opened(tab: Any, served: Served, path: str) -> None:
    """Open a page and wait until its figures are there."""
    tab.goto(served.address + path)
    settled(tab)


def settled(tab: Any) -> None:
    """Wait until the page's figures are there: at first it may only say how far they are, and open
    by itself.
    """
    tab.locator("h1").filter(has_not_text="Working out the figures").wait_for()
    tab.wait_for_load_state()


@pytest.mark.parametrize("path", [*(f"/pages/{page.name}" for page in PAGES), *OTHERS])
def test_axe_finds_nothing(owner: Any, served: Served, path: str) -> None:
    opened(owner, served, path)
    assert objections(owner) == []


@pytest.mark.parametrize(
    "path",
    [
        "/pages/overview",
        "/pages/path",
        "/pages/workings",
        "/pages/values",
        "/pages/payments",
        "/pages/sharing",
        "/pages/shadow",
        "/tables",
        "/tables/budget_lines",
        "/explain/wpb/sharing/urgent_care/2029-06-14/2028-29/MRH",
        "/explain/forecast/2030-31",
        "/try",
        "/versions/1",
        "/checklists/isap",
        "/trail",
    ],
)
def test_a_narrow_screen_holds_every_page(owner: Any, served: Served, path: str) -> None:
    owner.set_viewport_size({"width": 320, "height": 700})
    opened(owner, served, path)
    wide = owner.evaluate(
        "() => [document.documentElement.scrollWidth, [...document.querySelectorAll('body"
        " *')].filter(e => !e.closest('.scroll') && !e.closest('.skip') && !e.closest('.hidden') &&"
        " e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map(e => e.tagName + ' ' +"
        " e.className + ' ' + e.textContent.slice(0, 40))]"
    )
    owner.set_viewport_size({"width": 1280, "height": 900})
    assert wide == [320, []]


def test_a_figure_is_followed_to_its_cell_with_the_keyboard_alone(
    owner: Any, served: Served
) -> None:
    opened(owner, served, "/tables/budget_lines?find=MCH-N")
    owner.keyboard.press("Tab")
    assert owner.evaluate("() => document.activeElement.textContent") == "Skip to the page"
    owner.keyboard.press("Enter")
    for _ in range(60):
        owner.keyboard.press("Tab")
        if "/explain/spend/" in (owner.evaluate("() => document.activeElement.href || ''")):
            break
    assert owner.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") != "none"
    owner.keyboard.press("Enter")
    owner.wait_for_url("**/explain/spend/**")
    for _ in range(8):
        owner.wait_for_load_state()
        links = owner.locator("table tbody th a")
        if not links.count():
            break
        links.first.focus()
        before = owner.url
        owner.keyboard.press("Enter")
        owner.wait_for_url(lambda url, before=before: url != before)
    assert re.search(r"inputs/\w+\.csv, [A-Z]+\d+", owner.inner_text("main"))


def test_a_statement_is_chosen_and_its_figure_followed(owner: Any, served: Served) -> None:
    opened(owner, served, "/pages/payments")
    owner.select_option("#choose-year", "2028-29")
    owner.select_option("#choose-party", "MRH")
    owner.select_option("#choose-month", "2029-06")
    owner.click("text=Show")
    owner.locator("h2", has_text="Statement for Midshire Royal Hospitals, June 2029").wait_for()
    assert "Where the money goes, 2028-29" in owner.inner_text("main")
    owner.click("tr:has-text('Gain share') td.figure a")
    owner.locator("h2", has_text="Step by step").wait_for()
    owner.locator("main .tree summary").first.click()
    assert "urgent_care.yaml" in owner.inner_text("main")


@pytest.mark.req(299)
def test_a_shadow_test_is_run_from_its_page_and_stays_there(owner: Any, served: Served) -> None:
    opened(owner, served, "/pages/shadow?version=1")
    owner.fill("#runs", "400")
    owner.click("text=Run a shadow test")
    owner.locator("text=The shadow test is done").wait_for(timeout=2 * PATIENCE_MS)
    opened(owner, served, "/pages/shadow?version=1")
    assert owner.locator("main svg").count() >= 5 and objections(owner) == []


def test_a_slider_moves_the_figures_and_a_scenario_is_saved(owner: Any, served: Served) -> None:
    opened(owner, served, "/try")
    before = owner.locator("#figures tbody tr").last.inner_text()
    slider = owner.locator("input[type=range]").first
    slider.focus()
    for _ in range(5):
        owner.keyboard.press("ArrowLeft")
    owner.locator("#figures p", has_text="Changed: saving").wait_for()
    assert owner.locator("#figures tbody tr").last.inner_text() != before
    assert owner.locator("output").first.inner_text() == "95%"
    owner.fill("#title", "A little less")
    owner.fill("#reason", "Recruitment is late")
    owner.click("text=Save the scenario")
    owner.wait_for_url("**/scenarios/*")
    assert "Recruitment is late" in owner.inner_text("main") and objections(owner) == []
    owner.click("text=Make the version")
    owner.wait_for_url("**/versions/*")
    owner.click("text=what differs since version 1")
    owner.locator("#steps-heading").wait_for(timeout=120_000)
    assert (
        "Care model" in owner.inner_text("main")
        and "care model impacts" in owner.inner_text("main")
        and objections(owner) == []
    )


def test_bad_data_are_listed_by_cell_mended_and_run(
    owner: Any, served: Served, repo_root: Path
) -> None:
    good = (repo_root / "examples/midshire/inputs/allocations.csv").read_text()
    for content, said in (
        (good.replace("254300000.00", "thirty", 1), "D2"),
        (good.replace("254300000.00", "254300001.00", 1), "The data are sound"),
    ):
        opened(owner, served, "/uploads?version=1")
        owner.set_input_files(
            "input[type=file]",
            files=[{"name": "allocations.csv", "mimeType": "text/csv", "buffer": content.encode()}],
        )
        owner.click("text=Check these files")
        owner.locator("main", has_text=said).wait_for()
        assert objections(owner) == []
    owner.fill("#title", "A pound more")
    owner.fill("#reason", "Letter of December")
    owner.click("text=Make the version")
    owner.wait_for_url("**/versions/*")


def test_three_parties_sign_then_nobody_can_alter_it_and_the_trail_holds(
    owner: Any, browser: Any, served: Served
) -> None:
    for name, organisation, role in (("Sam", "QZS", "commissioner"), ("Ben", "MRH", "provider")):
        opened(owner, served, "/people")
        owner.fill("#name", name)
        owner.fill("#email", f"{name.lower()}@example.org")
        owner.select_option("#organisation", organisation)
        owner.select_option("#role", role)
        owner.fill("#password", "a long enough password")
        owner.click("text=Enter this person")
        owner.locator("main", has_text=f"{name.lower()}@example.org").wait_for()
    opened(owner, served, "/explain/do_nothing/2030-31?version=1")
    owner.fill("#words", "Why does this rise?")
    owner.click("text=Send")
    owner.locator("main", has_text="Why does this rise?").wait_for()
    assert "Why does this rise?" in owner.inner_text("main")
    opened(owner, served, "/versions/1")
    for code in ("QZN", "QZS", "MRH"):
        owner.check(f"#p-{code}")
    owner.click("text=Propose this version")
    tabs = [owner]
    for name in ("sam", "ben"):
        tab = browser.new_context().new_page()
        tab.set_default_timeout(PATIENCE_MS)
        opened(tab, served, "/sign-in")
        tab.fill("#email", f"{name}@example.org")
        tab.fill("#password", "a long enough password")
        tab.click("main button")
        tab.wait_for_url(f"{served.address}/")
        settled(tab)
        tabs.append(tab)
    for tab in tabs:
        opened(tab, served, "/versions/1")
        tab.fill("#interest", "None")
        tab.click("button:text-is('Declare')")
        tab.click("button:text-is('Sign this version')")
        tab.wait_for_load_state()
    opened(owner, served, "/versions/1")
    text = owner.inner_text("main")
    assert (
        "This version is locked" in text
        and "Propose this version" not in text
        and "Withdraw this version" not in text
        and objections(owner) == []
    )
    opened(owner, served, "/trail")
    assert "The trail holds" in owner.inner_text("main")
    assert (
        subprocess.run(
            [sys.executable, "-m", "wpb", "audit", "verify", "--store", served.store],
            capture_output=True,
        ).returncode
        == 0
    )
    exported = served.home / "trail.json"
    assert (
        subprocess.run(
            [
                sys.executable,
                "-m",
                "wpb",
                "audit",
                "export",
                "--store",
                served.store,
                str(exported),
            ],
            capture_output=True,
        ).returncode
        == 0
    )
    assert (
        subprocess.run(
            [sys.executable, "-m", "wpb", "audit", "verify", "--export", str(exported)],
            capture_output=True,
        ).returncode
        == 0
    )
    exported.write_text(exported.read_text().replace("Why does this rise?", "All is well."))
    assert (
        subprocess.run(
            [sys.executable, "-m", "wpb", "audit", "verify", "--export", str(exported)],
            capture_output=True,
        ).returncode
        == 3
    )
    for tab in tabs[1:]:
        tab.context.close()


def test_after_it_was_agreed_a_contract_changes_by_events_alone(owner: Any, served: Served) -> None:
    """Follows on the signatures of the three parties."""
    opened(owner, served, "/versions/1")
    owner.click("main a:text-is('events')")
    for name, words in (
        ("event", "X01"),
        ("effective_on", "2029-02-01"),
        ("known_on", "2031-02-03"),
        ("refers_to", "U99"),
        ("reason", "The hall's students, again"),
        ("agreed_by", "Board"),
    ):
        owner.fill(f"#e-{name}", words)
    owner.select_option("#e-event_kind", "dispute")
    owner.click("text=Enter this event")
    owner.locator("main", has_text="U99").wait_for()
    assert "contract_events.csv" in owner.inner_text("main") and objections(owner) == []
    owner.go_back()
    owner.fill("#e-refers_to", "U03")
    owner.click("text=Enter this event")
    owner.locator("#events-caption").wait_for()
    assert "X01" in owner.inner_text("main") and objections(owner) == []


def test_a_checklist_is_completed_with_notes_and_signed(owner: Any, served: Served) -> None:
    opened(owner, served, "/checklists/readiness_features?version=1")
    for select in owner.locator("main select").all():
        select.select_option("yes")
    owner.select_option("#a-risks", "no")
    owner.click("text=Save the answers")
    owner.locator("main", has_text="revision 1").wait_for()
    assert owner.locator("button", has_text="Sign it").count() == 0, (
        "a point that is not met needs a note"
    )
    owner.fill("#n-risks", "The plan is being written")
    owner.click("text=Save the answers")
    owner.click("text=Sign it as it stands")
    owner.locator("main", has_text="Signed by").wait_for()
    assert (
        "Signed by" in owner.inner_text("main")
        and "7 of 8 points" in owner.inner_text("main")
        and objections(owner) == []
    )
    opened(owner, served, "/checklists?version=1")
    owner.check("#o-one_answerable")
    owner.check("#o-subcontracts")
    owner.click("text=Suggest an option")
    assert "Suggested: prime contractor" in owner.inner_text("main") and objections(owner) == []


def test_without_scripts_everything_still_works(owner: Any, browser: Any, served: Served) -> None:
    context = browser.new_context(
        java_script_enabled=False, storage_state=owner.context.storage_state()
    )
    context.set_default_timeout(PATIENCE_MS)
    tab = context.new_page()
    tab.goto(f"{served.address}/try")
    while tab.locator("text=Look again").count():
        tab.click("text=Look again")
    tab.click("text=Show the figures")
    assert "Nothing is changed yet" in tab.inner_text("main")
    context.close()

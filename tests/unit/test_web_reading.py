"""Pages that people read: every page opens with its data twins, every figure leads to where it
comes from.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from wpb.kernel.money import whole_pence
from wpb.live.sharing import model_arrangements
from wpb.present.shadow_results import shadow_tables, tables_from_json, tables_to_json
from wpb.shadow.appraisal import appraise
from wpb.shadow.shadow_test import shadow_test
from wpb.store.database import Database
from wpb.store.jobs import DONE, ask, finish, take
from wpb.store.trail import Actor
from wpb.web.app import Desk, create_app, guarded_routes
from wpb.web.latest_shadow import KEPT, KIND
from wpb.web.opening import open_model, way_in
from wpb.web.pages import PAGES


@pytest.fixture(scope="module")
def app(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('app') / 'store.db'}")
    title = open_model(database, repo_root / "examples" / "midshire")
    yield create_app(Desk(database, name=title, open_to_read=True))
    database.close()


@pytest.fixture(scope="module")
def reader(app: Any) -> TestClient:
    """Someone on this machine who hasn't signed in."""
    return TestClient(app, follow_redirects=False)


@pytest.fixture(scope="module")
def owner(app: Any) -> TestClient:
    """Whoever started the app, signed in by the link it printed."""
    client = TestClient(app, follow_redirects=False)
    assert client.get(f"/sign-in/link/{way_in(app.state.desk.database)}").status_code == 303
    return client


@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_every_page_opens_with_its_twins(reader: TestClient, page: str) -> None:
    html = reader.get(f"/pages/{page}")
    assert (
        html.status_code == 200
        and f"<h1>{next(each.title for each in PAGES if each.name == page)}</h1>" in html.text
    )
    found = reader.get(f"/pages/{page}.json").json()
    assert found["page"] == page
    rows = reader.get(f"/pages/{page}.csv")
    if not found["tables"]:
        assert rows.status_code == 404
    else:
        first = next(iter(found["tables"].values()))
        assert len(list(csv.DictReader(io.StringIO(rows.text)))) == len(first)


def test_every_result_has_a_page_whether_or_not_another_names_it(reader: TestClient) -> None:
    results = reader.get("/tables.json").json()["results"]
    assert {"years", "bridge", "scope_checks", "data_checklist"} <= {
        each["name"] for each in results
    } and len(results) > 40
    for each in results:
        if each["name"] not in ("forecast_by_line", "baseline_by_service_and_list"):
            assert reader.get(f"/tables/{each['name']}").status_code == 200
            assert reader.get(f"/tables/{each['name']}.json").json()["name"] == each["name"]


@pytest.mark.req(366)
@pytest.mark.parametrize(
    "page",
    [
        "overview",
        "baseline",
        "path",
        "affordability",
        "workings",
        "grades",
        "assumptions",
        "values",
        "payments",
        "incentives",
        "sharing",
    ],
)
def test_every_figure_opens_where_it_comes_from(reader: TestClient, page: str) -> None:
    # A total is the sum of the rows above it, each of which opens.
    text = re.sub(r"<tfoot>.*?</tfoot>", "", reader.get(f"/pages/{page}").text, flags=re.DOTALL)
    cells = re.findall(r'<t[dh][^>]*class="figure[^"]*"[^>]*>(.*?)</t[dh]>', text)
    figures = [
        cell for cell in cells if re.search(r"\d", re.sub(r"<[^>]+>", "", cell)) and "<a" in cell
    ]
    assert len(figures) > 10
    headings = len(re.findall(r'<th scope="col" class="figure"', text))
    assert len([cell for cell in cells if cell and "<a" not in cell]) <= headings
    links = list(dict.fromkeys(re.findall(r'href="(/(?:explain|rows)/[^"#]+)', text)))
    for link in links[:: max(1, len(links) // 12)]:
        found = reader.get(link)
        assert found.status_code == 200, link
    assert sum(link.startswith("/explain/") for link in links) > 0 or page == "assumptions"


def test_a_figure_opens_down_to_its_cell(reader: TestClient) -> None:
    line = reader.get("/tables/budget_lines.json").json()["rows"][0]["line"]
    node = reader.get(f"/explain/spend/{line}.json?depth=6").json()
    text = reader.get(f"/explain/spend/{line}").text
    while node["children"]:
        node = node["children"][0]
    assert node["kind"] in ("input", "assumption", "see") and "What it is made of" in text
    headroom = reader.get("/explain/affordability/total/headroom/2030-31.json?depth=1").json()
    years = {row["year"]: row for row in reader.get("/tables/years.json").json()["rows"]}
    assert abs(headroom["value"] - years["2030-31"]["headroom_pence"]) < 1
    assert reader.get("/explain/no/such/figure").status_code == 404
    assert reader.get("/explain/affordability/total/headroom/2030-31.csv").text.startswith(
        "input,figure"
    )


def test_a_long_result_comes_page_by_page_and_can_be_searched(reader: TestClient) -> None:
    text = reader.get("/tables/budget_lines?page=3").text
    assert "page 3 of" in text
    assert reader.get("/tables/budget_lines?page=999999999&find=zzz").status_code == 200
    found = reader.get("/tables/budget_lines?find=MRH").text
    assert "MRH" in found and "page 1 of" in found


def test_nothing_loads_from_elsewhere_and_every_answer_is_guarded(reader: TestClient) -> None:
    for path in (
        "/",
        "/pages/path",
        "/sign-in",
        "/tables",
        "/nothing",
        "/static/app.css",
        "/static/app.js",
    ):
        answer = reader.get(path, headers={"accept": "text/html"})
        assert (
            "default-src 'none'" in answer.headers["content-security-policy"]
            and "unsafe" not in answer.headers["content-security-policy"]
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', answer.text)
        assert "style=" not in answer.text and not re.search(
            r"\son\w+=", re.sub(r"<svg.*?</svg>", "", answer.text, flags=re.DOTALL)
        )


def test_who_came_by_link_is_known_and_the_link_works_once(app: Any, owner: TestClient) -> None:
    assert "You, at this machine" in owner.get("/").text
    link = f"/sign-in/link/{way_in(app.state.desk.database)}"
    once = TestClient(app, follow_redirects=False)
    cookie = once.get(link).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert TestClient(app, follow_redirects=False).get(link).status_code == 401


@pytest.mark.req(354, 430)
def test_what_a_provider_spends_is_not_shown_before_it_consents(
    reader: TestClient, owner: TestClient
) -> None:
    assert reader.get("/tables/spend_and_cost.json").json()["rows"] == []
    assert owner.get("/tables/spend_and_cost.json").json()["rows"] != []


def test_another_host_name_is_refused(repo_root: Path, tmp_path: Path) -> None:
    client = TestClient(
        create_app(Desk(Database(f"sqlite:///{tmp_path}/s.db"), hosts=("127.0.0.1",))),
        base_url="http://evil.example",
    )
    assert client.get("/health").status_code == 421


def test_the_interface_is_described_for_anyone(app: Any) -> None:
    described = TestClient(app).get("/openapi.json").json()
    assert {
        route.path.replace(":int", "").replace(":path", "") for route in guarded_routes(app)
    } <= {path.replace(":int", "").replace(":path", "") for path in described["paths"]}


def test_without_a_model_the_app_says_so(tmp_path: Path) -> None:
    client = TestClient(create_app(Desk(Database(f"sqlite:///{tmp_path}/s.db"), open_to_read=True)))
    assert client.get("/pages/overview").status_code == 404
    assert (
        TestClient(create_app(Desk(Database(f"sqlite:///{tmp_path}/t.db"))))
        .get("/pages/overview")
        .status_code
        == 401
    )


@pytest.mark.req(210, 212, 232, 246, 286)
@pytest.mark.parametrize("page", ["values", "payments", "incentives", "sharing"])
def test_pages_of_the_contract_hold_its_figures_and_each_opens(
    reader: TestClient, page: str
) -> None:
    found = reader.get(f"/pages/{page}.json").json()["tables"]
    assert (
        found
        and all(rows for name, rows in found.items() if name != "provider_income")
        and "contract_problems" not in found
    )
    assert not found.get("provider_income"), "what providers spend is theirs to show"
    figures = [row["figure"] for rows in found.values() for row in rows if row.get("figure")]
    for figure in figures[:: max(1, len(figures) // 12)]:
        assert reader.get(f"/explain/{figure}.json?depth=1").json()["value"] is not None, figure


@pytest.mark.req(212, 232)
def test_instalments_add_to_the_year_and_balances_to_nought(reader: TestClient) -> None:
    years = {
        row["year"]: row["wpap_pence"]
        for row in reader.get("/tables/contract_by_year.json").json()["rows"]
    }
    months: dict[str, int] = {}
    for row in reader.get("/tables/instalments.json").json()["rows"]:
        months[row["year"]] = months.get(row["year"], 0) + row["amount_pence"]
    assert months == years
    assert (
        sum(row["balance_pence"] for row in reader.get("/tables/balances.json").json()["rows"]) == 0
    )
    last: dict[str, int] = {}
    for row in reader.get("/tables/statements.json").json()["rows"]:
        assert row["opening_pence"] == last.get(row["party"], 0)
        last[row["party"]] = row["closing_pence"]
    assert last == {
        row["party"]: row["balance_pence"]
        for row in reader.get("/tables/balances.json").json()["rows"]
    }


@pytest.mark.req(299, 300, 354)
def test_the_shadow_page_shows_the_latest_kept_run_and_no_margin_before_consent(
    app: Any, reader: TestClient, owner: TestClient
) -> None:
    desk = app.state.desk
    version = desk.standing.now().versions[0]
    budget = desk.shown(version).budget
    assert "No shadow test of this version has been run yet" in owner.get("/pages/shadow").text
    results = shadow_test(budget, model_arrangements(budget.model.arrangements_place), 400, 1)
    tables = shadow_tables(results, appraise(results, runs=64))
    assert [
        (table.name, table.columns, [list(row) for row in table.rows])
        for table in tables_from_json(tables_to_json(tables))
    ] == [(table.name, table.columns, [list(row) for row in table.rows]) for table in tables]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(KEPT, tables_to_json(tables))
    with desk.database.writing() as connection:
        identity = ask(
            connection,
            Actor("Ada", "QZN"),
            KIND,
            version.folder,
            {"version": version.number, "runs": 400, "seed": 1},
        )
        take(connection, "test")
        finish(connection, identity, DONE, '{"problems": []}', packed.getvalue())
    text = owner.get("/pages/shadow").text
    assert text.count("<svg") >= 5 and "Chance of a loss" in text and "No shadow test" not in text
    party = {row["party"]: row for row in owner.get("/tables/shadow_parties.json").json()["rows"]}
    lead = next(one for one in results.parties if one.terms.organisation == "MIDPART")
    assert party["MIDPART"]["p5_pence"] == whole_pence(lead.gain.p5) and "MRH" in party
    seen = {row["party"] for row in reader.get("/tables/shadow_fan.json").json()["rows"]}
    assert "QZN" in seen and "" in seen and not seen & {"MRH", "MIDPART"}
    assert "MRH" not in {
        row["party"]
        for row in reader.get("/pages/shadow.json?party=MRH").json()["tables"]["shadow_parties"]
    }
    assert (
        "Midshire Royal Hospitals: margin" not in reader.get("/pages/shadow?party=MRH").text
        and "Midshire Royal Hospitals: margin" in owner.get("/pages/shadow?party=MRH").text
    )


@pytest.mark.req(36, 101)
def test_the_four_steps_of_a_block_contract_each_add_to_its_value(reader: TestClient) -> None:
    page = reader.get("/pages/workings.json?contract=MMH-S").json()
    value = next(
        row["value_pence"] for row in page["tables"]["contracts"] if row["contract"] == "MMH-S"
    )
    for step in ("step_1", "step_3", "step_4"):
        assert sum(row["amount_pence"] for row in page["tables"][step]) == value, step
    assert {row["contract"] for step in (1, 2, 3, 4) for row in page["tables"][f"step_{step}"]} == {
        "MMH-S"
    }
    assert abs(sum(row["share"] for row in page["tables"]["step_1"]) - 1) < 1e-9
    assert reader.get("/pages/workings?contract=nothing").status_code == 200


@pytest.mark.req(232)
def test_a_statement_is_chosen_by_party_and_month_and_reconciles(reader: TestClient) -> None:
    page = reader.get("/pages/payments.json?party=MRH&month=2029-06&year=2028-29").json()
    assert page["chosen"] == {"year": "2028-29", "party": "MRH", "month": "2029-06"}
    row = next(
        row
        for row in page["tables"]["statements"]
        if row["party"] == "MRH" and row["month"] == "2029-06"
    )
    rows = page["tables"]["statement"]
    assert (
        sum(each["received_pence"] or 0 for each in rows) == row["received_pence"]
        and sum(each["paid_pence"] or 0 for each in rows) == row["paid_pence"]
    )
    html = reader.get("/pages/payments?party=MRH&month=2029-06&year=2028-29").text
    assert (
        "Statement for Midshire Royal Hospitals, June 2029" in html
        and "Where the money goes, 2028-29" in html
    )


@pytest.mark.req(286, 367)
def test_a_shared_gain_opens_step_by_step_to_its_file_and_what_was_reported(
    reader: TestClient,
) -> None:
    figure = reader.get("/tables/sharing_shares.json").json()["rows"][0]["figure"]
    text = reader.get(f"/explain/{figure}").text
    assert (
        "Step by step" in text
        and "urgent_care.yaml" in text
        and "inputs/sharing_measures.csv" in text
    )
    for link in re.findall(r'href="(/explain/[^"#]+)', text):
        assert reader.get(link).status_code == 200, link

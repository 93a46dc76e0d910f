"""People and agreement: every role on every route, signatures by every party, records, and the
trail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from tests.unit.test_store import postgresql_url, tamper
from wpb.governance.checklists import suggest_option
from wpb.governance.roles import RIGHTS, ROLES, may
from wpb.store.agreements import find_version, make_version
from wpb.store.database import Database
from wpb.store.frozen import thaw
from wpb.store.people import add_person, make_link
from wpb.store.trail import Actor, read_trail, verify_export
from wpb.web.app import Desk, create_app, guarded_routes
from wpb.web.opening import open_model, way_in
from wpb.web.visits import Limits

assert postgresql_url


def empty(url: str) -> None:
    """Empty a PostgreSQL database."""
    cleaner = Database(url)
    with cleaner.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    cleaner.close()


PASSWORD = "a long enough password"


def person(
    app: Any, email: str, organisation: str, role: str, administrator: bool = False
) -> TestClient:
    """Enter someone and sign them in by link."""
    with app.state.desk.database.writing() as connection:
        identity = add_person(
            connection,
            Actor("test", ""),
            email,
            email.split("@", maxsplit=1)[0],
            organisation,
            role,
            administrator,
            PASSWORD if role == "provider" else "",
        )
        token = make_link(connection, identity)
    return signed_in(app, token)


def signed_in(app: Any, token: str) -> TestClient:
    client = TestClient(app, follow_redirects=False)
    assert client.get(f"/sign-in/link/{token}").status_code == 303
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/sign-in").text)
    assert found is not None
    client.headers["x-csrf-token"] = found[1]
    return client


def app_on(
    request: pytest.FixtureRequest, repo_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """Give the app on an empty store of the kind a test asks for, opened on Midshire."""
    url = f"sqlite:///{tmp_path_factory.mktemp('app') / 'store.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
        empty(url)
    database = Database(url)
    open_model(database, repo_root / "examples" / "midshire")
    yield create_app(Desk(database))
    database.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def app(
    request: pytest.FixtureRequest, repo_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    yield from app_on(request, repo_root, tmp_path_factory)


@pytest.fixture(scope="module")
def owner(app: Any) -> TestClient:
    return signed_in(app, way_in(app.state.desk.database))


@pytest.fixture(scope="module")
def parties(app: Any, owner: TestClient) -> dict[str, TestClient]:
    return {
        "QZS": person(app, "sam@icb.example", "QZS", "commissioner"),
        "MRH": person(app, "ben@trust.example", "MRH", "provider"),
        "MCC": person(app, "cy@council.example", "MCC", "council"),
    }


def address(path: str) -> str:
    """Fill a route's path in with things that are there."""
    for name, value in {
        "{name}": "years",
        "{table}": "years",
        "{number:int}": "1",
        "{before:int}": "9",
        "{figure:path}": "do_nothing/2030-31",
        "{scenario:int}": "1",
        "{run:int}": "1",
        "{checklist}": "readiness",
        "{remark:int}": "1",
        "{person:int}": "1",
        "{token}": "x",
    }.items():
        path = path.replace(name, value)
    return path.replace("/pages/years", "/pages/path")


@pytest.mark.req(353)
def test_every_role_on_every_route_gets_what_it_may_and_nothing_else(
    app: Any, owner: TestClient
) -> None:
    """A refusal comes before the body is looked at: these bodies could not be read at all."""
    visitors: dict[str, TestClient] = {
        role: person(app, f"{role}@matrix.example", "MCH", role) for role in ROLES
    } | {"": TestClient(app, follow_redirects=False)}
    routes = [route for route in guarded_routes(app) if route.right]
    assert len(routes) > 45 and {route.right for route in routes} <= set(RIGHTS)
    wrong = []
    for role, client in visitors.items():
        for route in routes:
            if route.path == "/sign-out" and role:
                continue
            if route.method == "GET":
                status = client.get(address(route.path)).status_code
            else:
                status = client.post(
                    address(route.path),
                    content=b"\xff\xfe not a form",
                    headers={"content-type": "image/png"},
                ).status_code
            if not role:
                fine = status == 401
            elif not may(role, route.right):
                fine = status == 403
            else:
                fine = status not in (401, 500) and (
                    status != 403 or role == "bidder" or "/runs/" in route.path
                )
            if not fine:
                wrong.append((role, route.method, route.path, status))
    assert wrong == []


@pytest.mark.req(353, 354)
def test_what_is_anothers_is_refused_to_every_role_and_ones_own_is_not(
    app: Any, owner: TestClient, parties: dict[str, TestClient]
) -> None:
    """Every action on a thing that belongs to someone, by every role, for its own organisation and
    for another's.
    """
    saved = owner.post(
        "/scenarios",
        data={
            "version": 1,
            "slider": ["scale:allocations:allocation"],
            "value": ["101"],
            "title": "Ours",
            "reason": "Ours",
        },
    ).json()["scenario"]
    edit = {
        "version": 1,
        "slider": ["scale:allocations:allocation"],
        "value": ["102"],
        "title": "Theirs",
        "reason": "Theirs",
        "scenario": saved,
        "revision": 1,
    }
    run = owner.post("/runs", data={"version": 1}).json()["run"]
    ours, unread = "QZN", {"content": b"x", "headers": {"content-type": "image/png"}}
    wrong = []
    for role in ROLES:
        app.state.desk.limits = Limits()  # links are limited in number too
        for organisation in (ours, "MRH"):
            client = person(app, f"{role}.{organisation.lower()}@owns.example", organisation, role)
            mine = organisation == ours
            seen = [client.get(f"/runs/{run}{end}").status_code for end in ("", ".json", ".csv")]
            done = [
                client.post(f"/runs/{run}/cancel", **unread).status_code,
                client.post(f"/runs/{run}/version", **unread).status_code,
            ]
            edited = client.post("/scenarios", data=edit).status_code
            fine = (
                seen
                == [200 if may(role, "see") and (mine or may(role, "see_all_cost")) else 403] * 3
            )
            fine &= done == [
                415 if mine and may(role, right) else 403 for right in ("save", "make")
            ]
            fine &= edited in (200, 409) if mine and may(role, "save") else edited == 403
            if not fine:
                wrong.append((role, organisation, seen, done, edited))
    assert wrong == []
    assert owner.post(f"/runs/{run}/cancel").status_code == 200


@pytest.mark.req(354)
def test_a_providers_costs_open_to_itself_then_to_others_by_its_consent(
    app: Any, owner: TestClient, parties: dict[str, TestClient]
) -> None:
    own = person(app, "mo@community.example", "MCH", "provider")
    rows = own.get("/tables/spend_and_cost.json").json()["rows"]
    assert rows and parties["MRH"].get("/tables/spend_and_cost.json").json()["rows"] == []
    tree = str(
        parties["MRH"]
        .get(
            f"/explain/contract/{rows[0]['contract']}/step_1/{rows[0]['service_line']}.json?depth=6"
        )
        .json()
    )
    assert (
        tree.count("shown once the provider consents") >= tree.count("provider_costs.csv")
        or "provider_costs.csv" not in tree
    )
    assert (
        own.post(
            "/versions/1/remarks", data={"kind": "cost_consent", "words": "For this agreement"}
        ).status_code
        == 200
    )
    assert parties["MRH"].get("/tables/spend_and_cost.json").json()["rows"] == rows
    assert (
        own.post(
            "/versions/1/remarks", data={"kind": "cost_withdrawal", "words": "No longer"}
        ).status_code
        == 200
    )
    assert parties["MRH"].get("/tables/spend_and_cost.json").json()["rows"] == []
    assert (
        own.post(
            "/versions/1/remarks", data={"kind": "cost_consent", "words": "After all"}
        ).status_code
        == 200
    )


@pytest.mark.req(15, 207, 325, 326, 327, 341, 347, 350, 351, 355, 356, 357, 359)
def test_a_checklist_is_completed_signed_and_closed(
    app: Any, owner: TestClient, parties: dict[str, TestClient]
) -> None:
    for name in (
        "readiness",
        "isap",
        "readiness_features",
        "contracting",
        "statutory_duties",
        "equality_effect",
        "procurement_clock",
        "pooled_budget",
        "pooling_agreement",
        "building_blocks",
        "derogations",
        "data_owners",
    ):
        assert owner.get(f"/checklists/{name}").status_code == 200
    points = [each["point"] for each in owner.get("/checklists/contracting.json").json()["points"]]
    assert len(points) == 10
    answers: dict[str, Any] = {
        "version": 1,
        "revision": 0,
        "point": points,
        "answer": ["yes"] * 9 + [""],
    }
    assert owner.post("/checklists/contracting", data=answers).json()["revision"] == 1
    assert (
        owner.post("/checklists/contracting/sign", data={"version": 1, "revision": 1}).status_code
        == 409
    )
    assert parties["MRH"].post("/checklists/contracting", data=answers).status_code == 409, (
        "the second is told"
    )
    assert (
        owner.post(
            "/checklists/contracting", data={**answers, "revision": 1, "answer": ["yes"] * 10}
        ).status_code
        == 200
    )
    assert (
        parties["MRH"]
        .post("/checklists/contracting/sign", data={"version": 1, "revision": 2})
        .status_code
        == 200
    )
    assert owner.post("/checklists/contracting", data={**answers, "revision": 2}).status_code == 409
    assert (
        owner.post("/checklists/contracting/sign", data={"version": 1, "revision": 2}).status_code
        == 200
    ), "another organisation adds its signature"
    assert (
        parties["MRH"]
        .post("/checklists/contracting/sign", data={"version": 1, "revision": 2})
        .status_code
        == 409
    ), "each once"
    found = owner.get("/checklists/contracting.json").json()
    assert (found["met"], found["applying"], len(found["signed"])) == (
        10,
        10,
        2,
    ) and "ben" in found["signed"][0]
    assert (
        owner.post(
            "/checklists/isap",
            data={"version": 1, "revision": 0, "point": ["engagement"], "answer": ["perhaps"]},
        ).status_code
        == 409
    )


@pytest.mark.req(349, 352, 356)
def test_what_the_budget_says_stands_beside_the_records(app: Any, owner: TestClient) -> None:
    said = {
        name: owner.get(f"/checklists/{name}.json").json()["beside"]
        for name in ("best_interest", "derogations", "equality_effect")
    }
    assert any(
        "of 40 lists" in words and "Fully integrated" in words for words in said["best_interest"]
    )
    assert any(
        words.startswith("SUB-MCH, paid to MCH: Say whether") for words in said["derogations"]
    )
    assert any("from the care model" in words and "£" in words for words in said["equality_effect"])


def test_every_page_has_its_data_twins(app: Any, owner: TestClient) -> None:
    paths = {route.path for route in guarded_routes(app) if route.method == "GET" and route.right}
    pages = [
        path
        for path in paths
        if not path.endswith((".json", ".csv", ".zip"))
        and not path.startswith("/evidence")
        and path != "/"
    ]
    assert (
        len(pages) > 18
        and [path for path in pages if not {f"{path}.json", f"{path}.csv"} <= paths] == []
    )
    for path in pages:
        asked = address(path).replace("/since/9", "/since/1")
        if "/scenarios/" in asked or "/runs/" in asked:
            continue
        assert owner.get(f"{asked}.json").json() is not None
        csv_twin = owner.get(f"{asked}.csv")
        assert csv_twin.status_code == 200 and csv_twin.headers["content-type"].startswith(
            "text/csv"
        ), asked


@pytest.mark.req(353, 354, 369)
def test_three_parties_sign_and_then_nothing_moves(
    app: Any, owner: TestClient, parties: dict[str, TestClient]
) -> None:
    folder = owner.get("/versions/1.json").json()["folder"]
    assert (
        parties["MRH"].post("/versions/1/propose", data={"parties": ["QZS", "MRH"]}).status_code
        == 403
    )
    assert owner.post("/versions/1/propose", data={"parties": ["QZS"]}).status_code == 409
    assert (
        owner.post(
            "/versions/1/propose", data={"parties": list(parties), "words": "Please sign"}
        ).status_code
        == 200
    )
    assert owner.post("/versions/1/sign", data={"folder": folder}).status_code == 403, (
        "the proposer is no party here"
    )
    for code, client in parties.items():
        assert client.post("/versions/1/sign", data={"folder": folder}).status_code == 409, (
            "interests first"
        )
        evidence = (
            {"file": ("letter <b>.html", b"<script>alert(1)</script>", "text/html")}
            if code == "MCC"
            else {}
        )
        assert (
            client.post(
                "/versions/1/remarks", data={"kind": "interest", "words": "None"}, files=evidence
            ).status_code
            == 200
        )
        assert client.post("/versions/1/sign", data={"folder": "0" * 64}).status_code == 409
        assert client.post("/versions/1/sign", data={"folder": folder}).json()["agreed"] == (
            code == "MCC"
        )
    assert owner.get("/versions/1.json").json()["standing"] == "agreed"
    for path in ("/versions/1/withdraw", "/versions/1/propose"):
        assert (
            owner.post(
                path, data={"words": "changed my mind", "parties": list(parties)}
            ).status_code
            == 409
        )
    letter = next(
        each["id"] for each in owner.get("/versions/1.json").json()["remarks"] if each["file_name"]
    )
    answer = owner.get(f"/evidence/{letter}")
    assert (
        answer.headers["content-type"] == "application/octet-stream"
        and "attachment" in answer.headers["content-disposition"]
        and "<" not in answer.headers["content-disposition"]
    )
    assert (
        "locked" in owner.get("/versions/1").text
        and verify_export(owner.get("/trail.json").json()) == []
    )


def test_a_new_version_follows_and_its_differences_add_up(app: Any, owner: TestClient) -> None:
    saved = owner.post(
        "/scenarios",
        data={
            "version": 1,
            "slider": ["scale:care_model_impacts:saving"],
            "value": ["90"],
            "title": "Less",
            "reason": "Late",
        },
    ).json()["scenario"]
    number = owner.post(
        f"/scenarios/{saved}/version", data={"title": "Less saved", "reason": "Late"}
    ).json()["version"]
    found = owner.get(f"/versions/{number}/since/1.json").json()
    last = found["years"][-1]
    assert (
        last["difference_pence"] > 0
        and sum(move["difference_pence"] for move in last["movements"]) == last["difference_pence"]
    )
    assert "Care model" in owner.get(f"/versions/{number}/since/1").text


def test_forms_of_another_site_or_session_change_nothing(
    app: Any, owner: TestClient, parties: dict[str, TestClient]
) -> None:
    about = {"kind": "comment", "words": "Hello"}
    assert (
        owner.post(
            "/versions/1/remarks", data=about, headers={"origin": "https://evil.example"}
        ).status_code
        == 403
    )
    assert (
        owner.post(
            "/versions/1/remarks", data=about, headers={"sec-fetch-site": "cross-site"}
        ).status_code
        == 403
    )
    assert (
        owner.post(
            "/versions/1/remarks",
            data=about,
            headers={"x-csrf-token": parties["MRH"].headers["x-csrf-token"]},
        ).status_code
        == 403
    )
    assert owner.post("/versions/1/remarks", data=about).status_code == 200


def test_what_people_write_is_shown_as_words(app: Any, owner: TestClient) -> None:
    owner.post(
        "/versions/1/remarks",
        data={
            "kind": "question",
            "about": "do_nothing/2030-31",
            "words": "<script>alert(1)</script>{{ 7*7 }}",
        },
    )
    text = owner.get("/explain/do_nothing/2030-31?version=1").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in text and "<script>alert" not in text


def test_local_accounts_work_and_guessing_is_slowed(
    app: Any, parties: dict[str, TestClient]
) -> None:
    client = TestClient(app, follow_redirects=False)
    assert (
        client.post(
            "/sign-in", data={"email": "ben@trust.example", "password": PASSWORD}
        ).status_code
        == 200
    )
    assert client.get("/versions").status_code == 200
    guesses = [
        TestClient(app)
        .post("/sign-in", data={"email": "sam@icb.example", "password": f"guess {n}"})
        .status_code
        for n in range(10)
    ]
    assert guesses[0] == 401 and guesses[-1] == 429


def test_administrators_enter_people_and_stop_them(
    app: Any, owner: TestClient, parties: dict[str, TestClient]
) -> None:
    new = {"email": "eve@trust.example", "name": "Eve", "organisation": "MRH", "role": "provider"}
    assert parties["MRH"].post("/people", data=new).status_code == 403
    assert owner.post("/people", data={**new, "role": "king"}).status_code == 409
    assert owner.post("/people", data={**new, "password": "short"}).status_code == 409
    identity = owner.post("/people", data=new).json()["person"]
    eve = signed_in(app, owner.post(f"/people/{identity}/link").json()["link"].rsplit("/", 1)[1])
    assert eve.get("/versions").status_code == 200
    assert owner.post(f"/people/{identity}/stop").status_code == 200
    assert eve.get("/versions").status_code == 401
    assert (
        owner.post(
            "/organisations", data={"code": "NEW", "name": "New", "kind": "provider"}
        ).status_code
        == 200
    )
    assert "Eve" not in owner.get("/people").text


@pytest.mark.req(340)
@pytest.mark.parametrize(
    ("answers", "option"),
    [
        ((True, False, False, False), "federation"),
        ((False, False, False, False), "alliance"),
        ((False, True, True, False), "prime contractor"),
        ((False, True, False, False), "single contractor"),
        ((True, True, True, True), "personal budget"),
    ],
)
def test_a_contract_option_is_suggested(
    answers: tuple[bool, bool, bool, bool], option: str
) -> None:
    assert suggest_option(*answers) == option


@pytest.mark.req(357)
def test_once_terms_are_advertised_a_version_that_changes_them_names_each(
    app: Any, owner: TestClient
) -> None:
    points = ["advertised", "terms", "legal_form", "limits"]
    owner.post(
        "/checklists/procurement_clock",
        data={
            "version": 1,
            "revision": 0,
            "point": points,
            "answer": ["yes, 3 May 2027", "Scope and length", "Company", "5%"],
        },
    ).raise_for_status()
    owner.post(
        "/checklists/procurement_clock/sign", data={"version": 1, "revision": 1}
    ).raise_for_status()
    database = app.state.desk.database
    with database.writing() as connection:
        content = thaw(connection, find_version(connection, 1).folder)
        content["inputs/contract_terms.csv"] = content["inputs/contract_terms.csv"].replace(
            b"2037-03-31", b"2036-03-31"
        )
        number = make_version(
            connection, Actor("test", "QZN"), content, "Shorter", "Shorter", parent=1
        )
    refused = owner.post(f"/versions/{number}/propose", data={"parties": ["QZS", "MRH"]})
    assert (
        refused.status_code == 409
        and "ends on: 2037-03-31 was advertised, now 2036-03-31" in refused.text
    )
    assert (
        owner.post(
            f"/versions/{number}/propose",
            data={"parties": ["QZS", "MRH"], "words": "Within the notice's option to shorten"},
        ).status_code
        == 200
    )
    with database.reading() as connection:
        assert any(
            "was advertised, now 2036-03-31" in row["detail"] for row in read_trail(connection)
        )


@pytest.mark.req(354)
def test_no_page_twin_explanation_or_difference_shows_anothers_costs(
    app: Any, owner: TestClient, parties: dict[str, TestClient]
) -> None:
    """A cost of Midshire Mental Health is changed to a figure found nowhere else, and looked for
    everywhere.
    """
    database, odd = app.state.desk.database, "7654321.98"
    with database.writing() as connection:
        content = thaw(connection, find_version(connection, 1).folder)
        lines = content["inputs/provider_costs.csv"].decode().splitlines()
        at = next(number for number, line in enumerate(lines) if line.startswith("MMH-S"))
        heads, cells = lines[0].split(","), lines[at].split(",")
        cells[heads.index("cost")] = odd
        lines[at] = ",".join(cells)
        content["inputs/provider_costs.csv"] = ("\n".join(lines) + "\n").encode()
        number = make_version(connection, Actor("test", "QZN"), content, "Odd", "Odd", parent=1)
    service = cells[heads.index("service_line")]
    figures = [
        f"/explain/contract/{cells[0]}/{name}.json?depth=6&version={number}"
        for name in (f"step_1/{service}", f"provider_cost_by_service/{service}", "step_1_weights")
    ]
    pages = [
        f"/pages/{name}.json?version={number}"
        for name in ("overview", "baseline", "workings", "problems", "data", "payments", "grades")
    ]
    others = [
        f"/versions/{number}/since/1.json",
        f"/versions/{number}/since/1.csv",
        f"/tables/provider_income.json?version={number}",
        f"/tables/spend_and_cost.csv?version={number}",
    ]
    spelt = ("7654321.98", "765432198", "7,654,321.98")
    for asked in (*figures, *pages, *others):
        mine = owner.get(asked)
        theirs = parties["MRH"].get(asked)
        assert theirs.status_code in (200, 404) and not any(
            each in theirs.text for each in spelt
        ), asked
        if "/explain/" in asked and mine.status_code == 200:
            assert any(each in mine.text for each in spelt), (
                "the commissioner sees it, so it was there to find"
            )
    assert (
        any(each in owner.get(others[0]).text for each in spelt)
        and parties["MRH"].get(others[0]).json()["cells_withheld"] == 1
    )


def test_last_of_all_tampering_shows_on_the_trails_own_page(app: Any, owner: TestClient) -> None:
    assert "The trail holds" in owner.get("/trail").text
    tamper(app.state.desk.database, "UPDATE trail SET person = 'Nobody' WHERE number = 2")
    assert "Row 2 was changed" in owner.get("/trail").text

"""Closed doors: nothing without sign-in where others reach the app, and a provider that wants a
rival's costs gets them by no route and in no form.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import wpb
from tests.unit.test_web_agreeing import address, person, signed_in
from wpb.governance.roles import ROLES
from wpb.governance.visibility import KINDS, held_in, matrix, sight_of
from wpb.store.database import Database
from wpb.store.frozen import lay_out, thaw
from wpb.store.jobs import DONE, ask, find_job, finish, take
from wpb.store.people import add_person
from wpb.store.refusals import Conflict
from wpb.store.trail import Actor
from wpb.web.app import Desk, create_app, guarded_routes
from wpb.web.doors import outside_address, reading_without_sign_in
from wpb.web.opening import open_model, way_in
from wpb.web.pages import PAGES
from wpb.web.withholding import is_finding

OPEN_TO_ANYONE = ("/health", "/sign-in", "/static/", "/openapi.json")
RIVAL, ATTACKER = "COM1", "ACU1"
TAKEN = {"COMM": "COM1", "CLINIC": "IND1"}
"""Contracts of others, by what their provider is, that a draft gives to the attacker."""
WITH_FORMS = ("years", "problems", "spend_and_cost", "baseline_checks", "capability_stretch")
"""Results read as a page, JSON and CSV; the others as JSON alone: one result feeds all three."""


def tiny_app(repo_root: Path, place: Path, times: float = 1.0, **more: Any) -> Any:
    """The app on the small model, the rival's costs so many times what they are."""
    model = Path(shutil.copytree(repo_root / "tests" / "fixtures" / "tiny", place / "tiny"))
    path = model / "inputs" / "provider_costs.csv"
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    at = rows[0].index("cost")
    for row in rows[1:]:
        row[at] = str(round(float(row[at].replace(",", "").lstrip("£")) * times))
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    record = [
        f"{code},2029-30,{round(saving)},1000000,Report"
        for code, saving in ((ATTACKER, 9000), (RIVAL, 8000 * times))
    ]
    (model / "inputs" / "efficiency_record.csv").write_text(
        "\n".join(["provider,year,delivered_saving,cost_base,evidence", *record]) + "\n",
        encoding="utf-8",
    )
    database = Database(f"sqlite:///{place / 'store.db'}")
    open_model(database, model)
    return create_app(Desk(database, **more))


@pytest.fixture(scope="module")
def apps(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """The same app twice; in the second the rival spends 1.37 times as much."""
    found = [
        tiny_app(repo_root, tmp_path_factory.mktemp("tiny"), times, open_to_read=True)
        for times in (1.0, 1.37)
    ]
    yield found
    for app in found:
        app.state.desk.database.close()


def every_read(app: Any, number: int = 1) -> list[str]:
    """Every address of a version that can be read, from the app's own routes: each page, result,
    row and figure.
    """
    version = next(each for each in app.state.desk.standing.now().versions if each.number == number)
    shown = app.state.desk.shown(version)
    blocks = [
        block
        for block in shown.budget.ledger.blocks
        if block.startswith(("contract/COMM", "stretch")) and not block.endswith("by_year")
    ]
    figures = [*blocks, f"stretch/ratio/{ATTACKER}", f"stretch/ratio/{RIVAL}", "forecast/2030-31"]
    found = []
    for route in guarded_routes(app):
        if route.method != "GET" or not route.right:
            continue
        found += [each for each in _filled(route.path, shown, figures) if each not in found]
    return found


def _filled(path: str, shown: Any, figures: list[str]) -> list[str]:
    """Fill a route's path in with all that there is for it."""
    data = path.endswith(".json")
    if path.startswith("/pages/{name}"):
        first = ("overview", "scope", "workings", "data")  # others' first results have names too
        names = first if path.endswith(".csv") else [page.name for page in PAGES]
        if not path.endswith((".csv", ".json")):  # charts of the budget alone: asked as JSON
            names = [each for each in names if each not in ("path", "affordability", "baseline")]
        return [path.replace("{name}", name) for name in names]
    if "{name}" in path:
        return [path.replace("{name}", name) for name in (shown.tables if data else WITH_FORMS)]
    if "{table}" in path:
        telling = [
            name
            for name, table in shown.tables.items()
            if is_finding(table) or held_in(name, [each.name for each in table.columns])
        ]
        path = path.replace("{number:int}", "1")
        return [path.replace("{table}", name) for name in (telling if data else WITH_FORMS)]
    if "{figure:path}" in path:
        return [path.replace("{figure:path}", each) for each in (figures if data else figures[:4])]
    return [address(path)]


def told(client: TestClient, path: str) -> tuple[int, str]:
    """What a reader is told, hashes and times aside."""
    answer = client.get(path)
    text = re.sub(r"\b[0-9a-f]{12,64}\b", "", answer.text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.+]+", "", text)
    text = re.sub(r'value="[0-9a-f]+"', "", text)
    return answer.status_code, text


def differing(one: TestClient, other: TestClient, paths: list[str], version: int = 1) -> list[str]:
    """Give the addresses at which two readers are told different things."""
    asked = [f"{path}?version={version}" for path in paths]
    return [path for path in asked if told(one, path) != told(other, path)]


@pytest.mark.req(354, 430)
def test_no_route_and_no_form_of_it_answers_to_a_rivals_costs(apps: list[Any]) -> None:
    """Whatever the rival spends, a provider and someone not signed in are told the very same, the
    number of problems and the result of each check among it.
    """
    paths = every_read(apps[0])
    assert len(paths) > 150
    one, other = (person(app, "a@x.org", ATTACKER, "provider") for app in apps)
    assert differing(one, other, paths) == []
    nobody = [TestClient(app, follow_redirects=False) for app in apps]
    forms = [path for path in paths if path.endswith(".json") and not path.startswith("/pages")]
    assert differing(nobody[0], nobody[1], forms) == []
    own = [person(app, "c@x.org", RIVAL, "provider") for app in apps]
    for path in ("/tables/spend_and_cost.json", "/tables/baseline_checks.csv", "/tables.json"):
        assert differing(own[0], own[1], [path]), "the rival itself is told"
    for pair in ((one, other), nobody):
        found = [client.get("/tables/problems.json").json()["rows"] for client in pair]
        assert len(found[0]) == len(found[1]) > 0
        assert "under_funded" not in {row["code"] for rows in found for row in rows}
    rows = one.get("/tables/baseline_checks.json").json()["rows"]
    status = {row["check"]: row["status"] for row in rows if row["subject"] == "COMM"}
    assert set(status.values()) == {"shown once the provider consents"}


def uploaded(app: Any, client: TestClient, name: str, content: str) -> int:
    """Bring a table as a person, let it be checked, and make a version of it."""
    file = {"file": (name, content.encode())}
    run = client.post("/uploads", data={"version": 1}, files=file).json()["run"]
    database = app.state.desk.database
    with database.reading() as connection:
        folder = thaw(connection, find_job(connection, run).folder)
    with tempfile.TemporaryDirectory() as place:
        found = wpb.load(lay_out(folder, Path(place) / "model")).check()
    with database.writing() as connection:
        take(connection, "test")
        problems = [problem.as_dict() for problem in found]
        finish(connection, run, DONE, json.dumps({"problems": problems}))
    assert "COMM" not in client.get(f"/runs/{run}.csv").text.replace("weights of COMM", "")
    grounds = {"title": "Ours now", "reason": "To see"}
    return int(client.post(f"/runs/{run}/version", data=grounds).json()["version"])


@pytest.mark.req(354, 430)
def test_contracts_a_provider_gives_itself_in_a_draft_show_it_nothing(apps: list[Any]) -> None:
    """A provider brings contracts.csv with others' contracts as its own: whatever the rival spends,
    the draft tells the provider the same by every route and in every form.
    """
    clients, numbers = [], set()
    for app in apps:
        attacker = person(app, "b@x.org", ATTACKER, "provider")
        with app.state.desk.database.reading() as connection:
            folder = app.state.desk.standing.now().versions[-1].folder
            table = thaw(connection, folder)["inputs/contracts.csv"].decode()
        for owner in TAKEN.values():
            assert f",ICB1,{owner}," in table
            table = table.replace(f",ICB1,{owner},", f",ICB1,{ATTACKER},")
        clients.append(attacker)
        numbers.add(uploaded(app, attacker, "contracts.csv", table))
    (number,) = numbers
    paths = every_read(apps[0], number)
    assert differing(clients[0], clients[1], paths, number) == []
    attacker, path = clients[0], "/tables/capability_stretch.json"
    mine = attacker.get(path, params={"version": 1}).json()["rows"]
    assert [row["provider"] for row in mine] == [ATTACKER]
    assert attacker.get(path, params={"version": number}).json()["rows"] == []
    rows = attacker.get("/tables/spend_and_cost.json", params={"version": number}).json()["rows"]
    assert rows == []
    weight = attacker.get(f"/explain/contract/COMM/weight.json?version={number}").json()
    assert weight["value"] is None and weight["children"] == []
    change = {"version": 1, "set_table": "provider_costs", "set_key": "COMM.DIABETES.direct"}
    refused = attacker.post("/try/figures", data={**change, "set_column": "cost", "set_value": "1"})
    assert refused.status_code == 403


@pytest.mark.req(354, 430)
def test_an_organisations_row_is_its_own_only_with_no_one_elses_contract() -> None:
    """Its figures gather those of every contract it is given, so one too many closes them all."""
    agreed, kinds = {"ACUTE": "ACU1", "COMM": "COM1"}, {"ACU1": "provider", "COM1": "provider"}
    sight = sight_of("provider", "ACU1", (), agreed, kinds)
    for given, owner in (
        (agreed, "ACU1"),
        ({"ACUTE": "COM1", "COMM": "COM1"}, "ACU1"),
        ({"ACUTE": "ACU1", "COMM": "ACU1"}, ""),
        ({**agreed, "NEW": "ACU1"}, ""),
        (None, ""),
    ):
        assert sight.owner("party", "ACU1", given) == owner, given
    assert sight.owner("contract", "COMM", {"COMM": "ACU1"}) == "COM1"


@pytest.mark.req(354)
def test_what_a_check_of_an_upload_found_withholds_as_the_page_does(apps: list[Any]) -> None:
    app = apps[0]
    attacker, desk = person(app, "d@x.org", ATTACKER, "provider"), app.state.desk
    owner = signed_in(app, way_in(desk.database))
    where = {"file": "inputs/contracts.csv", "sheet": "contracts", "cell": "A4"}
    problems = [
        {
            "severity": "warning",
            "code": "under_funded",
            "where": where,
            "what": "In COMM, DIABETES is paid £1, 94% of the provider's cost.",
            "fix": "",
        },
        {"severity": "note", "code": "x", "where": where, "what": "COMM is long.", "fix": ""},
    ]
    with desk.database.writing() as connection:
        folder = desk.standing.now().versions[-1].folder
        run = ask(connection, Actor("d", ATTACKER), "check", folder, {"over": 1})
        take(connection, "test")
        finish(connection, run, DONE, json.dumps({"problems": problems}))
    for suffix in (".json", ".csv", ""):
        text = attacker.get(f"/runs/{run}{suffix}").text
        assert "94%" not in text and "A4" in text and "under_funded" not in text
        assert "94%" in owner.get(f"/runs/{run}{suffix}").text
    found = attacker.get(f"/runs/{run}.json").json()
    assert len(found["problems"]) == 1 and "left out" in found["left_out"]
    for path in ("/trail.json", "/trail.csv", "/trail"):
        assert "94%" not in attacker.get(path).text


@pytest.mark.req(353)
def test_a_bidder_gets_what_is_published_and_no_finding_or_allocation(apps: list[Any]) -> None:
    app = apps[0]
    bidder, desk = person(app, "e@x.org", ATTACKER, "bidder"), app.state.desk
    owner = signed_in(app, way_in(desk.database))
    parties = {"ICB1": person(app, "i@x.org", "ICB1", "commissioner")}
    parties["LA1"] = person(app, "l@x.org", "LA1", "council")
    folder = desk.standing.now().versions[-1].folder
    owner.post("/versions/1/propose", data={"parties": ["ICB1", "LA1"]}).raise_for_status()
    for client in parties.values():
        none = {"kind": "interest", "words": "None"}
        client.post("/versions/1/remarks", data=none).raise_for_status()
        client.post("/versions/1/sign", data={"folder": folder}).raise_for_status()
    for suffix in ("", ".json", ".csv"):
        for name in ("problems", "scope_checks", "affordability", "spend_and_cost"):
            assert bidder.get(f"/tables/{name}{suffix}").status_code == 403, name
            assert bidder.get(f"/rows/{name}/1{suffix}").status_code == 403, name
        assert bidder.get(f"/pages/problems{suffix}").status_code == 403
    years = owner.get("/tables/years.json").json()["rows"]
    secret = {str(row[f"{name}_pence"]) for row in years for name in ("allocation", "headroom")}
    for path in every_read(app):
        text = bidder.get(path).text
        assert not [each for each in secret if len(each) > 4 and each in text], path
    page = bidder.get("/pages/overview").text
    assert "Headroom, 20" not in page and "Forecast, 20" in page


@pytest.mark.req(353, 431)
def test_every_route_is_closed_without_sign_in_where_others_reach_it(
    repo_root: Path, tmp_path: Path
) -> None:
    app = tiny_app(repo_root, tmp_path)
    client = TestClient(app, follow_redirects=False)
    paths = {route.path for route in app.routes if "GET" in getattr(route, "methods", ())}
    opened = set()
    for path in [*every_read(app), *(address(each) for each in paths)]:
        answer = client.get(path)
        if not path.startswith(OPEN_TO_ANYONE):
            assert answer.status_code in (401, 404), path
            assert "Tinyshire" not in answer.text or answer.status_code == 401, path
        else:
            opened.add(path)
    assert opened >= {"/health", "/sign-in", "/openapi.json"}
    proxied = TestClient(tiny_app(repo_root, tmp_path / "two", open_to_read=True))
    assert proxied.get("/pages/overview").status_code == 200
    for header in ("x-forwarded-for", "forwarded", "x-real-ip", "via"):
        assert proxied.get("/pages/overview", headers={header: "1.2.3.4"}).status_code == 401
    with pytest.raises(ValueError, match="others reach"):
        Desk(app.state.desk.database, open_to_read=True, secure=True)
    with pytest.raises(ValueError, match="others reach"):
        Desk(app.state.desk.database, open_to_read=True, hosts=("budget.example.org",))


@pytest.mark.req(431)
@pytest.mark.parametrize(
    "more",
    [
        {"host": "192.0.2.7"},
        {"names": ("budget.example.org",)},
        {"secure": True},
        {"provider": True},
        {"store": "postgresql+psycopg://db/x"},
        {"address": "https://budget.example.org"},
    ],
)
def test_anything_that_lets_others_in_closes_reading_and_says_why(more: dict[str, Any]) -> None:
    assert reading_without_sign_in("127.0.0.1").is_open
    closed = reading_without_sign_in(**{"host": "127.0.0.1", **more})
    assert not closed.is_open and "needs a sign-in, because" in closed.words


def test_links_carry_the_address_people_use() -> None:
    assert outside_address("127.0.0.1", 8123, (), False) == ("http://127.0.0.1:8123", "")
    name = ("budget.example.org",)
    assert outside_address("127.0.0.1", 8123, name, True)[0] == "https://budget.example.org"
    found = outside_address("127.0.0.1", 1, (), True, "https://a.example.org:8443")
    assert found == ("https://a.example.org:8443", "a.example.org")


@pytest.mark.req(431)
def test_the_server_as_the_guide_starts_it_shows_nothing_without_sign_in(
    repo_root: Path, tmp_path: Path
) -> None:
    guide = (repo_root / "docs" / "system-owner.md").read_text(encoding="utf-8")
    line = next(line for line in guide.splitlines() if line.startswith("    wpb serve"))
    words = line.split()[3:]
    assert "--https" in words and "--name" in words
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = repo_root / "tests" / "fixtures" / "tiny"
    command = [sys.executable, "-m", "wpb", "serve", str(model), *words, "--port", str(port)]
    command[command.index("--store") + 1] = str(tmp_path / "s.db")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            found = {}
            for path in ("/health", "/", "/pages/overview.json", "/tables/years.csv"):
                found[path] = _status(f"http://127.0.0.1:{port}{path}")
            assert found.pop("/health") == 200 and set(found.values()) == {401}
        finally:
            server.terminate()
            said = server.communicate(timeout=30)[0]
    assert "needs a sign-in, because" in said and "wpb administrator" in said
    assert f":{port}" not in said and "/sign-in/link/" not in said


def _status(address: str) -> int:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as fault:
            return fault.code
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.mark.req(353)
def test_a_link_made_for_another_is_in_the_trail_and_signs_nothing(
    repo_root: Path, tmp_path: Path
) -> None:
    app = tiny_app(repo_root, tmp_path)
    owner = signed_in(app, way_in(app.state.desk.database))
    entered = {"name": "Pat", "email": "pat@x.org", "organisation": "ICB1", "role": "commissioner"}
    identity = owner.post("/people", data=entered).json()["person"]
    link = owner.post(f"/people/{identity}/link").json()["link"]
    handed = signed_in(app, link.rsplit("/", 1)[1])
    bodies = {"folder": "0" * 64, "kind": "cost_consent", "words": "x", "parties": ["ICB1", "LA1"]}
    bound = [
        route
        for route in guarded_routes(app)
        if route.right == "sign" or route.path.endswith(("/propose", "/withdraw", "/sign"))
    ]
    assert len(bound) >= 5
    for route in bound:
        answer = handed.post(address(route.path), data=bodies)
        assert answer.status_code == 403 and "Sign in again" in answer.text, route.path
    assert handed.post("/versions/1/remarks", data=bodies).status_code == 403
    rows = json.loads(json.dumps(owner.get("/trail.json").json()["rows"]))
    made = next(row for row in rows if row["act"] == "sign-in link made")
    assert made["subject"] == "pat@x.org" and "You, at this machine" in made["person"]
    assert any("a link that You" in row["detail"] for row in rows if row["act"] == "signed in")
    handed.post("/password", data={"password": "a long enough password"}).raise_for_status()
    for route in bound:
        answer = handed.post(address(route.path), data=bodies)
        assert answer.status_code in (401, 403), "the session that was handed over has ended"
    client = TestClient(app, follow_redirects=False)
    client.post("/sign-in", data={"email": "pat@x.org", "password": "a long enough password"})
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/sign-in").text)
    assert found is not None
    client.headers["x-csrf-token"] = found[1]
    rows = owner.get("/trail.json").json()["rows"]
    for act in ("password chosen", "signed in"):
        told_last = [each for each in rows if each["act"] == act and each["subject"] == "pat@x.org"]
        found_in = json.loads(told_last[-1]["detail"])["password_chosen_in_a_session_by"]
        assert "a link that You, at this machine" in found_in, act
    parties = {"parties": ["ICB1", "LA1"]}
    assert client.post("/versions/1/propose", data=parties).status_code == 200
    other = person(app, "cy@x.org", "LA1", "council")
    assert other.post("/versions/1/withdraw", data={"words": "no"}).status_code == 403
    assert client.post("/versions/1/withdraw", data={"words": "ours"}).status_code == 200


@pytest.mark.req(353)
def test_a_link_made_in_a_session_that_was_handed_over_is_handed_over_too(
    repo_root: Path, tmp_path: Path
) -> None:
    app = tiny_app(repo_root, tmp_path)
    owner = signed_in(app, way_in(app.state.desk.database))
    entered = {"name": "Quinn", "email": "q@x.org", "organisation": "ICB1", "role": "commissioner"}
    made = owner.post("/people", data={**entered, "administrator": True}).json()["person"]
    lent = signed_in(app, owner.post(f"/people/{made}/link").json()["link"].rsplit("/", 1)[1])
    again = signed_in(app, lent.post(f"/people/{made}/link").json()["link"].rsplit("/", 1)[1])
    for client in (lent, again):
        answer = client.post("/versions/1/propose", data={"parties": ["ICB1", "LA1"]})
        assert answer.status_code == 403 and "Sign in again" in answer.text


def test_someone_who_guesses_never_locks_a_person_out_of_where_they_sign_in(
    repo_root: Path, tmp_path: Path
) -> None:
    app, password = tiny_app(repo_root, tmp_path), "a long enough password"
    with app.state.desk.database.writing() as connection:
        add_person(
            connection, Actor("t", ""), "o@x.org", "O", "ICB1", "commissioner", password=password
        )
    right, wrong = ({"email": "o@x.org", "password": word} for word in (password, "wrong"))
    home = TestClient(app, client=("10.0.0.1", 1), follow_redirects=False)
    assert home.post("/sign-in", data=right).status_code == 200
    for number in range(110):
        app.state.desk.limits.count("password of", "o@x.org")
        if number < 9:
            away = TestClient(app, client=("10.0.0.2", 1))
            status = away.post("/sign-in", data=wrong).status_code
    assert status == 429
    again = TestClient(app, client=("10.0.0.1", 1))
    assert again.post("/sign-in", data=right).status_code == 200


def test_runs_have_quotas_for_a_person_an_organisation_and_the_queue(
    repo_root: Path, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 's.db'}")
    actors: tuple[tuple[int, Callable[[int], Actor]], ...] = (
        (3, lambda number: Actor("one", "A")),
        (2, lambda number: Actor(f"other {number}", "A")),
        (20, lambda number: Actor(f"many {number}", f"O{number}")),
    )
    for most, actor in actors:
        with database.writing() as connection:
            for number in range(most):
                ask(connection, actor(number), "run", "f", {})
            with pytest.raises(Conflict, match=r"not finished|wait already"):
                ask(connection, actor(most), "run", "f", {})


def test_the_description_names_every_parameter_of_a_path(repo_root: Path, tmp_path: Path) -> None:
    described = TestClient(tiny_app(repo_root, tmp_path)).get("/openapi.json").json()["paths"]
    for path, methods in described.items():
        named = set(re.findall(r"\{(\w+)(?::\w+)?\}", path))
        for method in methods.values():
            found = {each["name"] for each in method.get("parameters", []) if each["in"] == "path"}
            assert found == named, path


def test_every_kind_of_figure_says_who_sees_it() -> None:
    assert {(kind, role) for kind, role, _ in matrix()} == {
        (kind, role) for kind in KINDS for role in ROLES
    }
    seen = {(kind, role): what for kind, role, what in matrix()}
    assert seen["margin", "provider"] == "own, and of those who consent"
    assert seen["allocation", "bidder"] == seen["finding", "bidder"] == "nothing"
    assert seen["provider_cost", "commissioner"] == "all"

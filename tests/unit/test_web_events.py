"""Events in the life of an agreed contract: tried first, entered once, laid over what was signed,
and in the trail.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from tests.unit.test_store import postgresql_url
from tests.unit.test_web_agreeing import app_on, person, signed_in
from wpb.store.trail import verify_store
from wpb.web.opening import way_in

assert postgresql_url
DISPUTE = {
    "seen": 0,
    "event": "X01",
    "event_kind": "dispute",
    "effective_on": "2029-02-01",
    "known_on": "2031-02-03",
    "refers_to": "U03",
    "reason": "The hall's students, again",
    "agreed_by": "Contract management board",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def app(
    request: pytest.FixtureRequest, repo_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    yield from app_on(request, repo_root, tmp_path_factory)


@pytest.fixture(scope="module")
def owner(app: Any) -> TestClient:
    return signed_in(app, way_in(app.state.desk.database))


@pytest.fixture(scope="module")
def provider(app: Any, owner: TestClient) -> TestClient:
    return person(app, "ben@trust.example", "MRH", "provider")


@pytest.mark.req(215, 236, 241, 244, 369)
def test_events_change_the_live_contract_and_never_what_was_signed(
    app: Any, owner: TestClient, provider: TestClient
) -> None:
    folder = owner.get("/versions/1.json").json()["folder"]
    assert owner.post("/versions/1/events", data=DISPUTE).status_code == 409, (
        "nothing is agreed yet"
    )
    mine = person(app, "me@icb.example", "QZN", "commissioner")
    mine.post("/versions/1/propose", data={"parties": ["QZN", "MRH"]}).raise_for_status()
    for client in (mine, provider):
        client.post(
            "/versions/1/remarks", data={"kind": "interest", "words": "None"}
        ).raise_for_status()
        client.post("/versions/1/sign", data={"folder": folder}).raise_for_status()
    outsider = person(app, "cy@council.example", "MCC", "council")
    assert (
        outsider.post(
            "/versions/1/events", content=b"x", headers={"content-type": "image/png"}
        ).status_code
        == 403
    ), "no party to it, refused before the body"

    wrong = provider.post("/versions/1/events", data={**DISPUTE, "refers_to": "U99"})
    assert wrong.status_code == 422 and "U99" in wrong.text and "contract_events.csv" in wrong.text
    assert provider.get("/versions/1/events.json").json()["events"] == []
    assert provider.post("/versions/1/events", data=DISPUTE).status_code == 200
    late = mine.post("/versions/1/events", data={**DISPUTE, "event": "X02"})
    assert late.status_code == 409 and "ben" in late.text and "X01" in late.text, (
        "the second is told who was first"
    )
    assert mine.post("/versions/1/events", data={**DISPUTE, "seen": 1}).status_code in (
        409,
        422,
    ), "a code is used once"

    whole = list(csv.DictReader(io.StringIO(provider.get("/versions/1/events.csv").text)))
    assert (
        [row["event"] for row in whole].count("A01") == 1
        and whole[-1]["event"] == "X01"
        and whole[-1]["reason"] == DISPUTE["reason"]
    )
    shown = app.state.desk.shown(app.state.desk.standing.now().versions[-1])
    assert shown.budget.model["contract_events"].text("event")[-1] == "X01"
    assert owner.get("/versions/1.json").json()["folder"] == folder
    assert "X01" in provider.get("/versions/1/events", headers={"accept": "text/html"}).text


def test_an_event_brings_the_dated_figures_it_rests_on(app: Any, provider: TestClient) -> None:
    event = {
        **DISPUTE,
        "seen": 1,
        "event": "P09",
        "event_kind": "payment",
        "refers_to": "X01",
        "party": "QZN",
        "counterparty": "MRH",
        "amount": "1200.50",
        "known_on": "2031-03-03",
        "effective_on": "2031-03-03",
        "reason": "Settled",
    }
    files = {"file": ("contract_terms.csv", b"contract\nX\n", "text/csv")}
    assert provider.post("/versions/1/events", data=event, files=files).status_code == 409, (
        "terms are not an event's to change"
    )
    files = {
        "file": (
            "delivered_activity.csv",
            (
                b"month,commissioner,funding_stream,amount,known_on\n2031-01,QZN,core,12.00,next"
                b" week\n"
            ),
            "text/csv",
        )
    }
    refused = provider.post("/versions/1/events", data=event, files=files)
    assert (
        refused.status_code == 422
        and "delivered_activity.csv" in refused.text
        and "next week" in refused.text
    )
    before = len(
        app.state.desk.shown(app.state.desk.standing.now().versions[-1]).budget.model[
            "delivered_activity"
        ]
    )
    files = {
        "file": (
            "delivered_activity.csv",
            b"month,commissioner,funding_stream,amount,known_on\n2031-01,QZN,core,12.00,2031-02-20\n",
            "text/csv",
        )
    }
    assert provider.post("/versions/1/events", data=event, files=files).status_code == 200
    assert (
        len(
            app.state.desk.shown(app.state.desk.standing.now().versions[-1]).budget.model[
                "delivered_activity"
            ]
        )
        == before + 1
    )


def test_events_are_written_once_and_stand_in_the_trail(app: Any) -> None:
    database = app.state.desk.database
    with database.reading() as connection:
        assert verify_store(connection) == []
    for statement in ("UPDATE events SET row = '{}'", "DELETE FROM events"):
        with pytest.raises(DBAPIError, match="written once"), database.writing() as connection:
            connection.exec_driver_sql(statement)
    with database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO events (version, code, row, tables, person, organisation, at) VALUES (1,"
            " 'SLY', '{}', '{}', 'x', 'y', 'z')"
        )
    with database.reading() as connection:
        assert verify_store(connection) == [
            "The events of contracts in the store are not those that the trail recorded."
        ]

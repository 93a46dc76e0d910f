"""Work done once for all who ask: one makes it, the rest wait or are told how far it is, and a page
comes back after a restart.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from wpb.store.database import Database
from wpb.store.results import kept_result
from wpb.web.app import Desk, create_app
from wpb.web.once import Once, StillWorking
from wpb.web.opening import open_model


def test_twenty_who_ask_at_once_get_the_one_thing_that_was_made() -> None:
    things: Once[object] = Once(2)
    made, gate = [], threading.Event()

    def make() -> object:
        gate.wait(5)
        made.append(object())
        return made[-1]

    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(things.get, "a", make) for _ in range(20)]
        gate.set()
        assert {id(each.result()) for each in asked} == {id(made[0])} and len(made) == 1


def test_who_cannot_wait_is_told_the_stage_and_the_work_goes_on() -> None:
    things: Once[str] = Once(2)
    gate = threading.Event()
    with pytest.raises(StillWorking, match="baseline"):
        things.get("a", lambda: str(gate.wait(5)), 0.01, lambda: "baseline")
    gate.set()
    assert things.get("a", lambda: "never made again", 5) == "True"


def test_a_failure_reaches_everyone_who_waits_and_the_next_one_tries_again() -> None:
    things: Once[int] = Once(1)
    with pytest.raises(ZeroDivisionError):
        things.get("a", lambda: 1 // 0)
    assert things.get("a", lambda: 7) == 7
    assert [things.get(key, lambda: 1) for key in ("b", "c")] == [1, 1] and things.get(
        "a", lambda: 8
    ) == 8, "only the last are held"


def test_after_a_restart_a_page_is_there_before_its_budget(repo_root: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    database = Database(url)
    open_model(database, repo_root / "tests" / "fixtures" / "tiny")
    first = create_app(Desk(database, open_to_read=True))
    told = TestClient(first).get("/pages/overview", headers={"accept": "text/html"})
    assert told.status_code in (200, 202) and (
        told.status_code == 200 or told.headers["retry-after"] == "1"
    )
    drawn = TestClient(first).get("/pages/overview").text
    first.state.desk.pages.close()
    database.close()

    again = Database(url)
    desk = Desk(again, open_to_read=True)
    desk.budgets.of = None  # type: ignore[method-assign,assignment]  # nothing is worked out for a page that was kept
    desk.budgets.live = None  # type: ignore[method-assign,assignment]
    assert (
        TestClient(create_app(desk)).get("/pages/overview", headers={"accept": "text/html"}).text
        == drawn
    )
    with again.writing() as connection:
        connection.exec_driver_sql("UPDATE results SET programme = 'other'")
        inputs = desk.inputs_of(desk.standing.now().versions[0])
    with again.reading() as connection:
        assert kept_result(connection, inputs, "overview 1 all") is None, (
            "another programme's page is never shown"
        )
    again.close()

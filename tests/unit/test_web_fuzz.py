"""Every route sent what it was not made for, from its own description: never a fault of the app's,
never an undescribed status.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from starlette.testclient import TestClient

from wpb.store.database import Database
from wpb.web.app import Desk, create_app
from wpb.web.opening import open_model, way_in

schemathesis = pytest.importorskip("schemathesis")


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory, repo_root: Path) -> Any:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('fuzz') / 'store.db'}")
    open_model(database, repo_root / "examples" / "midshire")
    app = create_app(Desk(database, open_to_read=True))
    client = TestClient(app, follow_redirects=False)
    client.get(f"/sign-in/link/{way_in(database)}")
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/try").text)
    assert found is not None
    app.state.desk.limits.check = lambda *arguments: None
    loaded = schemathesis.openapi.from_asgi("/openapi.json", app)
    loaded.session = {
        "cookie": f"wpb_session={client.cookies['wpb_session']}",
        "x-csrf-token": found[1],
    }
    return loaded


LEFT_OUT = (
    "/sign-out",
    "/password",
    "/people/{person}/stop",
    "/tables/{name}.json",
    "/tables/{name}.csv",
)
"""Left out: what would end the session, and what is only slow."""


def test_no_route_fails(described: Any) -> None:
    tried, met = 0, Counter[tuple[str, int]]()
    for found in described.get_all_operations():
        operation = found.ok()
        if operation.path.replace(":int", "") in LEFT_OUT:
            continue

        @settings(
            max_examples=6,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        )
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            answer = case.call(headers=described.session)
            met[case.method.upper(), answer.status_code] += 1
            described_statuses = {
                str(code) for code in case.operation.definition.raw["responses"]
            } | {"303", "405", "415", "400"}
            assert answer.status_code < 500, (
                case.operation.path,
                case.path_parameters,
                case.query,
                case.body,
                answer.text,
            )
            assert str(answer.status_code) in described_statuses, (
                case.operation.path,
                answer.status_code,
            )
            assert "Traceback" not in answer.text

        send()
        tried += 1
    assert tried > 45, met
    assert (
        met["GET", 200] > 30 and met["POST", 200] + met["POST", 303] > 2 and met["POST", 409] > 5
    ), met

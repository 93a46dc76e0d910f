"""Trying a change and bringing data: figures at once, nothing overwritten, faults by cell, and
nothing let in that could harm.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from wpb.store.database import Database
from wpb.store.frozen import model_files
from wpb.store.refusals import Conflict
from wpb.web.app import Desk, create_app
from wpb.web.opening import open_model, way_in
from wpb.web.unpacking import unpack


@pytest.fixture(scope="module")
def owner(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('app') / 'store.db'}")
    open_model(database, repo_root / "examples" / "midshire")
    with TestClient(
        create_app(Desk(database, open_to_read=True)), follow_redirects=False
    ) as client:
        client.get(f"/sign-in/link/{way_in(database)}")
        found = re.search(r'name="csrf" value="(\w+)"', client.get("/try").text)
        assert found is not None
        client.headers["x-csrf-token"] = found[1]
        yield client


def form(**more: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "slider": ["scale:care_model_impacts:saving", "add:local.efficiency.acute:"],
        "value": ["50", "0.5"],
        **more,
    }


def test_figures_follow_a_change_and_the_version_stays(owner: TestClient) -> None:
    before = owner.get("/tables/years.json").json()["rows"]
    found = owner.post("/try/figures", data=form()).json()
    assert found["years"][-1]["forecast_before"] == before[-1]["forecast_pence"]
    assert found["years"][-1]["forecast_difference"] != 0 and len(found["changes"]) == 2
    assert (
        owner.post("/try/figures", data=form(value=["100", "0"])).json()["years"][-1][
            "forecast_difference"
        ]
        == 0
    )
    assert owner.get("/tables/years.json").json()["rows"] == before


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"value": ["nan", "0"]}, 409),
        ({"value": ["1"]}, 409),
        ({"slider": ["drop table", "x"]}, 409),
        ({"version": 99}, 404),
        ({"version": 2**40}, 422),
        (
            {
                "set_table": "allocations",
                "set_key": "no",
                "set_column": "allocation",
                "set_value": "1",
            },
            409,
        ),
        ({"set_table": "allocations", "set_value": "thirty"}, 409),
    ],
)
def test_what_cannot_be_tried_is_refused_in_words(
    owner: TestClient, more: dict[str, Any], status: int
) -> None:
    answer = owner.post("/try/figures", data=form(**more))
    assert answer.status_code == status and answer.json()["problems"][0]["what"]


def test_a_scenario_is_saved_compared_and_made_a_version_with_the_same_figures(
    owner: TestClient,
) -> None:
    assert owner.post("/scenarios", data=form(title="Slower", reason="")).status_code == 409
    saved = owner.post("/scenarios", data=form(title="Slower", reason="Recruitment is late"))
    identity = saved.json()["scenario"]
    tried = owner.get(f"/scenarios/{identity}.json").json()["years"]
    assert "Recruitment is late" in owner.get(f"/scenarios/{identity}").text
    again = form(title="Slower still", reason="Later", scenario=identity, revision=1)
    assert owner.post("/scenarios", data=again).status_code == 200
    second = owner.post("/scenarios", data={**again, "title": "Lost?"})
    assert second.status_code == 409 and "was changed by" in second.json()["problems"][0]["what"]
    number = owner.post(
        f"/scenarios/{identity}/version",
        data={"title": "With late recruitment", "reason": "To propose"},
    ).json()["version"]
    made = owner.get(f"/tables/years.json?version={number}").json()["rows"]
    assert [row["forecast_pence"] for row in made] == [row["forecast_after"] for row in tried]


def wait_for(owner: TestClient, run: int) -> dict[str, Any]:
    for _ in range(1200):
        found: dict[str, Any] = owner.get(f"/runs/{run}.json").json()
        if found["over"]:
            return found
        time.sleep(0.2)
    raise AssertionError("the run did not end")


def test_bad_data_is_listed_by_cell_then_mended_and_made_a_version(
    owner: TestClient, repo_root: Path
) -> None:
    good = (repo_root / "examples/midshire/inputs/allocations.csv").read_text()
    bad = good.replace("254300000.00", "thirty", 1)
    run = owner.post(
        "/uploads", data={"version": 1}, files={"file": ("allocations.csv", bad)}
    ).json()["run"]
    found = wait_for(owner, run)
    errors = [each for each in found["problems"] if each["severity"] == "error"]
    assert found["standing"] == "done" and any(
        "thirty" in each["what"] and each["where"]["cell"] == "D2" for each in errors
    )
    assert "D2" in owner.get(f"/runs/{run}").text
    assert owner.post(f"/runs/{run}/version", data={"title": "x", "reason": "y"}).status_code == 409
    run = owner.post(
        "/uploads",
        data={"version": 1},
        files={"file": ("allocations.csv", good.replace("254300000.00", "254300001.00", 1))},
    ).json()["run"]
    assert not [each for each in wait_for(owner, run)["problems"] if each["severity"] == "error"]
    number = owner.post(
        f"/runs/{run}/version", data={"title": "A pound more", "reason": "Letter"}
    ).json()["version"]
    assert (
        owner.get(f"/tables/years.json?version={number}").json()["rows"][0]["headroom_pence"]
        == owner.get("/tables/years.json?version=1").json()["rows"][0]["headroom_pence"] + 100
    )


def test_a_run_goes_on_behind_and_can_be_cancelled(owner: TestClient) -> None:
    first = owner.post("/runs", data={"version": 1}).json()["run"]
    second = owner.post("/runs", data={"version": 1}).json()["run"]
    assert owner.post(f"/runs/{second}/cancel").status_code == 200
    assert owner.post(f"/runs/{second}/cancel").status_code == 409
    assert wait_for(owner, second)["standing"] == "cancelled"
    assert wait_for(owner, first)["standing"] == "done"
    with zipfile.ZipFile(io.BytesIO(owner.get(f"/runs/{first}.zip").content)) as archive:
        assert {"manifest.json", "workbook.xlsx", "report.html", "years.csv"} <= set(
            archive.namelist()
        )


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_a_zip_of_a_folder_is_the_folder(repo_root: Path) -> None:
    content = model_files(repo_root / "examples" / "midshire")
    assert (
        unpack(
            [("m.zip", zipped({f"midshire/{name}": each for name, each in content.items()}))], {}
        )
        == content
    )


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([], id="nothing"),
        pytest.param([("m.zip", b"not a zip")], id="no zip"),
        pytest.param([("m.zip", zipped({"model.yaml": b"0" * 300_000_00}))], id="bomb"),
        pytest.param([("m.xlsx", zipped({"xl/a.xml": b"0" * 300_000_00}))], id="workbook bomb"),
        pytest.param(
            [("m.zip", zipped({f"inputs/{n}.csv": b"" for n in range(500)}))], id="many files"
        ),
        pytest.param(
            [("m.zip", zipped({"inputs/../../evil.csv": b"x", "model.yaml": b"x"}))],
            id="out of the folder",
        ),
        pytest.param(
            [("m.zip", zipped({"model.yaml": b"x", "patients/people.parquet": b"x"}))],
            id="people's records",
        ),
        pytest.param([("run.exe", b"MZ")], id="a program"),
    ],
)
def test_what_could_harm_is_refused(sent: list[tuple[str, bytes]]) -> None:
    from wpb.kernel.problems import UsageProblem

    with pytest.raises((Conflict, UsageProblem)):
        unpack(sent, {"model.yaml": b"x"})


def test_a_name_that_leads_out_is_kept_within(repo_root: Path) -> None:
    assert set(
        unpack([("../../../etc/allocations.csv", b"a")], {"inputs/allocations.csv": b"b"})
    ) == {"inputs/allocations.csv"}


def test_too_much_is_refused_unread(owner: TestClient) -> None:
    assert (
        owner.post(
            "/uploads",
            headers={
                "content-type": "multipart/form-data; boundary=x",
                "content-length": str(10**9),
            },
            content=b"",
        ).status_code
        == 413
    )
    assert owner.post(
        "/try/figures", data={"version": 1, "set_key": "x" * 300_000}
    ).status_code in (413, 422)

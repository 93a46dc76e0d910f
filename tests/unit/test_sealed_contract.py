"""What was signed and closed stays: sealing, changed inputs, another wpb, a record cut about."""

from __future__ import annotations

import csv
import datetime
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from tests.live_models import counts, event, live_tables
from tests.models import book, direct, make
from wpb.cli import main
from wpb.kernel.json_shapes import json_schema
from wpb.kernel.problems import InputProblems, ProblemLog, UsageProblem
from wpb.live import LiveContract, live_contract
from wpb.live.sealing import (
    RecordFile,
    agreement_file,
    correction_file,
    month_file,
    write_file,
)
from wpb.present.statements import annual_payment_by_month, settlement_figures
from wpb.settlement.ledger import balances
from wpb.tables.sealed_record import read_record

pytestmark = pytest.mark.req(385)
SIGNED = datetime.date(2027, 3, 15)
Record = tuple[tuple[str, bytes], ...]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def contract(record: Record = (), spend: float = 1_000_000, **more: Any) -> LiveContract:
    """The small contract held to a record, with another spend where asked."""
    known_on = more.pop("known_on", None)
    lines = [
        direct("D1", spend),
        direct("D2", 400_000, commissioner="COUNCIL", funding_stream="care"),
    ]
    tables = {**live_tables(**more), "direct_spend": lines}
    return live_contract(replace(make(tables), record=record), book(), known_on)


def sealed(record: Record, file: RecordFile) -> Record:
    return (*record, (file.name, file.content))


@pytest.fixture(scope="module")
def two_months() -> Record:
    """The small contract, signed, with its first two months closed."""
    record = sealed((), agreement_file(contract(), SIGNED))
    for month, on in (("2027-04", "2027-05-20"), ("2027-05", "2027-06-20")):
        record = sealed(record, month_file(contract(record), month, day(on)))
    return record


def test_what_was_sealed_is_kept_with_its_manifest_and_moves_no_figure(two_months: Record) -> None:
    before, after = contract(), contract(two_months)
    assert after.settlement.postings == before.settlement.postings
    assert settlement_figures(after)["years"] == settlement_figures(before)["years"]
    assert {e.posting.month for e in after.settlement.entries if e.manifest} == {
        "2027-04",
        "2027-05",
    }
    changed = contract(two_months)
    changed.model.input_hashes["inputs/direct_spend.csv"] = "0" * 64
    manifests = {
        posting["month"]: posting["manifest"] for posting in settlement_figures(changed)["postings"]
    }
    assert manifests["2027-04"] == manifests["2027-05"] != manifests["2027-06"]


def test_what_is_known_later_is_paid_in_an_open_month(two_months: Record) -> None:
    update = event("U1", "population_update", "2027-07-01", "2027-07-10")
    people = counts("2027-07-01", {("P1", "ill"): 10}, "2027-07-05")
    after = contract(two_months, events=[update], population_counts=people)
    assert not after.held.moves
    assert after.settlement.entries[0].manifest


def test_another_wpb_says_what_moves_keeps_what_was_sealed_and_corrects_with_a_date(
    two_months: Record,
) -> None:
    # the same inputs, of which another calculation would make £12,000 a year more
    kept, plain, other = contract(two_months), contract(), contract(spend=1_012_000)
    held = contract(two_months, spend=1_012_000)
    assert held.settlement.postings == plain.settlement.postings
    assert [held.tree().wpb(year) for year in range(3)] == [
        kept.tree().wpb(year) for year in range(3)
    ]
    told = [one for one in held.problems.problems if one.code == "calculated_otherwise"]
    assert len(told) == 1
    yearly = other.tree().wpb(0) - plain.tree().wpb(0)
    assert f"(+£{yearly / 100:,.2f})" in told[0].what
    assert "2027-04 is closed" in told[0].what
    with pytest.raises(UsageProblem, match="wpb correct"):
        month_file(held, "2027-06", day("2027-07-20"))
    corrected = sealed(
        two_months, correction_file(held, day("2027-07-02"), "growth was rounded twice")
    )
    after = contract(corrected, spend=1_012_000)
    assert not after.held.moves
    assert [p for p in after.settlement.postings if p.month < "2027-06"] == [
        p for p in plain.settlement.postings if p.month < "2027-06"
    ]
    posted = [entry for entry in after.settlement.entries if entry.key.startswith("correction/")]
    assert {(entry.posting.month, entry.corrects) for entry in posted} == {
        ("2027-07", "2027-04"),
        ("2027-07", "2027-05"),
    }
    assert all("growth was rounded twice" in entry.posting.reason for entry in posted)
    assert balances(after.settlement.postings) == balances(other.settlement.postings)
    assert sum(annual_payment_by_month(after, after.tree(), 0)) == after.tree().of("wpap", 0)
    for month, on in (("2027-06", "2027-07-20"), ("2027-07", "2027-08-20")):
        corrected = sealed(
            corrected, month_file(contract(corrected, spend=1_012_000), month, day(on))
        )
    closed = contract(corrected, spend=1_012_000)
    assert not closed.held.moves
    assert closed.settlement.postings == after.settlement.postings


def test_months_close_in_order_after_they_end_and_once(two_months: Record) -> None:
    with pytest.raises(UsageProblem, match="agree"):
        month_file(contract(), "2027-04", day("2027-05-20"))
    held = contract(two_months)
    for month, on, words in (
        ("2027-07", "2027-08-20", "2027-06 is closed before 2027-07"),
        ("2027-05", "2027-07-20", "closed already"),
        ("2027-06", "2027-06-30", "has not ended"),
        ("2027-06", "2027-06-19", "is before it"),
        ("June", "2027-07-20", "not a month"),
    ):
        with pytest.raises(UsageProblem, match=words):
            month_file(held, month, day(on))
    with pytest.raises(UsageProblem, match="sealed already"):
        agreement_file(held, SIGNED)
    with pytest.raises(UsageProblem, match="nothing to correct"):
        correction_file(held, day("2027-07-20"), "because")
    with pytest.raises(UsageProblem, match="no agreement"):
        agreement_file(contract(known_on=day("2027-02-01")), day("2027-02-01"))


def broken(record: Record) -> str:
    log = ProblemLog()
    read_record(record, log)
    assert [problem.code for problem in log.problems] == ["record_broken"]
    return log.problems[0].what


def test_a_record_that_was_cut_about_is_named(two_months: Record) -> None:
    first, second, third = two_months
    edited = (second[0], second[1].replace(b'"amount_pence": 7500000', b'"amount_pence": 7500001'))
    assert edited != second
    assert "edited" in broken((first, edited, third))
    assert "taken out" in broken((first, third))
    assert "taken out" in broken((second, third))
    assert "0003.json" in broken((first, second, ("0003.json", b"{")))
    assert "begins with the agreement" in broken((("0001.json", _renumbered(second[1])),))
    with pytest.raises(InputProblems) as stopped:
        contract((first, edited, third))
    assert stopped.value.problems[-1].where is not None
    assert stopped.value.problems[-1].where.file == "record/0002.json"
    # edited and hashed anew, the next file no longer follows from it
    assert "doesn't follow" in broken((first, (second[0], _hashed(edited[1])), third))


def _hashed(content: bytes, **changes: Any) -> bytes:
    from wpb.tables.sealed_record import _own_hash

    found = json.loads(content) | changes
    return json.dumps(found | {"hash": _own_hash(found)}).encode()


def _renumbered(content: bytes) -> bytes:
    return _hashed(content, number=1, previous="")


def test_a_file_is_written_whole_or_not_at_all_and_never_over_another(
    tmp_path: Path, two_months: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = agreement_file(contract(), SIGNED)
    write_file(tmp_path, file)
    with pytest.raises(UsageProblem, match="another process"):
        write_file(tmp_path, file)
    assert [path.name for path in (tmp_path / "record").iterdir()] == ["0001.json"]
    second = month_file(contract(two_months[:1]), "2027-04", day("2027-05-20"))

    def killed(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path, second)
    assert [path.name for path in (tmp_path / "record").iterdir()] == ["0001.json"]


SETTINGS = """\
schema: 2
model: small
title: A small model
currency: GBP
prepared_by: Tests
prepared_on: 2026-11-01
lead_provider: PROV
form: mixed
contract: {first_year: 2027-28, years: 3}
baseline:
  spend_year: 2026-27
  convert: {steps: []}
forecast:
  efficiency: {method: multiplicative, reason: as agreed}
  no_growth: {FLAT: The sums are fixed for the term.}
  routes:
    core: {route: national_assumptions, reason: One service alone.}
    care: {route: national_assumptions, reason: One service alone.}
"""


def write_model(folder: Path, **more: Any) -> Path:
    """The small contract as a folder of files."""
    (folder / "inputs").mkdir(parents=True)
    (folder / "model.yaml").write_text(SETTINGS, encoding="utf-8")
    for name, rows in live_tables(**more).items():
        if rows:
            columns = list(dict.fromkeys(key for row in rows for key in row))
            with (folder / "inputs" / f"{name}.csv").open("w", encoding="utf-8") as stream:
                writer = csv.DictWriter(stream, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows(dict(row) for row in rows)
    return folder


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(*words: object) -> int:
    return main([str(word) for word in words])


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose contract is signed and whose first two months are closed, by the commands."""
    folder = write_model(tmp_path_factory.mktemp("signed") / "small")
    assert run("agree", folder, "--on", "2027-03-15") == 0
    assert run("close", folder, "2027-04", "--on", "2027-05-20") == 0
    assert run("close", folder, "2027-05", "--on", "2027-06-20") == 0
    return folder


@pytest.fixture
def copy(signed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(signed, tmp_path / "small"))


def test_a_changed_input_is_refused_by_every_command_with_the_pounds_it_would_move(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", copy) == 0
    path = copy / "inputs" / "direct_spend.csv"
    replaced(path, "1000000", "1001000")
    for words in (
        ("check", copy),
        ("settle", copy),
        ("statement", copy, "--party", "SUB"),
        ("run", copy, "--no-files"),
    ):
        capsys.readouterr()
        assert run(*words, "--json") == 1, words
        problems = json.loads(capsys.readouterr().out)["problems"]
        told = " ".join(one["what"] for one in problems if one["code"] == "sealed_would_change")
        # £1,000 of which nine tenths are for lists that take part, a twelfth of it a month
        assert "2028-29 £900,000.00 to £900,900.00 (+£900.00)" in told, words
        assert "2027-04 is closed" in told
        assert "ICB to PROV £75,000.00 to £75,075.00 (+£75.00)" in told
        assert "inputs/direct_spend.csv" in told


def test_a_payment_dated_back_into_a_closed_month_is_refused(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = copy / "inputs" / "contract_events.csv"
    rows = events.read_text(encoding="utf-8").splitlines()
    extra = dict.fromkeys(rows[0].split(","), "") | {
        "event": "G1",
        "event_kind": "payment",
        "effective_on": "2027-05-01",
        "known_on": "2027-05-10",
        "reason": "Support",
    }
    rows[0] += ",refers_to,party,counterparty,amount,agreed_by"
    rows[1] += ",,,,,"
    rows.append(",".join([*extra.values(), "gain_loss", "ICB", "PROV", "5000", "Board"]))
    events.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert run("settle", copy, "--json") == 1
    told = " ".join(one["what"] for one in json.loads(capsys.readouterr().out)["problems"])
    assert "2027-05 is closed" in told
    assert "(+£5,000.00)" in told
    # with the day it is really known, it is paid in an open month
    replaced(events, "2027-05-10", "2027-06-21")
    assert run("settle", copy, "--json") == 0


def test_with_inputs_and_wpb_both_changed_nothing_passes_for_a_newer_wpb(copy: Path) -> None:
    for number in (1, 2, 3):
        path = copy / "record" / f"{number:04d}.json"
        previous = (
            json.loads((path.parent / f"{number - 1:04d}.json").read_bytes())["hash"]
            if (number > 1)
            else ""
        )
        path.write_bytes(
            _hashed(path.read_bytes(), wpb="0.0.1", calculation="f" * 64, previous=previous)
        )
    assert run("check", copy) == 0
    replaced(copy / "inputs" / "direct_spend.csv", "1000000", "1001000")
    assert run("check", copy) == 1
    assert run("correct", copy, "--reason", "a newer wpb", "--on", "2027-07-02") == 1


def test_a_hash_kept_elsewhere_finds_a_record_that_was_cut_short_or_written_anew(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = copy / "record" / "0003.json"
    head = json.loads(last.read_bytes())["hash"]
    assert run("check", copy, "--head", head) == 0
    assert run("close", copy, "2027-06", "--on", "2027-07-20") == 0
    assert run("check", copy, "--head", head) == 0
    (copy / "record" / "0004.json").unlink()
    last.unlink()
    assert run("check", copy, "--head", head) == 3
    assert "files were taken out" in capsys.readouterr().err


def test_check_names_closed_months_without_a_record_and_days_that_differ(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = copy / "inputs" / "closed_months.csv"
    table.write_text(
        "month,closed_on\n2027-04,2027-05-20\n2027-05,2027-06-20\n2027-06,2027-07-20\n",
        encoding="utf-8",
    )
    assert run("check", copy, "--json") == 0
    found = {one["code"]: one for one in json.loads(capsys.readouterr().out)["problems"]}
    assert "2027-06" in found["closed_month_without_record"]["what"]
    # as known before the month was closed, nothing is missing
    assert run("contract", copy, "--as-known-on", "2027-07-01", "--json") == 0
    earlier = json.loads(capsys.readouterr().out)["problems"]
    assert "closed_month_without_record" not in {one["code"] for one in earlier}
    replaced(table, "2027-05-20", "2027-05-21")
    assert run("check", copy, "--json") == 1
    found = {one["code"]: one for one in json.loads(capsys.readouterr().out)["problems"]}
    assert "2027-05-20" in found["closed_month_differs"]["what"]


def test_a_record_without_its_contract_is_refused(copy: Path) -> None:
    (copy / "inputs" / "contract_terms.csv").unlink()
    assert run("check", copy) == 1
    assert run("run", copy, "--no-files") == 1


def test_sealing_prints_what_was_sealed_as_json(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("close", copy, "2027-06", "--on", "2027-07-20", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    validate(found, json_schema("close"))
    assert found["paid_pence"] == sum(one["amount_pence"] for one in found["postings"]) > 0
    assert run("close", copy, "2027-06", "--on", "2027-07-20") == 2
    assert run("agree", copy, "--on", "2027-07-20") == 2
    assert run("correct", copy, "--reason", "none", "--on", "2027-07-20") == 2


def test_a_correction_that_brings_no_count_is_refused() -> None:
    update = event("U1", "population_update", "2027-07-01", "2027-07-10")
    empty = event("C1", "correction", "2027-07-01", "2027-09-04", refers_to="U1")
    people = counts("2027-07-01", {("P1", "ill"): 10}, "2027-07-05")
    with pytest.raises(InputProblems) as stopped:
        contract(events=[update, empty], population_counts=people)
    found = [one for one in stopped.value.problems if one.code == "correction_without_counts"]
    assert len(found) == 1
    assert "known after 2027-07-10 and by 2027-09-04" in found[0].what
    right = counts("2027-07-01", {("P1", "ill"): 8}, "2027-09-02")
    contract(events=[update, empty], population_counts=[*people, *right])

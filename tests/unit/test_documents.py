"""Documents come from the result tables, in every form, and read aloud."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner

import wpb
from wpb.commands.export import DOCUMENT_NAMES, _papers, export
from wpb.kernel.money import whole_pence
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.present.documents import DOCUMENTS, make_document, write_document
from wpb.present.documents.as_page import page_text
from wpb.present.documents.as_pdf import pdf_bytes, typst_text
from wpb.present.documents.content import Document, Grid, Paragraph, spelled
from wpb.present.documents.papers import Papers
from wpb.present.exposure_view import total_exposure
from wpb.present.result_table import ResultColumn
from wpb.present.words import spell_pennies, spell_pounds

TINY = Path(__file__).parents[1] / "fixtures" / "tiny"
MIDSHIRE = Path(__file__).parents[2] / "examples" / "midshire"
OF_A_CONTRACT = ("schedule-4a", "term-sheet", "gain-loss-statement")


@pytest.fixture(scope="module")
def papers() -> Papers:
    return Papers(wpb.load(TINY).run(), "Draft 3")


@pytest.fixture(scope="module")
def midshire() -> Papers:
    return _papers(MIDSHIRE, "Draft 3", lambda stage: None)


def text_of(document: Document) -> str:
    """All the words of a document."""
    return re.sub(r"<[^>]+>", " ", page_text(document))


def test_every_document_has_its_command() -> None:
    assert set(DOCUMENT_NAMES) == set(DOCUMENTS)
    assert set(export.commands) == {"workbook", *DOCUMENTS}


@pytest.mark.req(35, 214, 228, 229, 361, 362, 365, 366, 371)
@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name not in OF_A_CONTRACT])
def test_documents_of_a_budget_are_written_in_every_form(
    name: str, papers: Papers, tmp_path: Path
) -> None:
    document = make_document(name, papers)
    for form, start in ((".pdf", b"%PDF"), (".docx", b"PK"), (".html", b"<!doctype html>")):
        path = tmp_path / f"paper{form}"
        write_document(document, path)
        assert path.read_bytes().startswith(start)
    assert "Draft 3" in page_text(document)
    assert docx.Document(str(tmp_path / "paper.docx")).core_properties.title == document.title


@pytest.mark.req(361, 362)
def test_a_board_paper_shows_the_figures_of_the_result_tables(papers: Papers) -> None:
    text = text_of(make_document("board-paper", papers))
    for amount in papers.reader.tables["bridge"].column("amount_pence"):
        assert spell_pounds(amount) in text
    assert text.count("What the board should weigh") == 1


@pytest.mark.req(361)
def test_pdf_is_tagged_and_a_picture_without_words_is_refused(papers: Papers) -> None:
    content = pdf_bytes(make_document("public-summary", papers))
    assert b"pdfuaid" in content and b"StructTreeRoot" in content
    import typst

    with pytest.raises(typst.TypstError, match="alt"):
        typst.compile(
            b'#set document(title: "x")\n#image(bytes("<svg xmlns=\\"http://www.w3.org/2000/svg\\"'
            b' width=\\"9\\" height=\\"9\\"/>"), format: "svg")',
            format="pdf",
            pdf_standards=["ua-1"],
        )


def test_words_that_look_like_markup_stay_words() -> None:
    nasty = 'a #strong[b] "quoted" \\ $x$ <script>alert(1)</script> *c* @d'
    document = Document(
        nasty,
        "subject",
        "Draft",
        "me",
        "2026-11-01",
        (Paragraph(nasty), Grid(nasty, (nasty,), ((nasty,),))),
    )
    assert pdf_bytes(document).startswith(b"%PDF")
    assert "<script>" not in page_text(document)
    assert "[b]" in typst_text(document)


@pytest.mark.req(366, 370)
def test_figures_are_spelled_as_finance_people_write_them(papers: Papers) -> None:
    pence, rate, number, code = (
        ResultColumn("x", "X", kind) for kind in ("pence", "rate", "number", "code")
    )
    assert [spelled(value, pence, "£") for value in (-123_456, 0, None)] == [
        "\u2212£1,235",
        "£0",
        "",
    ]
    assert [spelled(value, rate, "£") for value in (0.0327, -0.00000001)] == ["3.27%", "0%"]
    assert [spelled(value, number, "£") for value in (0.000327, 1.016, 1234.567, 12.0)] == [
        "0.000327",
        "1.016",
        "1,234.57",
        "12",
    ]
    assert [
        spelled(value, code, "£")
        for value in ("simple_average", "activity_growth.community", "S_1")
    ] == ["simple average", "activity_growth.community", "S_1"]
    values = next(
        part
        for part in make_document("assumption-log", papers).parts
        if isinstance(part, Grid) and part.caption == "Values by year"
    )
    shown = {row[1]: set(row[3:]) - {""} for row in values.rows}
    assert shown["activity_growth.community"] == {"3.3%"}


def test_the_same_budget_gives_the_same_pdf(papers: Papers) -> None:
    document = make_document("indicative-values", papers)
    assert pdf_bytes(document) == pdf_bytes(document)


@pytest.mark.req(363)
def test_an_amount_of_money_is_never_broken_over_lines(midshire: Papers) -> None:
    text = typst_text(make_document("schedule-4a", midshire))
    whole, broken = (
        re.findall(pattern, text) for pattern in (r"£\d{3},\d{3},\d{3}\.\d\d", "£[\\d,.]*\u200b")
    )
    assert whole and broken == []


@pytest.mark.req(211, 213, 363)
def test_schedule_4a_adds_up_by_payer_and_month(midshire: Papers) -> None:
    document = make_document("schedule-4a", midshire)
    first = midshire.contract["years"][0]
    assert (
        sum(row["wpap_pence"] for row in first["schedule_4a"])
        == first["wpap_pence"]
        == first["part_a_pence"] + first["part_b_pence"]
    )
    text = text_of(document)
    assert spell_pennies(first["wpap_pence"]) in text and "not exhaustive" in text
    for caption in (
        "Annual payment by month, 2027-28 to 2031-32",
        "Annual payment by payer and funding stream, 2027-28 to 2031-32",
    ):
        grid = next(
            part for part in document.parts if isinstance(part, Grid) and part.caption == caption
        )
        at = grid.headings.index("2027-28")
        amounts = [round(float(re.sub(r"[^\d.-]", "", row[at])) * 100) for row in grid.rows]
        assert sum(amounts[:-1]) == amounts[-1] == first["wpap_pence"]


@pytest.mark.req(286, 364)
def test_the_term_sheet_holds_what_the_arrangement_declares(midshire: Papers) -> None:
    text = text_of(make_document("term-sheet", midshire))
    name, declared = midshire.arrangements[0]
    assert str(declared["title"]) in text and name in text
    assert "50% in 2027-28 to 2029-30; 30% in 2030-31 to 2036-37" in text
    assert (
        "minimum savings rate: 1%" in text
        and "Shares follow who can influence what is used" in text
    )


@pytest.mark.req(286, 287, 364)
def test_statements_say_what_each_party_is_due_and_what_was_settled_before(
    midshire: Papers,
) -> None:
    grids = [
        part
        for part in make_document("gain-loss-statement", midshire).parts
        if isinstance(part, Grid) and part.headings[0] == "Party"
    ]
    assert midshire.live is not None
    stated = midshire.live.sharing.statements
    assert len(grids) == len(stated) > 1
    before: dict[str, int] = {}
    for grid, one in zip(grids, stated, strict=True):
        for row, party in zip(grid.rows, one["parties"], strict=True):
            settled = before.get(party["party"], 0)
            assert row[0] == party["title"]
            assert row[3:] == tuple(
                spell_pennies(amount)
                for amount in (party["due_pence"], settled, party["due_pence"] - settled)
            )
            before[party["party"]] = party["due_pence"]


@pytest.mark.req(284, 365)
def test_a_risk_statement_gives_each_partys_worst_year(midshire: Papers) -> None:
    document = make_document("risk-allocation", midshire)
    grid = next(
        part
        for part in document.parts
        if isinstance(part, Grid) and part.caption == "Greatest exposure in a year, by party"
    )
    assert midshire.live is not None
    exposed = total_exposure(midshire.live, list(midshire.parties), 0.05, ProblemLog())["exposures"]
    for row in grid.rows:
        totals = [one["total_pence"] for one in exposed if midshire.named(one["party"]) == row[0]]
        assert row[2] == spell_pounds(whole_pence(max(totals)))


@pytest.mark.req(228, 361, 371)
def test_papers_of_a_place_with_a_contract_draw_on_it(midshire: Papers) -> None:
    now = midshire.contract["years"][0]
    for name, amount in (
        ("board-paper", now["wpb_pence"]),
        ("local-payment", now["wpap_pence"]),
        ("indicative-values", now["indicative_wpb_pence"]),
    ):
        assert spell_pounds(amount) in text_of(make_document(name, midshire)), name
    assert "Since it was first set out the sum for the whole term has" in text_of(
        make_document("public-summary", midshire)
    )


def test_nobody_reads_codes_or_raw_dates(midshire: Papers) -> None:
    """Codes of organisations and dates as files write them don't reach those who sign."""
    for name in (
        "schedule-4a",
        "term-sheet",
        "gain-loss-statement",
        "local-payment",
        "public-summary",
        "indicative-values",
        "risk-allocation",
    ):
        text = text_of(make_document(name, midshire))
        assert not re.findall(r"\b(?:QZN|QZS|MCC|wpap)\b", text), name
        assert not re.findall(r"\b20\d\d-\d\d-\d\d\b", text), name


def test_a_model_without_a_contract_is_told_so(papers: Papers) -> None:
    for name in OF_A_CONTRACT:
        with pytest.raises(UsageProblem):
            make_document(name, papers)


def test_the_command_writes_and_refuses(tmp_path: Path) -> None:
    out = tmp_path / "new" / "paper.pdf"
    done = CliRunner().invoke(
        export, ["assumption-log", str(TINY), str(out), "--mark", "Version 2"]
    )
    assert done.exit_code == 0 and out.is_file(), done.output
    refused = CliRunner().invoke(export, ["assumption-log", str(TINY), str(tmp_path / "paper.odt")])
    assert isinstance(refused.exception, UsageProblem) and not (tmp_path / "paper.odt").exists()


def test_pages_of_the_board_paper_carry_its_mark(papers: Papers, tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    write_document(make_document("board-paper", papers), path)
    try:
        words = subprocess.run(
            ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
        ).stdout
    except FileNotFoundError:
        pytest.skip("pdftotext is not installed")
    assert all("Draft 3" in page for page in words.split("\f") if page.strip())

"""The text of a model's sharing arrangements: files of a folder, or sheets of a workbook that
brings them along.

Source: handbook 6.4.6; req 286, 367.
"""

from __future__ import annotations

from pathlib import Path

SHEET = "sharing "
"""How the name of a sheet begins that holds an arrangement, one line of its file to a row."""


def arrangement_texts(place: Path) -> list[tuple[str, str]]:
    """Give the name and text of each arrangement of a model's folder or workbook, in order of name.

    A workbook without such sheets stands beside its folder 'arrangements', as its other files do.
    Source: handbook 6.4.6; req 286.
    """
    if place.is_file():
        return _in_workbook(place) or arrangement_texts(place.parent)
    return [
        (file.name, file.read_text(encoding="utf-8-sig"))
        for file in sorted((place / "arrangements").glob("*.yaml"))
    ]


def _in_workbook(path: Path) -> list[tuple[str, str]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    found = []
    for name in sorted(name for name in book.sheet_names if name.startswith(SHEET)):
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        found.append(
            (
                f"{name.removeprefix(SHEET)}.yaml",
                "".join(f"{row[0] if row else ''}\n" for row in rows),
            )
        )
    return found

"""One raw value to its typed value, by the kind of its column; what can't be read says why and how
to mend it.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from decimal import Decimal

from wpb.intake.grids import Raw, SheetFault, as_entered
from wpb.kernel.calendar import is_financial_year, start_year
from wpb.kernel.words import did_you_mean, one_of
from wpb.tables.schema import Column
from wpb.tables.settings_shape import FIRST_YEAR, LAST_YEAR

SIGNS = {"GBP": "£", "USD": "$", "EUR": "€"}
PLAIN_NUMBER = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?")
ERROR_TEXTS = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
)
CODE_AS_DATE = re.compile(
    r"\d{1,2}-[A-Z][a-z]{2}(-\d{2}(\d{2})?)?|[A-Z][a-z]{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2}(\d{2})?"
    r"|\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?"
)
"""What Excel makes of a code such as MAR1 or 1-2: 01-Mar, Mar-25, 01/03/2025."""
DAY_FIRST = (
    re.compile(r"(?P<day>\d{1,2})[/.\-](?P<month>\d{1,2})[/.\-](?P<year>\d{4}|\d{2})"),
    re.compile(r"(?P<day>\d{1,2})[ \-/]?(?P<month>[A-Za-z]{3,9})[ \-/,]{0,2}(?P<year>\d{4}|\d{2})"),
)
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
SCIENTIFIC = re.compile(r"-?\d+(\.\d+)?[eE][+-]?\d+")


class ValueFault(Exception):
    """A value that can't be read: what is wrong, how to mend it, and a short code for the kind of
    fault.
    """

    def __init__(self, what: str, fix: str, code: str):
        super().__init__(what)
        self.what, self.fix, self.code = what, fix, code


def typed_value(column: Column, raw: Raw, currency: str) -> object:
    """Turn one raw value that is not blank into the typed value of its column.

    Pounds become pence: exactly 100 times the decimal as entered, then the nearest float64. Rates
    and shares may be written 0.025 or 2.5%. Raises ValueFault, with words for the user, for
    anything else.
    """
    if isinstance(raw, SheetFault):
        raise _sheet_fault(raw)
    if isinstance(raw, str) and raw.strip().upper() in ERROR_TEXTS:
        raise _sheet_fault(SheetFault(raw.strip()))
    if column.is_number:
        return _in_range(column, _number(column, raw, currency), raw)
    return READERS[column.kind](column, raw)


def _sheet_fault(raw: SheetFault) -> ValueFault:
    if raw.calculated:
        return ValueFault(
            f"The cell holds the Excel error {raw.text}.",
            "Mend its formula, or type the value in; an error is never read as blank.",
            "excel_error",
        )
    return ValueFault(
        f"The formula {raw.text} was never calculated.",
        "Open the workbook in Excel, let it calculate, and save it.",
        "not_calculated",
    )


EXAMPLES = {
    "pounds": "30000 or 1,234.50",
    "number": "12.5",
    "count": "1250",
    "rate": "0.025 or 2.5%",
    "share": "0.6 or 60%",
}
NOUNS = {
    "pounds": "of pounds",
    "number": "",
    "count": "",
    "rate": "for a rate",
    "share": "for a share",
}


def _not_a_number(column: Column, raw: Raw, fix: str = "") -> ValueFault:
    what = f"'{as_entered(raw)}' is not a number {NOUNS[column.kind]}".rstrip() + "."
    return ValueFault(
        what, fix or f"Enter digits only, for example {EXAMPLES[column.kind]}.", "not_a_number"
    )


def _number(column: Column, raw: Raw, currency: str) -> float:
    if isinstance(raw, bool | datetime.date | datetime.time | datetime.timedelta):
        raise _not_a_number(column, raw)
    if isinstance(raw, int | float):
        if raw in (float("inf"), float("-inf")):
            raise _not_a_number(column, raw)
        return float(Decimal(repr(raw)) * 100) if column.kind == "pounds" else float(raw)
    text = str(raw).strip(" ").replace("\u2212", "-")
    if column.kind == "pounds":
        return float(Decimal(_plain(column, raw, _without_sign(text, raw, currency))) * 100)
    if text.endswith("%"):
        if column.kind not in ("rate", "share"):
            raise _not_a_number(column, raw)
        return float(Decimal(_plain(column, raw, text[:-1].rstrip(" "))) / 100)
    return float(text) if SCIENTIFIC.fullmatch(text) else float(_plain(column, raw, text))


def _plain(column: Column, raw: Raw, text: str) -> str:
    """Test that text is digits, with thousands commas in their places or none, and take the commas
    out.
    """
    if PLAIN_NUMBER.fullmatch(text) and any(character.isdigit() for character in text):
        return text.replace(",", "")
    if re.fullmatch(r"\(.*\)", text):
        inner = text[1:-1].lstrip("".join(SIGNS.values()))
        raise _not_a_number(
            column,
            raw,
            f"Write a negative amount with a minus sign, for example -{inner}; brackets may only"
            " mean a note.",
        )
    if text.endswith("-"):
        raise _not_a_number(column, raw, f"Put the minus sign in front, for example -{text[:-1]}.")
    if SCIENTIFIC.fullmatch(text):
        raise _not_a_number(
            column,
            raw,
            "It was saved in short form and may have lost digits: format the cells as numbers and"
            " save again.",
        )
    raise _not_a_number(column, raw)


def _without_sign(text: str, raw: Raw, currency: str) -> str:
    own = SIGNS.get(currency, "£")
    for sign in ("£", "$", "€", "¥"):
        if sign in text and sign != own:
            raise ValueFault(
                f"'{as_entered(raw)}' is in {sign}, but this model is in {currency or 'GBP'}.",
                f"Enter the amount in {currency or 'GBP'}, with no sign.",
                "currency",
            )
    negative = text.startswith("-")
    body = text.removeprefix("-").removeprefix(own).lstrip(" ")
    if body.startswith("-") and not negative:
        negative, body = True, body[1:]
    return f"-{body}" if negative else body


def _in_range(column: Column, value: float, raw: Raw) -> float:
    fault = column.range.fault(value / (100.0 if column.kind == "pounds" else 1.0))
    if not fault:
        return value
    allowed, entered = column.range, as_entered(raw)
    likely = ""
    if column.kind in ("rate", "share") and allowed.holds(value / 100):
        likely = f"Write {value:g}% (or {value / 100:g}) if that is what is meant. "
    example = f", for example {allowed.example}" if allowed.example else ""
    what = {"rate": "a rate ", "share": "a share "}.get(column.kind, "")
    raise ValueFault(
        f"'{entered}' {fault}",
        f"{likely}Enter {what}{allowed.words}{example}.",
        "out_of_range",
    )


def hidden_character(text: str, in_code: bool) -> str:
    """Name the first character that can't be seen, such as U+00A0 NO-BREAK SPACE; '' where there is
    none.

    Codes hold none at all; other text may hold line ends and tabs.
    """
    if text.isascii() and text.isprintable():
        return ""
    for character in text:
        category = unicodedata.category(character)
        unseen = category in ("Cc", "Cf", "Zl", "Zp", "Co", "Cn") or (
            category == "Zs" and character != " " and in_code
        )
        if unseen and (in_code or character not in "\n\r\t"):
            return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"
    return ""


def _text_of(raw: Raw, in_code: bool) -> str:
    text = as_entered(raw).strip(" ")
    unseen = hidden_character(text, in_code)
    if unseen:
        raise ValueFault(
            f"'{text.strip()}' holds a character that can't be seen ({unseen}).",
            "Type the value afresh.",
            "hidden_character",
        )
    return text


def _code(column: Column, raw: Raw) -> str:
    if isinstance(raw, datetime.date | datetime.time | datetime.timedelta):
        raise ValueFault(
            f"Excel has turned this code into the date or time {as_entered(raw)}.",
            "Format the cell as Text and type the code again.",
            "code_as_date",
        )
    if isinstance(raw, float) and not raw.is_integer():
        raise ValueFault(
            f"The code is held as the number {as_entered(raw)}.",
            "Format the cell as Text and type the code again, so that no zero is lost.",
            "code_as_number",
        )
    text = _text_of(raw, in_code=True)
    _check_code_text(text)
    return as_register_writes(column, text)


ODS_COLUMNS = ("gp_lists.list_code", "organisations.organisation")
ODS_OWN = ("list_code", "organisation", "commissioner", "provider", "host", "payer")
ODS_CODE = re.compile(
    r"[A-Z]\d{5}|[QR][A-Z0-9]{2}|[A-Z]\d[A-Z0-9]|\d{2}[A-Z]|R[A-Z0-9]{2}[A-Z0-9]{2}"
)


def as_register_writes(column: Column, text: str) -> str:
    """Write a code of an organisation or a practice as ODS does, in upper case without spaces; a
    code that is not of that shape, and one of any other register, stays as it is.

    Source: NHS Organisation Data Service; req 155.
    """
    if column.refers_to not in ODS_COLUMNS and column.name not in ODS_OWN:
        return text
    return as_ods_writes(text)


def as_ods_writes(text: str) -> str:
    """Write a code of the shape of an ODS code in upper case without spaces; others as they are."""
    upper = "".join(text.split()).upper()
    return upper if ODS_CODE.fullmatch(upper) else text


def _check_code_text(text: str) -> None:
    if CODE_AS_DATE.fullmatch(text):
        raise ValueFault(
            f"'{text}' is a date where a code belongs: Excel may have changed it.",
            "Format the cell as Text and type the code again.",
            "code_as_date",
        )
    if SCIENTIFIC.fullmatch(text) and ("." in text or "+" in text):
        raise ValueFault(
            f"'{text}' is a code saved in short form, so it has lost digits.",
            "Format the cell as Text and type the code again.",
            "code_as_number",
        )


def _text(column: Column, raw: Raw) -> str:
    return _text_of(raw, in_code=False)


def _year(column: Column, raw: Raw) -> str:
    if isinstance(raw, datetime.date):
        raise ValueFault(
            f"Excel has turned this year into the date {as_entered(raw)}.",
            "Format the cell as Text and type the year again, for example 2030-31.",
            "year_malformed",
        )
    text = _text_of(raw, in_code=True)
    if not is_financial_year(text):
        digits = re.match(r"(\d{4})", text)
        example = f"{digits[1]}-{(int(digits[1]) + 1) % 100:02d}" if digits else "2030-31"
        raise ValueFault(
            f"'{text}' is not a financial year.", f"Write it as {example}.", "year_malformed"
        )
    if not FIRST_YEAR <= start_year(text) <= LAST_YEAR:
        raise ValueFault(
            f"The year {text} is out of range.",
            "Enter a year from 2010-11 to 2060-61.",
            "year_range",
        )
    return text


def _date(column: Column, raw: Raw) -> str:
    if isinstance(raw, datetime.datetime):
        raw = raw.date()
    if isinstance(raw, datetime.date):
        return raw.isoformat()
    text = as_entered(raw).strip(" ")
    try:
        if datetime.date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    found = date_day_first(text)
    if found is not None:
        return found.isoformat()
    raise ValueFault(
        f"'{text}' is not a date.",
        "Write it as year-month-day, for example 2030-04-01.",
        "date_malformed",
    )


def date_day_first(text: str) -> datetime.date | None:
    """Read a date as it is written in the UK, day first: 01/04/2025, 1-Apr-25, 01APR2025, 1 April
    2025; None for anything else. Two figures of a year are of this century.
    """
    for form in DAY_FIRST:
        found = form.fullmatch(text.strip())
        if found is None:
            continue
        month = found["month"].casefold()
        months = [at for at, name in enumerate(MONTHS, 1) if name.startswith(month)]
        number = int(month) if month.isdigit() else months[0] if len(months) == 1 else 0
        year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
        try:
            return datetime.date(year, number, int(found["day"]))
        except ValueError:
            return None
    return None


def _yes_no(column: Column, raw: Raw) -> bool:
    text = as_entered(raw).strip(" ").casefold()
    if text in ("true", "yes"):
        return True
    if text in ("false", "no"):
        return False
    raise ValueFault(
        f"'{as_entered(raw)}' is neither yes nor no.",
        "Enter true or false (yes or no will do).",
        "not_yes_no",
    )


def _choice(column: Column, raw: Raw) -> str:
    text = _text_of(raw, in_code=True)
    if text not in column.choices:
        raise ValueFault(
            f"'{text}' is not one of the choices for '{column.name}'.",
            f"{did_you_mean(text, column.choices)}Enter {one_of(column.choices)}.",
            "choice_unknown",
        )
    return text


READERS = {
    "code": _code,
    "text": _text,
    "year": _year,
    "date": _date,
    "yes_no": _yes_no,
    "choice": _choice,
}

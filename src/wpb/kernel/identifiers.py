"""What identifies a person: NHS numbers in any disguise, headings by meaning, and values that look
like names, postcodes, dates of birth, telephone numbers or email addresses.

One place decides it for every table and every message. A value is judged here and never kept.
Source: handbook 2.4.5; req 102, 462.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from math import sqrt
from typing import Literal

Kind = Literal["nhs_numbers", "names", "postcodes", "dates", "emails", "telephone_numbers"]

BY_CHANCE = 1 / 11
"""Share of ten-digit values that are valid NHS numbers by chance."""
REFUSED_SHARE = 0.3
"""Of ten-digit values, however few there are: a third are no chance."""
REFUSED_DEVIATIONS = 6
"""Standard deviations above what chance gives: among many values even a few NHS numbers in a
hundred show.
"""
MOSTLY = 0.6
"""Share of a column's values that must be one common name, or eight digits that make a date."""
NOT_SHOWN = "(number not shown)"
_TEN = 10

# A run of ten digits of any script, with at most three marks, none a letter, between two of them.
_BETWEEN = r"(?:[^\w]|_){0,3}"
TEN_DIGITS = re.compile(rf"\d(?:{_BETWEEN}\d){{9}}")
_CHAIN = re.compile(rf"\d(?:{_BETWEEN}\d)*")
_EXPONENT = re.compile(r"(?<![\d.])(\d)(?:[.](\d{1,12}))?[eE][+]?0?9(?!\d)")
_TRAILING_ZERO = re.compile(r"(?<=\d)[.]0+(?!\d)")
_SPACED = re.compile(
    r"(?<!\d)\d{3}[ \u2000-\u200b\u202f\u00a0-]\d{3}[ \u2000-\u200b\u202f\u00a0-]\d{4}(?!\d)"
)
_WRITTEN = re.compile(
    r"(?<![\d.,\u00a3])(?:\d{10}|\d{3}[ \u00a0-]\d{3}[ \u00a0-]\d{4})(?![\d,]|[.]\d)", re.ASCII
)
_SAID = re.compile(r"nhs[^0-9]{0,12}\d", re.IGNORECASE)

_POSTCODE = re.compile(
    r"(?<![A-Z0-9])[A-Z]{1,2}[0-9][A-Z0-9]?(\s*)[0-9][ABD-HJLNP-UW-Z]{2}(?![A-Z0-9])", re.IGNORECASE
)
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+([.][\w-]+)+")
_PHONE = re.compile(
    r"(?<![\w.])(?:(?:\+|00)44[\s().-]*(?:0[\s().-]*)?[1-9](?:[\s().-]*\d){8,9}"
    r"|\(?0[123789]\d{0,4}\)?(?:[\s().-]*\d){6,9})(?![\w.])"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|1[0-2])[-/.](?:(?:19|20)\d\d|\d\d)"
    rf"|(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[\s-]*{_MONTH}[\s,-]*(?:19|20)?\d\d"
    rf"|{_MONTH}\s+(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_RUN_TOGETHER = re.compile(
    r"(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d)$"
)
_BORN = re.compile(r"\b(?:d\.?o\.?b|born|birth)", re.IGNORECASE)
_NAME_SHAPE = re.compile(
    r"[^\W\d_]+(?:['\u2019.-]?[^\W\d_]+)*(?:[,.]?\s+[^\W\d_]+(?:['\u2019.-][^\W\d_]*)*[.,]?){0,4}$"
)
_TITLE = re.compile(r"(?:mr|mrs|miss|ms|master|mx)\b[.]?\s+[^\W\d_]", re.IGNORECASE)
_KEY = re.compile(r"""["']([^"':{}\[\]]{1,40})["']\s*:""")

SHARES: dict[Kind, tuple[int, float]] = {
    "names": (1, 0.3),
    "postcodes": (3, 0.05),
    "dates": (3, 0.05),
    "emails": (1, 0.0),
    "telephone_numbers": (3, 0.05),
}
"""How many different values, and what share of a column's, make it one of that kind; a share of
0.5 does so however few there are.
"""
WORDS: dict[Kind, str] = {
    "nhs_numbers": "valid NHS numbers",
    "names": "values that look like people's names",
    "postcodes": "full postcodes",
    "dates": "full dates, as dates of birth are, where none is declared",
    "emails": "email addresses",
    "telephone_numbers": "telephone numbers",
}


def valid_nhs_number(digits: str) -> bool:
    """Say whether ten digits end in the check digit of an NHS number, by modulus 11.

    check = 11 - (10 x d1 + 9 x d2 + ... + 2 x d9) mod 11, with 11 read as 0 and 10 never given.
    """
    if len(digits) != _TEN or not (digits.isascii() and digits.isdigit()):
        return False
    weighed = sum((_TEN - place) * int(digit) for place, digit in enumerate(digits[:9]))
    check = 11 - weighed % 11
    return check % 11 == int(digits[9]) and check != _TEN and digits != "0" * _TEN


def beyond_chance(ten_digits: int, valid: int) -> bool:
    """Say whether so many valid NHS numbers among so many ten-digit values are no chance.

    refused: valid >= 0.3 n, or valid > n p + 6 sqrt(n p (1 - p)) with p = 1/11.
    """
    likely = ten_digits * BY_CHANCE
    return valid > 0 and (
        valid >= REFUSED_SHARE * ten_digits
        or valid > likely + REFUSED_DEVIATIONS * sqrt(likely * (1 - BY_CHANCE))
    )


def ten_digit_numbers(text: str) -> Iterator[str]:
    """Give every number of ten digits in a text, however it is marked, spaced or headed.

    Digits of any script count; a spreadsheet's '.0' and exponent are read as the number they stand
    for. Digits that marks part belong together where they make ten.
    """
    plain = _TRAILING_ZERO.sub(" ", _as_ascii(text))
    for found in _EXPONENT.finditer(plain):
        yield (found[1] + (found[2] or "")).ljust(_TEN, "0")[:_TEN]
    if not TEN_DIGITS.search(plain):
        return
    for chain in _CHAIN.findall(plain):
        runs = re.findall(r"\d+", chain)
        whole = [run for run in runs if len(run) == _TEN]
        yield from whole
        if not whole:
            yield from _joined(runs)


def _joined(runs: list[str]) -> Iterator[str]:
    for first in range(len(runs)):
        digits = ""
        for run in runs[first:]:
            digits += run
            if len(digits) >= _TEN:
                break
        if len(digits) == _TEN:
            yield digits


@lru_cache(maxsize=4096)
def _as_ascii(text: str) -> str:
    if text.isascii():
        return text
    spelt = unicodedata.normalize("NFKC", text)
    return "".join(
        str(unicodedata.digit(letter)) if letter.isdigit() and not letter.isascii() else letter
        for letter in spelt
    )


def surely_nhs_number(text: str) -> bool:
    """Say whether a text holds a valid NHS number written as only NHS numbers are: said to be one,
    or in threes and a four.
    """
    plain = _as_ascii(text)
    shaped = (re.sub(r"\D", "", found) for found in _SPACED.findall(plain))
    if any(valid_nhs_number(digits) for digits in shaped):
        return True
    return bool(_SAID.search(plain)) and any(map(valid_nhs_number, ten_digit_numbers(plain)))


def without_numbers(text: str) -> str:
    """Give a text with every valid NHS number in it replaced by words, for messages.

    Sums of money and dates stay: only ten digits together, or in threes and a four, are looked at.
    Source: req 102.
    """

    def hidden(found: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", found[0])
        return NOT_SHOWN if valid_nhs_number(digits) else found[0]

    return _WRITTEN.sub(hidden, text)


@lru_cache(maxsize=1)
def _headings() -> frozenset[tuple[str, ...]]:
    lines = (files("wpb.kernel") / "identifying_headings.txt").read_text(encoding="utf-8")
    return frozenset(
        tuple(line.split()) for line in lines.splitlines() if line and not line.startswith("#")
    )


@lru_cache(maxsize=1)
def _names() -> tuple[frozenset[str], frozenset[str]]:
    text = (files("wpb.kernel") / "common_names.txt").read_text(encoding="utf-8")
    given, family = text.split("# given\n")[1].split("# family\n")
    return frozenset(given.split()), frozenset(family.split())


OF_ORGANISATIONS = frozenset(
    [
        "practice",
        "provider",
        "gp",
        "hospital",
        "site",
        "trust",
        "organisation",
        "org",
        "commissioner",
        "icb",
        "ccg",
        "service",
        "team",
        "clinic",
        "list",
        "ward",
        "area",
        "lsoa",
        "msoa",
        "drug",
        "condition",
        "specialty",
        "cluster",
        "contract",
        "surgery",
        "council",
        "department",
        "pharmacy",
        "pod",
        "hrg",
        "treatment",
        "test",
        "file",
        "table",
        "column",
        "group",
        "category",
        "type",
        "model",
        "programme",
        "neighbourhood",
        "pcn",
        "place",
        "region",
    ]
)
"""Words that make a heading with 'name' or 'address' one of an organisation or a thing."""
_OF_THINGS = {("name",), ("names",), ("address",), ("street",), ("road",), ("house",)}
_LONGEST = 5


def words_of(heading: str) -> list[str]:
    """Take a heading apart into small words at separators, capitals within it and digits behind."""
    spelt = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", _as_ascii(heading))
    unaccented = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    return [
        word.rstrip("0123456789") or word for word in re.findall(r"[a-z0-9]+", unaccented.lower())
    ]


def names_a_person(heading: str) -> bool:
    """Say whether a heading names what identifies people, by the kept list of words.

    Source: req 102.
    """
    words, known = words_of(heading), _headings()
    of_things = bool(OF_ORGANISATIONS & set(words))
    for first in range(len(words)):
        for last in range(first + 1, min(len(words), first + _LONGEST) + 1):
            phrase = tuple(words[first:last])
            if phrase in known and not (of_things and phrase in _OF_THINGS):
                return True
    return any(word in _run_together() for word in [*words, "".join(words)])


@lru_cache(maxsize=1)
def _run_together() -> frozenset[str]:
    """Phrases without their spaces, alone and after words for a person."""
    people = ("patient", "pat", "pt", "px", "person", "client", "resident", "member", "carer")
    phrases = {"".join(phrase) for phrase in _headings()}
    return frozenset(
        {phrase for phrase in phrases if len(phrase) > 4}
        | {person + phrase for person in people for phrase in phrases if len(phrase) > 2}
    )


def fit_to_show(heading: str, known: Iterable[str] = ()) -> bool:
    """Say whether a heading may be shown: it is a column of ours, or plain words without numbers,
    names or addresses in it.
    """
    if heading in known:
        return True
    if sum(letter.isdigit() for letter in heading) > 3 or not heading.strip() or len(heading) > 60:
        return False
    return names_a_person(heading) or not (
        kinds_of(heading) or any(word in part for part in _names() for word in words_of(heading))
    )


def kinds_of(text: str) -> set[Kind]:
    """Say what a value looks like; full dates count too, wherever they are.

    A value with a name in it is told by common names and by titles.
    """
    found: set[Kind] = set()
    value = _as_ascii(text).strip()
    has_digit = any(letter.isdigit() for letter in value)
    if "@" in value and _EMAIL.search(value):
        found.add("emails")
    if has_digit:
        if _POSTCODE.search(value) and _a_postcode(value):
            found.add("postcodes")
        if any(_a_telephone_number(match[0]) for match in _PHONE.finditer(value)):
            found.add("telephone_numbers")
        if _DATE.search(value):
            found.add("dates")
    if _a_name(value):
        found.add("names")
    return found


def _a_postcode(value: str) -> bool:
    return any(found[1] or found[0] == value for found in _POSTCODE.finditer(value))


def _a_telephone_number(written: str) -> bool:
    digits = re.sub(r"\D", "", written)
    return (
        len(digits) in (10, 11) if digits.startswith(("01", "02", "03", "07", "08", "09")) else True
    )


def _a_name(value: str) -> bool:
    if _TITLE.match(value):
        return True
    if len(value) > 60 or not _NAME_SHAPE.match(value):
        return False
    given, family = _names()
    words = re.findall(r"[^\W\d_]+", re.sub(r"['\u2019]", "", value).lower())
    if len(words) == 1:
        return False
    return any(word in given for word in words) or ("," in value and words[0] in family)


def a_single_name(value: str) -> bool:
    """Say whether a value is one word, and a common given or family name."""
    word = value.strip().lower()
    return any(word in part for part in _names())


@dataclass
class Column:
    """What was found in the different values of one column."""

    values: int = 0
    """Different values that are not blank and not plain short numbers."""
    ten_digits: int = 0
    valid: int = 0
    sure: int = 0
    in_exponent: int = 0
    single_names: int = 0
    run_together: int = 0
    """Values of eight digits that are a date without marks between."""
    of_kind: dict[Kind, int] = field(default_factory=dict)

    def look_at(self, text: str) -> None:
        """Count what one more value of the column holds."""
        if len(text) < 3:
            self.values += 1
            return
        self.values += 1
        plain = _as_ascii(text)
        numbers = set(ten_digit_numbers(plain))
        if numbers:
            self.ten_digits += len(numbers)
            self.valid += sum(map(valid_nhs_number, numbers))
            self.sure += surely_nhs_number(plain)
            self.in_exponent += bool(_EXPONENT.search(plain))
        self.single_names += a_single_name(plain)
        self.run_together += bool(_RUN_TOGETHER.match(plain))
        for kind in kinds_of(plain):
            self.of_kind[kind] = self.of_kind.get(kind, 0) + 1
        if any(names_a_person(key) for key in _KEY.findall(plain)):
            self.of_kind["names"] = self.of_kind.get("names", 0) + self.values
        if "dates" in self.of_kind and _BORN.search(plain) and _DATE.search(plain):
            self.of_kind["dates"] += 3

    def refused(self, *, dates_allowed: bool) -> dict[Kind, int]:
        """Give the kinds for which the column is refused, with how many values are of each.

        Source: req 102.
        """
        found: dict[Kind, int] = {}
        if self.sure or beyond_chance(self.ten_digits, self.valid):
            found["nhs_numbers"] = max(self.valid, self.sure)
        elif self.in_exponent and self.in_exponent >= REFUSED_SHARE * self.values:
            found["nhs_numbers"] = self.in_exponent
        for kind, count in self.of_kind.items():
            fewest, share = SHARES[kind]
            if count >= 0.5 * self.values or (count >= fewest and count >= share * self.values):
                found[kind] = count
        if self.single_names and self.single_names >= MOSTLY * self.values:
            found["names"] = found.get("names", 0) + self.single_names
        if self.run_together and self.run_together >= MOSTLY * self.values:
            found["dates"] = found.get("dates", 0) + self.run_together
        if dates_allowed:
            found.pop("dates", None)
        return found


def look_at(values: Iterable[object]) -> Column:
    """Count what the different values of a column hold."""
    found = Column()
    for value in values:
        if value is not None:
            found.look_at(str(value))
    return found

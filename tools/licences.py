"""The licences of what wpb installs, read from what the installed packages say of themselves.

    python tools/licences.py             print the report, a Markdown table
    python tools/licences.py --check     print what is not allowed or not known; exit code 3 if any

Run it with the environment's Python. A licence is read from the package's licence expression, else
its licence field, else its classifiers; where those say only "BSD", from the text it brings along.
Libraries that a package's own compiled files hold inside are not looked into.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from locked import LOCK, Locked, packages

ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
        "Zlib",
    }
)
"""Licences under which a package may be installed beside wpb and used for any purpose; MPL-2.0 asks
only that changes to its own files be shared.
"""
WORDS = {
    "2-clause bsd license": "BSD-2-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
"""Names of licences in fields and classifiers, by their identifiers."""
LONGEST_NAME = 60
"""Characters: a licence field that is longer holds the licence's text, not its name."""


@dataclass(frozen=True)
class Licence:
    """What one package may be used under: an expression of identifiers, empty where not known."""

    package: Locked
    expression: str
    source: str

    @property
    def problem(self) -> str:
        """Say why it may not be installed, or nothing."""
        named = f"{self.package.name} {self.package.version}"
        if not self.expression:
            return f"{named}: its licence is not known ({self.source}); read it and decide"
        if not is_allowed(self.expression):
            return (
                f"{named}: {self.expression} is not among the allowed licences; leave the package"
                " out, or decide and add the licence to ALLOWED in tools/licences.py"
            )
        return ""


def is_allowed(expression: str) -> bool:
    """Tell whether a licence expression can be met with allowed licences alone.

    AND asks for both sides, OR for one, and AND binds more closely; a licence WITH an exception is
    allowed by its whole name only.
    """
    words = re.findall(r"[()]|[^\s()]+", expression)
    logic = []
    for at, word in enumerate(words):
        if word in {"(", ")"} or word in {"AND", "OR"}:
            logic.append(word)
        elif word != "WITH" and words[at - 1 : at] != ["WITH"]:
            whole = " ".join(words[at : at + 3]) if words[at + 1 : at + 2] == ["WITH"] else word
            logic.append("1" if whole in ALLOWED else "0")
    text = "".join(logic).replace("AND", "&").replace("OR", "|")
    while len(text) > 1:
        shorter = re.sub(r"\(([01])\)", r"\1", text)
        shorter = re.sub(r"([01])&([01])", lambda m: str(int(m[1]) & int(m[2])), shorter, count=1)
        if shorter == text:
            shorter = re.sub(
                r"(?<!&)([01])\|([01])(?!&)", lambda m: str(int(m[1]) | int(m[2])), text, count=1
            )
        if shorter == text:
            raise ValueError(f"{expression!r} is not a licence expression")
        text = shorter
    return text == "1"


def identifier(words: str) -> str:
    """Give the licence expression that some words name, or nothing."""
    if len(words) > LONGEST_NAME or "\n" in words:
        return ""
    try:
        return str(canonicalize_license_expression(WORDS.get(words.strip().lower(), words)))
    except InvalidLicenseExpression:
        return ""


def stated(installed: Distribution, field: str) -> str:
    """Give one field of an installed package's metadata, empty where it has none."""
    return next(iter(installed.metadata.get_all(field) or ()), "")


def of_bsd_text(installed: Distribution) -> str:
    """Tell which BSD licence a package's own text is: the third clause is about names."""
    texts = [stated(installed, "License")]
    texts += [
        Path(str(installed.locate_file(file))).read_text(encoding="utf-8", errors="replace")
        for file in installed.files or ()
        if re.search(r"\.dist-info/(?:.*/)?licen[cs]e[^/]*$", file.as_posix(), re.IGNORECASE)
    ]
    text = " ".join(" ".join(texts).split()).lower()
    if "redistributions in binary form must" not in text:
        return ""
    return "BSD-3-Clause" if "may be used to endorse or promote" in text else "BSD-2-Clause"


def of_package(package: Locked) -> Licence:
    """Read the licence of one package as it is installed."""
    try:
        installed = distribution(package.name)
    except PackageNotFoundError:
        return Licence(package, "", "not installed here")
    if installed.version != package.version:
        return Licence(package, "", f"version {installed.version} is installed")
    if expression := identifier(stated(installed, "License-Expression")):
        return Licence(package, expression, "expression")
    if expression := identifier(stated(installed, "License")):
        return Licence(package, expression, "field")
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in installed.metadata.get_all("Classifier") or ()
        if line.startswith("License :: ")
    ]
    named = [identifier(line) for line in classifiers if line != "BSD License"]
    if "BSD License" in classifiers:
        named.append(of_bsd_text(installed))
    if named and all(named):
        return Licence(package, " AND ".join(sorted(set(named))), "classifier")
    return Licence(package, "", "; ".join(classifiers) or "it names none")


def of_lock(lock: Path = LOCK) -> list[Licence]:
    """Read the licences of a lock's packages that this platform installs."""
    return [of_package(package) for package in packages(lock) if package.is_for_here]


def report(licences: list[Licence], left_out: list[Locked]) -> str:
    """Write the licences as a Markdown table, with how many packages have each."""
    counts: dict[str, int] = {}
    for licence in licences:
        counts[licence.expression or "not known"] = (
            counts.get(licence.expression or "not known", 0) + 1
        )
    parts = [
        "# Licences of the packages that wpb installs",
        "",
        "As the installed packages state them. Libraries inside their files are not looked into.",
        "",
        "| licence | packages |",
        "|---|---|",
        *(f"| {name} | {count} |" for name, count in sorted(counts.items())),
        "",
        "| package | version | licence | read from |",
        "|---|---|---|---|",
        *(
            f"| {licence.package.name} | {licence.package.version} |"
            f" {licence.expression or 'not known'} | {licence.source} |"
            for licence in licences
        ),
    ]
    if left_out:
        names = ", ".join(f"{package.name} {package.version}" for package in left_out)
        parts += ["", f"Not for this platform, so not read: {names}."]
    return "\n".join(parts) + "\n"


def main() -> int:
    """Print or check; give the exit code."""
    parser = argparse.ArgumentParser(description="Licences of what wpb installs.")
    parser.add_argument("--check", action="store_true", help="print only what is not allowed")
    parser.add_argument("--lock", type=Path, default=LOCK, help="the lock file to read")
    arguments = parser.parse_args()
    licences = of_lock(arguments.lock)
    if not arguments.check:
        left_out = [package for package in packages(arguments.lock) if not package.is_for_here]
        print(report(licences, left_out), end="")
    problems = [licence.problem for licence in licences if licence.problem]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 3 if problems and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())

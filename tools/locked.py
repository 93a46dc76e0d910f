"""What a lock file holds: each package with its version, platforms and hashes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-lock.txt"
ENTRY = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^\s;\\]+)(?: *; *(?P<marker>[^\\\n]+))?")


@dataclass(frozen=True)
class Locked:
    """One package of a lock file."""

    name: str
    version: str
    marker: str
    """The platforms it is for, empty for all."""
    sha256: tuple[str, ...]
    """One for each file that may be installed: which one depends on the platform."""

    @property
    def is_for_here(self) -> bool:
        """Tell whether this platform installs it."""
        return not self.marker or Marker(self.marker).evaluate()

    @property
    def purl(self) -> str:
        """Its package URL, the name that every inventory gives it."""
        return f"pkg:pypi/{self.name}@{self.version}"


def packages(lock: Path = LOCK) -> list[Locked]:
    """List a lock file's packages by name.

    Raises ValueError where an entry is not one exact version with its hashes.
    """
    found = []
    for text in re.split(r"\n(?=[^\s#])", "\n" + lock.read_text(encoding="utf-8"))[1:]:
        entry = ENTRY.match(text)
        hashes = tuple(sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})\b", text)))
        if not entry or not hashes:
            raise ValueError(
                f"{lock.name}: {text.splitlines()[0]!r} is not one version with its hashes; make"
                " the lock again as CONTRIBUTING.md says"
            )
        marker = (entry["marker"] or "").strip()
        found.append(Locked(entry["name"], entry["version"], marker, hashes))
    if not found:
        raise ValueError(f"{lock.name} names no package; make it again as CONTRIBUTING.md says")
    return sorted(found, key=lambda package: package.name)

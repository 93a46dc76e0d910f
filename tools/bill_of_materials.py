"""The bill of materials: every package that wpb installs, as CycloneDX 1.6 JSON.

    python tools/bill_of_materials.py              print it
    python tools/bill_of_materials.py --out FILE   write it

Names, versions and hashes are those of requirements-lock.txt, licences those of the installed
packages. The same lock and packages give the same bytes: it holds no time and no chance number.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
import uuid
from pathlib import Path

from packaging.licenses import canonicalize_license_expression

from licences import of_package
from locked import LOCK, ROOT, Locked, packages


def licence_choice(expression: str) -> list[dict[str, object]]:
    """Write a licence as the standard does: one by its identifier, several as an expression."""
    if not expression:
        return []
    if " " in str(canonicalize_license_expression(expression)):
        return [{"expression": expression}]
    return [{"license": {"id": expression}}]


def component(package: Locked) -> dict[str, object]:
    """Describe one package; its hashes are those of the files it may be installed from."""
    files = {
        "type": "distribution",
        "url": package.purl,
        "comment": "one hash for each file of this version; the platform decides which is used",
        "hashes": [{"alg": "SHA-256", "content": sha256} for sha256 in package.sha256],
    }
    described: dict[str, object] = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "externalReferences": [files],
    }
    if licences := licence_choice(of_package(package).expression):
        described["licenses"] = licences
    if package.marker:
        described["properties"] = [{"name": "wpb:only-where", "value": package.marker}]
    return described


def bill(lock: Path = LOCK, root: Path = ROOT) -> str:
    """Write the bill of a lock's packages; its serial number is made from its content."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    purl = f"pkg:pypi/{project['name']}@{project['version']}"
    itself = {
        "type": "application",
        "bom-ref": purl,
        "name": project["name"],
        "version": project["version"],
        "purl": purl,
        "licenses": licence_choice(project["license"]),
    }
    content: dict[str, object] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": itself},
        "components": [component(package) for package in packages(lock)],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(content, sort_keys=True))
    return json.dumps({**content, "serialNumber": f"urn:uuid:{serial}"}, indent=2) + "\n"


def main() -> int:
    """Print or write the bill; give the exit code."""
    parser = argparse.ArgumentParser(description="Bill of materials of what wpb installs.")
    parser.add_argument("--lock", type=Path, default=LOCK, help="the lock file to read")
    parser.add_argument("--out", type=Path, help="file to write instead of printing")
    arguments = parser.parse_args()
    text = bill(arguments.lock)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8", newline="\n")
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())

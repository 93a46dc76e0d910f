"""Results kept by the hash of what they were made from and of the programme: reused where both
match, else made again.

Nothing rests on them: whoever empties the table loses time and nothing else.
Source: handbook 3.7 (the method used should be transparently recorded); req 366.
"""

from __future__ import annotations

import hashlib
import zlib
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

import wpb
from wpb.store.shape import results


@cache
def programme_hash() -> str:
    """Hash every file of the programme, its national figures included: other code or figures, other
    results.
    """
    found = hashlib.sha256(wpb.__version__.encode())
    root = Path(wpb.__file__).parent
    for path in sorted(
        path for path in root.rglob("*") if path.is_file() and path.suffix not in (".pyc", ".pyo")
    ):
        content = path.read_bytes()
        found.update(f"{path.relative_to(root).as_posix()} {len(content)} ".encode() + content)
    return found.hexdigest()


def kept_result(connection: Connection, inputs: str, name: str) -> str | None:
    """Give a result that this very programme made from these inputs, or None."""
    row = connection.execute(
        select(results.c.content).where(
            results.c.inputs == inputs,
            results.c.programme == programme_hash(),
            results.c.name == name,
        )
    ).first()
    return zlib.decompress(row.content).decode() if row is not None else None


def keep_result(connection: Connection, inputs: str, name: str, content: str) -> None:
    """Keep a result, and throw away what other programmes made of the same inputs."""
    mine = (results.c.inputs == inputs, results.c.programme == programme_hash())
    connection.execute(
        delete(results).where(results.c.inputs == inputs, results.c.programme != programme_hash())
    )
    if (
        connection.execute(select(results.c.name).where(*mine, results.c.name == name)).first()
        is None
    ):
        connection.execute(
            insert(results).values(
                inputs=inputs,
                programme=programme_hash(),
                name=name,
                content=zlib.compress(content.encode()),
            )
        )

"""An example as it was before folders stated a schema gives the same figures, read as it is and
after `wpb upgrade`.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import wpb
from wpb.commands.upgrade import upgrade_command

EXAMPLES = Path(wpb.__file__).parents[2] / "examples"


def figures(model: Path) -> dict[str, bytes]:
    """Every unrounded figure of a budget, by the name of its block."""
    ledger = wpb.load(model).budget.ledger
    return {block.id: np.asarray(block.value).tobytes() for block in ledger}


@pytest.mark.req(443)
@pytest.mark.deep(sample=1)
@pytest.mark.parametrize("example", ["handbook", "poor_data", "midshire"])
def test_no_figure_moves_by_an_upgrade(tmp_path: Path, example: str) -> None:
    now = EXAMPLES / example
    older = Path(shutil.copytree(now, tmp_path / example))
    settings = older / "model.yaml"
    stated = settings.read_text(encoding="utf-8")
    without = re.sub(r"^(schema|wpb_version):.*\n", "", stated, flags=re.MULTILINE)
    assert without != stated
    settings.write_text(without, encoding="utf-8")
    as_it_stands = figures(older)
    ran = CliRunner().invoke(upgrade_command, [str(older)], standalone_mode=False)
    assert ran.exit_code == 0, ran.output
    assert as_it_stands == figures(older) == figures(now)

"""What the mutation tool changes, and that what it changes is still Python."""

from __future__ import annotations

import ast
import random

from mutants import ROOT, Settings, all_mutants, mutants_of, mutated, source_path

SOURCE = '''
def rule(a: int = 0, *, b=1.5):
    """Say 1."""
    if ready(a):
        log.append(f"{a + 1}")
    values = [x for x in items if x < a and not done]
    return max(a - b, 0) * values[-1] / values[1]
'''


def test_each_operator_makes_its_changes_and_words_are_left_alone() -> None:
    found = [(m.operator, m.before, m.after) for m in mutants_of("wpb.kernel.x", SOURCE)]
    assert found == [
        ("number", "0", "1"),
        ("number", "1.5", "2.26"),
        ("condition", "ready(a)", "not ready(a)"),
        ("drop", 'log.append(f"{a + 1}")', "pass"),
        ("logic", "x < a and not done", "(x < a or not done)"),
        ("compare", "x < a", "(x <= a)"),
        ("sign", "not done", "(done)"),
        (
            "arithmetic",
            "max(a - b, 0) * values[-1] / values[1]",
            "(max(a - b, 0) * values[-1] * values[1])",
        ),
        ("arithmetic", "max(a - b, 0) * values[-1]", "(max(a - b, 0) / values[-1])"),
        ("bound", "max(a - b, 0)", "min(a - b, 0)"),
        ("unbound", "max(a - b, 0)", "(a - b)"),
        ("arithmetic", "a - b", "(a + b)"),
        ("number", "0", "1"),
        ("end", "-1", "0"),
        ("number", "1", "2"),
    ]


def test_ids_differ_and_stay_where_lines_are_put_in_before_them() -> None:
    before, after = mutants_of("wpb.x", SOURCE), mutants_of("wpb.x", "\n# A line.\n" + SOURCE)
    assert [m.id for m in before] == [m.id for m in after]
    assert len({m.id for m in before}) == len(before)


def test_a_mutant_of_every_module_parses_and_has_tests() -> None:
    mutants, settings = all_mutants(), Settings.read()
    assert len(mutants) > 5000
    for mutant in random.Random(1).sample(mutants, 60):
        source = source_path(mutant.module, ROOT / "src").read_text(encoding="utf-8")
        changed = mutated(source, mutant)
        assert changed != source and ast.parse(changed)
        assert all((ROOT / name).is_file() for name in settings.tests_of(mutant.module))

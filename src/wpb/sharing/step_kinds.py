"""The kinds of step an arrangement file may list, what each needs, and the arithmetic it calls.

An arrangement is the ordered list of its steps and nothing else: the order stands in the file
because it changes what is paid (a deduction before a limit is not a deduction after it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.sharing import steps
from wpb.sharing.values import Book, Cases, Handle, Value, constant

Figures = dict[str, Handle]
"""The figures made so far, by name; `amount` is the gain or loss as it stands after the steps so
far.
"""


@dataclass(frozen=True)
class Step:
    """One step of an arrangement: its kind, its place in the order, what the file says of it, and
    why it is there.
    """

    number: int
    kind: str
    values: Mapping[str, Value]
    words: Mapping[str, str]
    place: Cell
    why: str = ""
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class StepKind:
    """A kind of step: the values it needs and may have, the words it must choose, and its
    arithmetic.
    """

    name: str
    help: str
    run: Callable[[Book, Step, Figures], None]
    needs: tuple[str, ...] = ()
    may_have: Mapping[str, float] | None = None
    """Values that may be left out, and what then stands, as the help says."""
    words: Mapping[str, tuple[str, ...]] | None = None
    after: tuple[str, ...] = ()
    """Figures that must have been made by an earlier step."""
    gives: tuple[str, ...] = ("amount",)
    repeats: bool = False
    """Whether a file may list it more than once."""
    not_after: tuple[str, ...] = ()
    """Kinds of step it may not come after, as its amounts no longer stand on the rows it needs."""


def _value(book: Book, step: Step, name: str) -> Handle:
    return value_of(book, step, name)


def value_of(book: Book, step: Step, name: str) -> Handle:
    """Work a step's value out once, held to the range of what it is.

    Raises InputProblems where it is outside.
    Source: handbook 6.4.5; req 276, 384.
    """
    value = step.values[name]
    if id(value) not in book.worked:
        book.worked[id(value)] = value.worked(book)
    book.hold(step.kind, name, value, book.worked[id(value)])
    return book.worked[id(value)]


def _gap(book: Book, step: Step, figures: Figures) -> None:
    figures["baseline"] = _value(book, step, "baseline")
    figures["outturn"] = _value(book, step, "outturn")
    figures["gap"] = figures["amount"] = book.apply(
        "gap", steps.gap, baseline=figures["baseline"], outturn=figures["outturn"]
    )
    figures["generated"] = figures["amount"]


def _corridor(book: Book, step: Step, figures: Figures) -> None:
    edges = {
        name: _value(book, step, name) for name in ("minimum_savings_rate", "minimum_loss_rate")
    }
    figures["gap_rate"] = book.apply(
        "gap_rate", steps.rate_of, amount=figures["amount"], base=figures["baseline"]
    )
    figures["weight"] = book.apply(
        "corridor_weight",
        steps.corridor_weight,
        gap_rate=figures["gap_rate"],
        reduced_share=_value(book, step, "reduced_share"),
        **edges,
    )
    if step.words["counts_from"] == "first_pound":
        counted = book.apply(
            "counted",
            steps.counted_from_first_pound,
            amount=figures["amount"],
            weight=figures["weight"],
        )
    else:
        counted = book.apply(
            "counted",
            steps.counted_as_excess,
            amount=figures["amount"],
            weight=figures["weight"],
            base=figures["baseline"],
            **edges,
        )
    figures["amount"] = figures["generated"] = counted


def _sides(book: Book, step: Step, figures: Figures) -> None:
    figures["amount"] = figures["generated"] = book.apply(
        "shareable",
        steps.by_side,
        amount=figures["amount"],
        gains=_value(book, step, "gains"),
        losses=_value(book, step, "losses"),
    )


def _gate(book: Book, step: Step, figures: Figures) -> None:
    figures["amount"] = book.apply(
        "gated",
        steps.by_side,
        amount=figures["amount"],
        gains=_value(book, step, "gains"),
        losses=_value(book, step, "losses"),
    )


def _quality(book: Book, step: Step, figures: Figures) -> None:
    score = book.apply(
        "score",
        steps.score_used,
        score=_value(book, step, "score"),
        full_score=_value(book, step, "counts_as_full_score"),
    )
    figures["quality_for_gains"] = book.apply(
        "quality_for_gains",
        steps.quality_for_gains,
        score=score,
        in_full=_value(book, step, "pays_in_full"),
        by_score=_value(book, step, "pays_by_score"),
    )
    full_for_losses = book.apply(
        "full_score_for_losses",
        steps.first_given,
        first=_value(book, step, "full_score_for_losses"),
        second=_value(book, step, "counts_as_full_score"),
    )
    figures["quality_for_losses"] = book.apply(
        "quality_for_losses",
        steps.quality_for_losses,
        score=book.apply(
            "score_for_losses",
            steps.score_for_losses,
            score=_value(book, step, "score"),
            full_score=full_for_losses,
        ),
        counts=_value(book, step, "counts_for_losses"),
    )


def _unit(book: Book, figures: Figures, name: str, step: Step) -> Handle:
    return figures[name] if name in figures else constant(name, 1.0, step.place).worked(book)


def _gain_rate(book: Book, step: Step, figures: Figures) -> None:
    quality, weight = (
        _unit(book, figures, "quality_for_gains", step),
        _unit(book, figures, "weight", step),
    )
    figures["share_rate"] = book.apply(
        "share_rate",
        steps.gain_rate,
        maximum=_value(book, step, "maximum"),
        quality=quality,
        weight=weight,
    )


def _loss_rate(book: Book, step: Step, figures: Figures) -> None:
    figures["loss_rate"] = book.apply(
        "loss_rate",
        steps.inverse_loss_rate,
        maximum=_value(book, step, "maximum"),
        quality=_unit(book, figures, "quality_for_losses", step),
        at_least=_value(book, step, "at_least"),
        at_most=_value(book, step, "at_most"),
    )


def _share(book: Book, step: Step, figures: Figures) -> None:
    figures["amount"] = book.apply(
        "share",
        steps.by_side,
        amount=figures["amount"],
        gains=figures["share_rate"],
        losses=figures["loss_rate"],
    )


def _deduct(book: Book, step: Step, figures: Figures) -> None:
    taken = book.apply(
        "deduction_from_gain",
        steps.part_of_gain,
        amount=figures["amount"],
        rate=_value(book, step, "of_gains"),
    )
    _add_deduction(book, figures, taken)
    figures["amount"] = book.apply(
        "after_deduction", steps.less, amount=figures["amount"], taken=taken
    )


def _add_deduction(book: Book, figures: Figures, taken: Handle) -> None:
    so_far = figures.get("deduction")
    figures["deduction"] = (
        taken if so_far is None else book.apply("deduction", steps.more, amount=so_far, added=taken)
    )


def _limit(book: Book, step: Step, figures: Figures) -> None:
    sides = {"cap": _value(book, step, "gains"), "collar": _value(book, step, "losses")}
    figures["limit"] = book.apply("limit", steps.side_limit, counted=figures["generated"], **sides)
    figures["limit_bound"] = book.apply(
        "limit_bound", steps.limit_binds, amount=figures["amount"], **sides
    )
    figures["amount"] = book.apply("limited", steps.limited, amount=figures["amount"], **sides)


def _relieve(book: Book, step: Step, figures: Figures) -> None:
    used = book.apply(
        "relief",
        steps.relief_used,
        amount=figures["amount"],
        relief=_value(book, step, "losses_by"),
    )
    _add_deduction(book, figures, used)
    figures["amount"] = book.apply("after_relief", steps.more, amount=figures["amount"], added=used)


def _recoup(book: Book, step: Step, figures: Figures) -> None:
    figures["recouped"] = book.apply(
        "recouped", steps.recouped, amount=figures["amount"], balance=_value(book, step, "balance")
    )


TABLE_KINDS: dict[str, StepKind] = {
    kind.name: kind
    for kind in (
        StepKind(
            "gap",
            "Baseline less outturn.",
            _gap,
            ("baseline", "outturn"),
            gives=("amount", "gap", "baseline", "outturn", "generated"),
        ),
        StepKind(
            "corridor",
            "Count a gap only at or past a minimum rate; 'reduced_share' lets a saving inside it"
            " earn part of the share (none where left out).",
            _corridor,
            ("minimum_savings_rate", "minimum_loss_rate"),
            {"reduced_share": 0.0},
            {"counts_from": ("first_pound", "excess")},
            ("amount", "baseline"),
            ("amount", "gap_rate", "weight"),
            not_after=("tier", "share_out"),
        ),
        StepKind(
            "sides",
            "Say whether gains and losses are shared (1 or 0).",
            _sides,
            ("gains", "losses"),
            after=("amount",),
        ),
        StepKind(
            "gate",
            "Let gains (and losses, in full where left out) through only in part.",
            _gate,
            ("gains",),
            {"losses": 1.0},
            after=("amount",),
            repeats=True,
        ),
        StepKind(
            "quality",
            "Say what part of the share quality earns, and how it eases a loss;"
            " 'full_score_for_losses' says where a full score counts for a loss too (left out:"
            " where"
            " it counts for a gain).",
            _quality,
            ("score", "counts_as_full_score", "pays_in_full", "pays_by_score", "counts_for_losses"),
            {"full_score_for_losses": float("nan")},
            gives=("quality_for_gains", "quality_for_losses"),
        ),
        StepKind(
            "gain_rate",
            "The share of a gain: the maximum times quality.",
            _gain_rate,
            ("maximum",),
            gives=("share_rate",),
        ),
        StepKind(
            "loss_rate",
            "The share of a loss: 1 less the maximum times quality, between a floor and a ceiling"
            " (alike for a fixed rate).",
            _loss_rate,
            ("maximum", "at_least", "at_most"),
            gives=("loss_rate",),
        ),
        StepKind("share", "Apply the shares.", _share, after=("amount", "share_rate", "loss_rate")),
        StepKind(
            "deduct",
            "Take a proportion off a gain.",
            _deduct,
            ("of_gains",),
            after=("amount",),
            gives=("amount", "deduction"),
            repeats=True,
        ),
        StepKind(
            "limit",
            "Hold gains under a cap and losses under a collar ('none': no limit).",
            _limit,
            ("gains", "losses"),
            after=("amount", "generated"),
            gives=("amount", "limit", "limit_bound"),
            repeats=True,
        ),
        StepKind(
            "relieve",
            "Take an amount off a loss.",
            _relieve,
            ("losses_by",),
            after=("amount",),
            gives=("amount", "deduction"),
            repeats=True,
        ),
        StepKind(
            "recoup",
            "Keep back an advance already paid.",
            _recoup,
            ("balance",),
            after=("amount",),
            gives=("recouped",),
        ),
    )
}
"""Steps of an arrangement that settles each row of a results table alone."""


AMOUNTS = ("limit", "relieve", "recoup")
"""Steps whose values are amounts: a bare number there would be pence or pounds, and nobody could
tell which.
"""


def check_bare_amounts(step: Step, log: ProblemLog) -> None:
    """Refuse a bare number where a step wants an amount; nought and 'none' are clear as they stand.

    Source: handbook 6.5.2 Fig 25; req 281.
    """
    if step.kind not in AMOUNTS:
        return
    for name, value in step.values.items():
        if isinstance(value, Cases) and any(
            given
            for given in (*(case.value for case in value.cases), value.otherwise)
            if given is not None and given == given
        ):
            log.error(
                step.place,
                f"Step '{step.kind}' has a bare number for '{name}'.",
                "Say what it is: {pounds: 500000}, {rate: 5%, of: baseline}, or none.",
                "bare_limit",
            )


def run_steps(
    book: Book, listed: tuple[Step, ...], kinds: Mapping[str, StepKind], figures: Figures
) -> Figures:
    """Work through the steps in the order the file lists them.

    Source: handbook 6.4.6 (prospectively agreed rules); req 286.
    """
    book.figures = figures
    for step in listed:
        book.step = step
        kinds[step.kind].run(book, step, figures)
    return figures

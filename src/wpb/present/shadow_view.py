"""What the sections of a shadow test's page are made from, and how they spell sums and names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from wpb.kernel.money import whole_pence
from wpb.present.words import currency_sign, spell_millions
from wpb.shadow.appraisal import Appraisal
from wpb.shadow.replay import Replayed
from wpb.shadow.shadow_test import PartyOutcome, ShadowResults


@dataclass(frozen=True)
class View:
    """Results, what a board asks beyond them, and a replay where one was asked for."""

    results: ShadowResults
    found: Appraisal
    replayed: Replayed | None = None

    @property
    def years(self) -> tuple[str, ...]:
        """The contract years."""
        return self.results.budget.years

    @cached_property
    def sign(self) -> str:
        """The sign of the model's currency."""
        return currency_sign(self.results.budget.model.settings.currency)

    @cached_property
    def _names(self) -> dict[str, str]:
        table = self.results.budget.model["organisations"]
        return dict(zip(table.text("organisation"), table.text("name"), strict=True))

    def name(self, code: str) -> str:
        """Name an organisation."""
        return "Everyone else" if code == "others" else self._names.get(code, code)

    def millions(self, pence: float, plus: bool = True) -> str:
        """Write unrounded pence as millions."""
        return spell_millions(whole_pence(pence), self.sign, plus)

    def result(self, name: str) -> str:
        """Name a result, such as margin/CODE or headroom."""
        return (
            "headroom" if name == "headroom" else f"margin of {self.name(name.partition('/')[2])}"
        )

    @property
    def bearers(self) -> list[PartyOutcome]:
        """Commissioners and the lead provider: those who sign the budget."""
        return [party for party in self.results.parties if party.terms.role != "provider"]

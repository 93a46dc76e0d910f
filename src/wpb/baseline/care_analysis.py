"""Primary care and council-funded care once the baseline stands: lawfulness, what is left out, VAT,
appointments.

Source: handbook 2.5, 2.6; overview 3.3; req 105-139.
"""

from __future__ import annotations

from wpb.baseline import care_sections as show
from wpb.baseline.appointments import appointment_costs
from wpb.baseline.current_spend import CurrentSpend
from wpb.baseline.exclusions import worth_of_left_out
from wpb.baseline.pooling_law import check_pooling, pooling_tests
from wpb.baseline.population_shares import SharesBuilt
from wpb.baseline.vat import vat_by_holder
from wpb.kernel.ledger import Block, Ledger
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import Section


def care_analysis(
    model: Model,
    ledger: Ledger,
    current: CurrentSpend,
    shares: SharesBuilt,
    baseline: Block,
    problems: ProblemLog,
) -> tuple[Section, ...]:
    """Test what may be pooled, value what is left out, and cost appointments and VAT; gives what
    the report shows.

    Raises InputProblems where money would be pooled unlawfully, or an appointment has no price.
    Source: handbook 2.5, 2.6; overview 3.3; req 114, 128, 130, 134.
    """
    tests = pooling_tests(model)
    check_pooling(tests, current, problems)
    left_out = worth_of_left_out(ledger, current, shares)
    vat = vat_by_holder(model, ledger, current, baseline)
    appointment_costs(model, ledger, problems)
    found = (
        show.left_out_section(current, left_out) if left_out is not None else None,
        show.regimes_section(current, baseline),
        show.terms_section(model),
        show.appointments_section(model, ledger),
        show.cohorts_section(ledger),
        show.packages_section(model, ledger),
        show.conditions_section(ledger),
        show.governance_section(model),
        show.pooling_section(tests, current),
        show.vat_section(model, vat) if vat is not None else None,
    )
    return tuple(section for section in found if section is not None)

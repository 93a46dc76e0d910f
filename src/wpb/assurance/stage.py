"""All of assurance, in the order a reader asks: is it affordable, is it enough, who delivers, does
it agree, can they?

Source: handbook 1.1.6, 3.6, 6.5.2; overview 3.5.
"""

from __future__ import annotations

from wpb.assurance.constraints import binding_section, contribution_section, options_section
from wpb.assurance.figures import Figures
from wpb.assurance.plan_consistency import consistency_section
from wpb.assurance.savings import programme_section, review_sections, savings_section
from wpb.assurance.stretch import stretch_section
from wpb.assurance.two_sides import system_position_section, two_sided_section
from wpb.kernel.problems import ProblemLog
from wpb.tables.records import Section


def assurance_stage(figures: Figures, problems: ProblemLog) -> tuple[Section, ...]:
    """Make every check of assurance, and give the small tables a reader sees of them.

    Source: handbook 1.1.6, 3.6, 6.5.2; overview 3.5; req 185, 190, 199-206, 208.
    """
    sections = (
        system_position_section(figures),
        two_sided_section(figures, problems),
        binding_section(figures),
        contribution_section(figures),
        options_section(figures, problems),
        savings_section(figures, problems),
        programme_section(figures),
        *review_sections(figures, problems),
        consistency_section(figures, problems),
        stretch_section(figures, problems),
    )
    return tuple(section for section in sections if section is not None)

"""Step 4: activity mapped to patient groups by clinicians.

Source: handbook 2.4.5; req 96-101.
"""

from __future__ import annotations

from wpb.tables.methods.option import ListOption

OPTION = ListOption(
    name="patient_groups",
    order=20,
    grade=2,
    sheets=("patient_group_mapping", "condition_registers"),
    help="activity mapped to patient groups by clinicians",
    population_method="patient_groups",
)

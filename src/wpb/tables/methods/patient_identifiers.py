"""Step 4: activity recorded by patient, and so by GP list.

Source: handbook 2.4.5; req 96-101.
"""

from __future__ import annotations

from wpb.tables.methods.option import ListOption

OPTION = ListOption(
    name="patient_identifiers",
    order=10,
    grade=1,
    sheets=("activity_by_list", "activity_proxies"),
    help="activity recorded by patient, and so by GP list",
    population_method="activity_by_list",
)

"""Step 2: activity from local information.

Source: handbook 2.4.3; req 66.
"""

from __future__ import annotations

from wpb.tables.methods.option import SourceOption

OPTION = SourceOption(
    name="local_information",
    order=20,
    grade=2,
    sheets=("contract_activity", "activity_mapping"),
    help="local information, such as service-line reports",
)

"""Step 2: activity counted to a national standard.

Source: handbook 2.4.3; req 64.
"""

from __future__ import annotations

from wpb.tables.methods.facts import Tables, some
from wpb.tables.methods.option import SourceOption

SOURCES = ("sus", "reference_costs", "cids", "mh_clusters", "mhlds")
"""Sources of activity that are national standards."""


def need(tables: Tables, contract: str) -> str:
    """Say which activity types are counted locally.

    Source: handbook 2.4.3; req 64, 93.
    """
    activity = tables["contract_activity"]
    local = [
        str(activity.columns["activity_type"][row])
        for row in activity.rows_where("contract", contract)
        if activity.columns["activity_source"][row] not in SOURCES
    ]
    return f"counts to a national standard for {some(local)}" if local else ""


OPTION = SourceOption(
    name="national_standard",
    order=10,
    grade=1,
    sheets=("contract_activity", "activity_mapping"),
    help="counts to a national standard",
    sources=SOURCES,
    need=need,
)

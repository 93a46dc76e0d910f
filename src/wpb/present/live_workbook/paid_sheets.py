"""The sheets of a contract that round and pay: Schedule 4A, instalments, and shares to pay.

Source: overview 2; handbook 4.4, 6.4.6; req 211, 212, 286, 363, 364.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from wpb.live import LiveContract
from wpb.present.live_workbook.instalment_sheet import InstalmentSheet
from wpb.present.live_workbook.one_month_sheet import OneMonthSheet, one_month_items
from wpb.present.live_workbook.placing import Placing
from wpb.present.live_workbook.schedule_sheet import ScheduleSheet
from wpb.present.live_workbook.shares_sheet import SharesSheet
from wpb.present.live_workbook.sources import InputSheet
from wpb.present.live_workbook.stages import INSTALMENTS, ONE_MONTH, SCHEDULE_4A, SHARES_TO_PAY
from wpb.present.workbook_styles import Styles
from wpb.settlement.replay import changes_of
from wpb.tables.contract_records import Version

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook


def paid_sheets(live: LiveContract | None) -> list[str]:
    """Name the sheets a contract needs beside its stages.

    Source: overview 2; req 363.
    """
    if live is None:
        return []
    return [
        SCHEDULE_4A,
        *([INSTALMENTS] if live.plan.versions else []),
        *([ONE_MONTH] if one_month_items(live) else []),
        *([SHARES_TO_PAY] if live.sharing.statements else []),
    ]


def write_paid_sheets(
    book: Workbook,
    styles: Styles,
    live: LiveContract,
    placing: Placing,
    inputs: Mapping[str, InputSheet],
) -> list[tuple[str, str, float]]:
    """Write a contract's sheets in whole pence; gives what must add up in them: words, formula of
    the difference, its value.

    Source: overview 2, Table 1; handbook 6.4.6; req 211, 212, 286.
    """
    names = paid_sheets(live)
    schedule = ScheduleSheet(book.get_worksheet_by_name(SCHEDULE_4A), styles, live, placing)
    schedule.write(_versions_paid_by(live))
    checks = list(schedule.checks)
    if INSTALMENTS in names:
        instalments = InstalmentSheet(
            book.get_worksheet_by_name(INSTALMENTS), styles, live, schedule.payment, inputs
        )
        instalments.write()
        checks += instalments.checks
        if ONE_MONTH in names:
            OneMonthSheet(
                book.get_worksheet_by_name(ONE_MONTH), styles, live, placing, instalments.paid_at
            ).write()
    if SHARES_TO_PAY in names:
        shares = SharesSheet(book.get_worksheet_by_name(SHARES_TO_PAY), styles, live, placing)
        shares.write()
        checks += shares.checks
    return checks


def _versions_paid_by(live: LiveContract) -> list[Version]:
    """The value first set out, each version that an instalment goes by, and the version that
    stands.
    """
    keys = {key for version in live.plan.versions for key in version.payments}
    numbers = {
        change.version
        for key in keys
        for year in live.plan.years
        for change in changes_of(live.plan, key, year)
    }
    return [
        version
        for version in live.history.versions
        if version.number in {0, live.history.versions[-1].number} | numbers
    ]

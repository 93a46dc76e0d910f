"""The live workbook: a budget as spreadsheet formulas over its own inputs."""

from wpb.present.live_workbook.sources import InputSheet
from wpb.present.live_workbook.writing import write_live_workbook

__all__ = ["InputSheet", "write_live_workbook"]

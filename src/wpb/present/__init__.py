"""Everything a person takes away: summaries, tables, workbooks, reports, charts and documents."""

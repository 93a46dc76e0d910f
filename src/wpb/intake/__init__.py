"""The readers: a model folder, a workbook, CSV and Parquet to typed tables that remember their cells."""

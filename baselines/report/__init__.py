"""What a validation leaves behind: metrics.json, table.md, table.tex, ranks.parquet, report.html."""

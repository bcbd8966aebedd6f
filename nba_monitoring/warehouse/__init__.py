"""The same questions asked of BigQuery and of DuckDB."""

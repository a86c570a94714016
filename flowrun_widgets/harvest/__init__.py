"""Harvesting: runs as Parquet files that other tools read as they are, and reading their log lines back."""

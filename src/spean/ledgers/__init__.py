"""Ledgers on disk for ``tracing``: Parquet and CSV files, the mapped index, and the live tail."""

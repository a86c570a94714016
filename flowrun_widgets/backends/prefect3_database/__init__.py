"""Prefect 3's own database as a source, on SQLite or PostgreSQL, without its server."""

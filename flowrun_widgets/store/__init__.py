"""The local store and the archive: Prefect 1's tables in one SQLite file (`schema.sql`), read directly into columns."""

"""The local store and the archive: Prefect 1's tables in one SQLite file (`schema.sql`), read straight into columns."""

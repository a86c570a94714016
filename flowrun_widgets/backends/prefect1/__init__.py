"""The source for Prefect 1: its GraphQL API."""

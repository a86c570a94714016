"""Prefect 1 over GraphQL."""

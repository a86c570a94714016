"""Connections to sources of runs, the ambient connection, and the local library of finished runs."""

"""The attacks that `make trust` runs; each prints a table of docs/trust.md."""

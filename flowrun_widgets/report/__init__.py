"""Presenting a run: data for the card, DataFrames, Markdown and HTML. The input is records and columns, not views."""

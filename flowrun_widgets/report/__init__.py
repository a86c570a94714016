"""What is said of a run: data for the card, DataFrames, Markdown and HTML. It takes records and columns, not views."""

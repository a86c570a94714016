"""The log on the card: its lines, the matches of a filter text, and the rows of one window."""

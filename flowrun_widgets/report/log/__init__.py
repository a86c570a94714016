"""The log as the card shows it: its lines, what a filter text finds among them, and the rows of one window."""

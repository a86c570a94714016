"""Reading a run: what pure functions can tell from records and log columns."""

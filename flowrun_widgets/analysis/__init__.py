"""Pure functions that analyse the records and log columns of a run."""

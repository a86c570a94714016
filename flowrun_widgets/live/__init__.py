"""Following runs that are still running: one thread for all followers of a run, its snapshots and its lines."""

"""Following runs that go on: one thread for all who follow a run, its snapshots and its lines."""

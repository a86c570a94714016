"""Runs that go on: what changed between two snapshots of one run."""

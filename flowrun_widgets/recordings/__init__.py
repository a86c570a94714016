"""Recorded flow runs, their replay, and the demo."""

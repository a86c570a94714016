"""What users hold: immutable snapshots of flow runs, task runs and flows."""

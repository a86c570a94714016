"""The objects that users work with: immutable snapshots of flow runs, task runs and flows."""

"""HTML without scripts: what a run, a task run, a log, a list of runs or a comparison leaves in a notebook."""

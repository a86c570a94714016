"""HTML without scripts, as saved in a notebook: of a run, a task run, a log, a list of runs or a comparison."""

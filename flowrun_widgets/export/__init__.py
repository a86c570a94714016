"""Files that hold runs: HTML pages, notebooks and archives."""

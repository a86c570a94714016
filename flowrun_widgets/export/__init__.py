"""Writing files that hold runs: HTML pages, exported notebooks and archives."""

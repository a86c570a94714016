"""The sources of runs: one folder per protocol, the HTTP transport, and the interface that every source implements."""

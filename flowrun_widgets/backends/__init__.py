"""The servers that runs are read from: one folder for each protocol, HTTP, and what every source has to answer."""

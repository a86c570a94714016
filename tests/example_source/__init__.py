"""A small source of its own: runs in a JSON file. CONTRIBUTING.md describes how a source is added."""

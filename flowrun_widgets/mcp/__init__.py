"""An MCP server over stdio, with which an assistant reads runs: read-only, without secrets, in bounded answers."""

"""What README and docs say is tried: code blocks run, commands are parsed or run, names and figures exist."""

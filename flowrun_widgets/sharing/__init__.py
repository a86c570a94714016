"""What a notebook keeps when nothing runs: the static twin of a card."""

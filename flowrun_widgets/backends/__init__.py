"""Where flow runs come from: one file per protocol, and `protocol` that says what each has to answer."""

"""What users call: `FlowRunView`, and the functions that find, show, compare, save and open runs."""

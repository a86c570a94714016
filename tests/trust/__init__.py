"""What is done on purpose to make the package fail; `make trust` runs all of it, the tests here a sample."""

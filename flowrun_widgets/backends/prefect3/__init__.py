"""The source for Prefect 3: the REST API of its server and of Cloud."""

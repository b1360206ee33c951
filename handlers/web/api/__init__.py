"""The REST API: one file for each resource, and one table of routes that server and document are made of."""

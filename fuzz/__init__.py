"""Schemathesis against the API's contract: see README.md."""

"""Attempts to get at what is another's: another municipality's, area's or resident's. See README.md."""

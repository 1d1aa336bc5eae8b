"""The platform. Its version is that of pyproject.toml, which is not there where it runs."""

VERSION = "0.1.0"

"""`python -m allmenning.project <command>`: Django's own commands, for developers. Operators use `allmenning`."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line


def main(arguments: list[str]) -> None:
    """Run one of Django's commands with the test settings, unless DJANGO_SETTINGS_MODULE says otherwise."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmenning.project.settings.test")
    if arguments[1:2] == ["makemigrations"]:
        _without_database()
    execute_from_command_line(arguments)


def _without_database() -> None:
    # Migrations are written from the models; asking a database for its history would only need one to be there.
    from django.conf import settings

    settings.DATABASES["commons"] = {"ENGINE": "django.db.backends.dummy"}


if __name__ == "__main__":
    main(["python -m allmenning.project", *sys.argv[1:]])

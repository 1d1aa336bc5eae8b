"""The application for the HTTP server: `granian --interface wsgi allmenning.project.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmenning.project.settings.production")
application = get_wsgi_application()

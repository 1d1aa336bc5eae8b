"""The application for the HTTP server: `granian --interface wsgi allmenning.project.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmenning.project.settings.production")
application = get_wsgi_application()

# What was loaded at the start stays: the collector need not look through all of it again and again.
gc.collect()
gc.freeze()

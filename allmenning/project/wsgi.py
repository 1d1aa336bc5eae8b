"""The application for the HTTP server: `granian --interface wsgi allmenning.project.wsgi:application`."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmenning.project.settings.production")
_django = get_wsgi_application()

from allmenning.project.warming import warm  # noqa: E402 (needs the models, which Django has made by now)
from allmenning.tenancy import waking  # noqa: E402
from allmenning.web.admission import ByTurns  # noqa: E402

warm()
waking.start()
# What was loaded at the start stays: the collector need not look through all of it again and again.
gc.collect()
gc.freeze()
# So that a short request does not wait 5 ms each time while a long one has the interpreter.
sys.setswitchinterval(0.001)
application = ByTurns(_django)

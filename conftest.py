"""For every test: where CI is set, a test that was skipped has failed, since there nothing may be missing."""

import os

import pytest

from allmenning.journeys.testing import averoy, registers, scenes, services, smola  # noqa: F401
from allmenning.tenancy.testing import *  # noqa: F403  (databases, as fixtures)


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and exitstatus == 0 and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    """What tests counted (`record_property("told", …)`), so that a run says how much it tried."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "told":
                terminalreporter.write_line(str(value))
    if os.environ.get("CI"):
        for report in terminalreporter.stats.get("skipped", []):
            terminalreporter.write_line(f"not skipped in CI: {report.nodeid}: {report.longrepr}")

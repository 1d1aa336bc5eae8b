import pytest

from allmenning.basics.memory import forget_everything
from allmenning.commons.municipalities import actions


@pytest.fixture(scope="session")
def _loaded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        actions.load_register()


@pytest.fixture
def register(_loaded, db_commons):
    """The register as `data/` says, in a transaction of this test."""


@pytest.fixture
def db_commons(request):
    forget_everything()
    request.node.add_marker(pytest.mark.django_db(databases=["commons"]))
    request.getfixturevalue("_django_db_helper")
    yield
    forget_everything()

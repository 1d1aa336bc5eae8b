"""A resident's own export holds every model that may hold something of theirs, or says why not; and what it names, it reads."""

from django.apps import apps

from allmenning.doors.portal.testing import answered, sent_inquiry
from allmenning.journeys import applying, my_data, processing
from allmenning.journeys.testing import ALICE, rita
from allmenning.journeys.tests.counting import statements
from allmenning.municipal.documents.tests.files import image
from allmenning.tenancy import use

# Of staff, of the platform, or of nobody: the activities of the register of processing, and models, that hold no resident.
OF_NO_RESIDENT = {"platform", "staff", "figures", "settling"}
OF_NOBODY = {
    "access.ApiClient",
    "access.LogCosignature",
    "access.LogHead",
    "access.LogLeaf",
    "access.LogStatement",
    "identity.OfficeRole",
    "identity.RevokedSession",
    "identity.StaffPresence",
    "identity.UsedAssertion",
}


def of_residents():
    models = {name.rpartition(".")[0] for name, activity in processing.declared() if activity not in OF_NO_RESIDENT}
    return models - OF_NOBODY


def test_every_model_that_holds_something_of_residents_is_exported_or_says_why_not():
    exported, not_exported = set(my_data.EXPORTED), set(my_data.NOT_EXPORTED)
    assert exported & not_exported == set()
    told = {name for name, reason in my_data.NOT_EXPORTED.items() if len(reason.split()) > 1}
    assert exported | told == of_residents() | {"access.NearOne", "post.Outbox"}


def test_the_export_reads_every_model_that_it_names(averoy):
    case_id = sent_inquiry(averoy, rita()).case_id
    answered(averoy, case_id, ALICE)
    keys = rita().keys(averoy.id)
    with use(averoy.id, "resident", keys=keys):
        draft = applying.begin(rita(), "inquiry", "nb", owner_key=keys[0])
        applying.attach_file(applying.open_draft(draft.id), "/attachments", "hull.png", "image/png", image("PNG"))
    with statements() as asked:
        my_data.at_once(rita(), lambda told: "")
    text = " ".join(asked)
    tables = {name: apps.get_model(name)._meta.db_table for name in my_data.EXPORTED}
    assert [name for name, table in tables.items() if table not in text] == []

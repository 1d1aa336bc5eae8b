"""Each municipality's log: numbered, sealed and signed soon after it is written, whoever does it and however often."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connections

from allmenning.journeys import sealing
from allmenning.municipal.access import sealing as seals
from allmenning.municipal.access.actions import log_list
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.access.encoding import encoded
from allmenning.municipal.access.errors import LogNotWhole
from allmenning.municipal.access.models import LogEntry, LogHead, LogLeaf
from allmenning.tenancy import use
from allmenning.transparency import tree
from allmenning.transparency.notes import Note

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def write(municipality, rows, area="ordinary"):
    with use(municipality, area):
        return [log_list(SYSTEM, area=area, purpose="work-list", shown=[], field_kinds=[str(n)]) for n in range(rows)]


def read(municipality, query):
    with use(municipality, "owner"):
        return query()


def test_what_was_written_is_numbered_sealed_and_signed(municipality_a):
    written = write(municipality_a, 3) + write(municipality_a, 2, "child-welfare")
    assert sealing.seal(municipality_a) == 5
    with use(municipality_a, "owner"):
        leaves, head = list(LogLeaf.objects.order_by("number")), LogHead.objects.get()
        assert [leaf.id for leaf in leaves] == [entry.id for entry in written]
        growing = tree.Growing()
        for entry in LogEntry.objects.order_by("id"):
            growing.append(tree.leaf_hash(encoded(entry)))
        note = Note.parse(head.note.encode())
        assert seals.checkpoint_of(head).root == growing.root()
        assert note.signed_by([sealing.signer_of(municipality_a).key])


def test_the_log_grows_by_what_is_new_alone(municipality_a):
    write(municipality_a, 3)
    assert [sealing.seal(municipality_a), sealing.seal(municipality_a)] == [3, 0]
    write(municipality_a, 4)
    sealing.seal(municipality_a)
    with use(municipality_a, "owner"):
        first, second = (seals.checkpoint_of(head) for head in LogHead.objects.order_by("size"))
        proof = seals.consistency_proof(3, 7)
    assert tree.is_consistent(3, first.root, 7, second.root, proof)


def test_a_row_that_was_long_in_coming_is_found_by_a_look_that_goes_further_back(municipality_a):
    (entry,) = write(municipality_a, 1)
    with use(municipality_a, "owner"):
        LogEntry.objects.filter(id=entry.id).update(id=seals.first_id_of(datetime(2026, 1, 1, tzinfo=UTC)))
    assert sealing.seal(municipality_a) == 0
    assert sealing.seal(municipality_a, BEGINNING) == 1


def test_several_workers_give_no_number_twice_and_leave_no_row_out(municipality_a):
    write(municipality_a, 10)
    ready, sealed = threading.Barrier(4), []

    def work():
        ready.wait()
        for _ in range(30):
            sealed.append(sealing.seal(municipality_a))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    ready.wait()
    write(municipality_a, 30)
    for thread in threads:
        thread.join()
    sealed.append(sealing.seal(municipality_a))
    assert sum(sealed) == 40
    assert read(municipality_a, lambda: list(LogLeaf.objects.order_by("number").values_list("number", flat=True))) == [
        *range(40)
    ]


def test_a_row_that_another_seals_after_we_found_it_is_sealed_once(municipality_a, monkeypatch):
    first, *_ = write(municipality_a, 1)
    seek, found = seals._waiting, []

    def find(since):
        found.append(seek(since))
        if len(found) == 1:
            assert sealing.seal(municipality_a) == 1
        return found[0]

    monkeypatch.setattr(seals, "_waiting", find)
    assert sealing.seal(municipality_a) == 0
    assert found == [[first.id], [first.id]]
    assert read(municipality_a, LogLeaf.objects.count) == read(municipality_a, LogHead.objects.count) == 1


def test_nothing_is_signed_on_top_of_what_was_not_signed(municipality_a):
    write(municipality_a, 4)
    sealing.seal(municipality_a)
    with use(municipality_a, "owner"):
        LogLeaf.objects.filter(number=3).update(hashes=bytes(96))
    write(municipality_a, 1)
    with pytest.raises(LogNotWhole):
        sealing.seal(municipality_a)


def test_nothing_is_signed_after_rows_were_cut_off(municipality_a):
    write(municipality_a, 4)
    sealing.seal(municipality_a)
    with use(municipality_a, "owner"):
        LogLeaf.objects.filter(number=3).delete()
    with pytest.raises(LogNotWhole):
        sealing.seal(municipality_a)


def test_each_municipality_has_a_key_and_an_origin_of_its_own(municipality_a, municipality_b):
    a, b = sealing.signer_of(municipality_a), sealing.signer_of(municipality_b)
    assert a.name != b.name
    assert a.key.public != b.key.public

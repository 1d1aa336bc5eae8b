"""Heads are cosigned by witnesses, logs are exported and verified: in the database and away from it."""

import time
from datetime import timedelta
from hashlib import sha256

import pytest

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.journeys import health, proving, sealing, sweeping, witnessing
from allmenning.journeys.errors import LogRolledBack, WitnessRefused
from allmenning.journeys.models import LogSealing
from allmenning.journeys.ports import WitnessAway
from allmenning.journeys.tests.test_sealing import write
from allmenning.municipal.access import sealing as seals
from allmenning.municipal.access.actions import commitment, log_case
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.access.models import LogCosignature, LogEntry, LogHead, LogLeaf
from allmenning.tenancy import use
from allmenning.transparency.notes import Cosigner
from allmenning.transparency.witness import Request, Witness

FIRST, SECOND = (Cosigner(f"{name}.example", name[:1].encode() * 32) for name in ("first", "second"))


class InProcess:
    """A witness without HTTP between."""

    def __init__(self, cosigner, signer):
        self.heads, self.away, self.follows = {}, False, [signer.key]
        self.witness = Witness(cosigner, self._logs, self, lambda: 1_800_000_000)

    def _logs(self):
        return {key.name: [each for each in self.follows if each.name == key.name] for key in self.follows}

    def last(self, origin):
        return self.heads.get(origin)

    def keep(self, origin, note):
        self.heads[origin] = note

    def add_checkpoint(self, body):
        if self.away:
            raise WitnessAway(why="silence")
        reply = self.witness.add_checkpoint(body)
        return reply.status, reply.body

    def last_head(self, hashed_origin):
        if self.away:
            raise WitnessAway(why="silence")
        seen = {sha256(origin.encode()).hexdigest(): note for origin, note in self.heads.items()}
        return seen[hashed_origin].decode() if hashed_origin in seen else None


@pytest.fixture
def clients(municipality_a, monkeypatch, settings, tmp_path):
    """Two witnesses of the log of municipality_a, by their address."""
    signer = sealing.signer_of(municipality_a)
    found = {f"https://{each.name}": InProcess(each, signer) for each in (FIRST, SECOND)}
    settings.LOG_WITNESSES_FILE = tmp_path / "witnesses"
    settings.LOG_WITNESSES_FILE.write_text("".join(f"{each.key} https://{each.name}\n" for each in (FIRST, SECOND)))
    monkeypatch.setattr(witnessing, "_client", found.__getitem__)
    return list(found.values())


def grow(municipality, rows, witnesses=None):
    write(municipality, rows)
    sealing.seal(municipality)
    return [witnessing.ask(municipality, each) for each in (witnessing.witnesses() if witnesses is None else witnesses)]


def test_two_witnesses_make_a_head_good(municipality_a, clients):
    assert grow(municipality_a, 3) == [True, True]
    assert grow(municipality_a, 4) == [True, True]
    assert grow(municipality_a, 0) == [False, False]
    found = proving.verify(municipality_a)
    assert (found.whole, found.said) == (True, "7 rows as they were sealed, under 2 heads")


def test_a_witness_that_was_away_catches_up(municipality_a, clients):
    clients[1].away = True
    for _ in range(3):
        with pytest.raises(WitnessAway):
            grow(municipality_a, 2)
    assert proving.verify(municipality_a).row == 0
    clients[1].away = False
    assert grow(municipality_a, 1) == [True, True]
    assert proving.verify(municipality_a).whole


def test_an_answer_that_was_lost_is_no_trouble(municipality_a, clients):
    grow(municipality_a, 2)
    with use(municipality_a, "owner"):
        LogCosignature.objects.all().delete()
    assert grow(municipality_a, 2) == [True, True]


def test_a_log_that_was_rolled_back_is_told(municipality_a, clients):
    grow(municipality_a, 2)
    grow(municipality_a, 3)
    with use(municipality_a, "owner"):
        LogCosignature.objects.filter(head__size=5).delete()
        LogHead.objects.filter(size=5).delete()
        LogLeaf.objects.filter(number__gte=2).delete()
        LogEntry.objects.exclude(id__in=LogLeaf.objects.values("id")).delete()
    found = proving.verify(municipality_a)
    assert (found.whole, found.row) == (False, 2)
    assert "rolled back" in found.said
    with use(municipality_a, "owner"):
        LogCosignature.objects.all().delete()
    with pytest.raises(LogRolledBack):
        witnessing.ask(municipality_a, witnessing.witnesses()[0])


def test_a_witness_that_cosigns_something_else_is_not_believed(municipality_a, clients):
    clients[0].witness._cosigner = Cosigner(FIRST.name, b"x" * 32)
    with pytest.raises(WitnessRefused):
        grow(municipality_a, 2)
    with use(municipality_a, "owner"):
        assert not LogCosignature.objects.exists()


def test_what_others_sign_in_a_witnesss_answer_is_left_out(municipality_a, clients):
    """C2SP tlog-witness: the client MUST ignore cosignatures of unknown keys."""
    stranger, answer = Cosigner("stranger.example", b"s" * 32), clients[0].add_checkpoint

    def more(body):
        status, said = answer(body)
        text = Request.parse(body).checkpoint.text
        return status, stranger.cosign(text, 1).line + said

    clients[0].add_checkpoint = more
    assert grow(municipality_a, 2) == [True, True]
    with use(municipality_a, "sealer"):
        lines = LogCosignature.objects.values_list("line", flat=True)
        assert all("stranger" not in line for line in lines)
    assert proving.verify(municipality_a).whole


@pytest.mark.parametrize(
    "tamper",
    [
        lambda entry: LogEntry.objects.filter(id=entry.id).update(staff_name="Somebody else"),
        lambda entry: LogEntry.objects.filter(id=entry.id).delete(),
        lambda entry: LogEntry.objects.filter(id=entry.id).update(commitment=bytes(32)),
        lambda entry: LogLeaf.objects.filter(id=entry.id).update(number=99),
        lambda entry: LogLeaf.objects.filter(id=entry.id).update(hashes=bytes(32)),
    ],
)
def test_the_first_row_that_was_tampered_with_is_named(municipality_a, clients, tamper):
    grow(municipality_a, 6)
    with use(municipality_a, "owner"):
        tamper(LogEntry.objects.order_by("id")[4])
    found = proving.verify(municipality_a)
    assert (found.whole, found.row) == (False, 4)


def test_a_row_that_was_slipped_in_past_the_seals_is_found(municipality_a, clients, monkeypatch):
    grow(municipality_a, 2)
    write(municipality_a, 1)
    monkeypatch.setattr(proving, "WAITS_AT_MOST", -proving.WAITS_AT_MOST)
    assert "never sealed" in proving.verify(municipality_a).said


def test_an_exported_log_verifies_elsewhere_and_not_when_it_is_changed(municipality_a, clients, tmp_path):
    grow(municipality_a, 5)
    file = tmp_path / "log"
    assert proving.export(municipality_a, file) == 5
    assert proving.verify(municipality_a, file).whole
    file.write_text(file.read_text().replace('"purpose":"work-list"', '"purpose":"rest"', 1))
    assert proving.verify(municipality_a, file).row == 0


def test_nobody_is_asked_when_offline(municipality_a, clients):
    grow(municipality_a, 2)
    for client in clients:
        client.away = True
    assert proving.verify(municipality_a, ask_witnesses=False).whole
    assert "no answer from first.example, second.example" in proving.verify(municipality_a).said


def state_of(municipality):
    witnessing.note(municipality)
    return health._log_of(LogSealing.objects.get(municipality=municipality))


def test_a_witness_that_is_away_raises_an_alarm_and_blocks_nothing(municipality_a, clients):
    grow(municipality_a, 2)
    assert (state_of(municipality_a).state, state_of(municipality_a).measures["log_witnessed_rows"]) == ("ok", 2)
    clients[1].away = True
    with pytest.raises(WitnessAway):
        grow(municipality_a, 3)
    with use(municipality_a, "owner"):
        LogHead.objects.filter(size=5).update(at=dates.now() - timedelta(minutes=4))
    found = state_of(municipality_a)
    assert (found.state, found.said) == ("warning", "not witnessed for 4 minutes: second.example")
    assert (found.measures["log_rows"], found.measures["log_witnessed_rows"]) == (5, 2)


def test_one_of_three_that_is_away_raises_an_alarm_though_the_others_make_heads_good(
    municipality_a, clients, monkeypatch, settings
):
    third = Cosigner("third.example", b"t" * 32)
    clients.append(InProcess(third, sealing.signer_of(municipality_a)))
    by_url = {f"https://{name}.example": each for name, each in zip(("first", "second", "third"), clients, strict=True)}
    monkeypatch.setattr(witnessing, "_client", by_url.__getitem__)
    with settings.LOG_WITNESSES_FILE.open("a") as file:
        file.write(f"{third.key} https://third.example\n")
    grow(municipality_a, 2)
    assert state_of(municipality_a).state == "ok"
    for _ in range(2):  # the alarm counts from the first head that it has not seen
        grow(municipality_a, 1, witnessing.witnesses()[:2])
    assert (state_of(municipality_a).state, state_of(municipality_a).measures["log_silent_witnesses"]) == ("ok", 1)
    with use(municipality_a, "owner"):
        LogHead.objects.filter(size=3).update(at=dates.now() - timedelta(minutes=4))
    found = state_of(municipality_a)
    assert (found.state, found.said) == ("warning", "a witness does not cosign: third.example for 4 minutes")
    assert found.measures["log_witnessed_rows"] == 4
    assert round(found.measures["log_witness_silent_seconds"]) == 240
    assert witnessing.ask(municipality_a, witnessing.witnesses()[2])
    assert (state_of(municipality_a).state, state_of(municipality_a).measures["log_silent_witnesses"]) == ("ok", 0)


def test_rows_that_are_not_sealed_are_a_failure(municipality_a, clients):
    (entry,) = write(municipality_a, 1)
    with use(municipality_a, "owner"):
        LogEntry.objects.filter(id=entry.id).update(at=dates.now() - timedelta(minutes=3))
    assert state_of(municipality_a).state == "failed"


def test_erasing_a_person_breaks_no_proof(municipality_a, clients):
    """The salt of a commitment is made from the case's key alone: without it nobody can try values against the log."""
    case_id = uuid7()
    with use(municipality_a, "ordinary"):
        key, _ = vault.new_case_key(municipality_a, "ordinary")
        about = {
            "area": "ordinary",
            "case_id": case_id,
            "action": "read",
            "purpose": "work-list",
            "personal": {"name": "Rita"},
        }
        entry = log_case(SYSTEM, key=key, **about)
        another, _ = vault.new_case_key(municipality_a, "ordinary")
    sealed_as = commitment(key, entry.id, about["personal"])
    assert grow(municipality_a, 1) == [True, True]
    del key
    assert bytes(entry.commitment) == sealed_as
    assert commitment(another, entry.id, about["personal"]) != sealed_as
    assert proving.verify(municipality_a).whole


class Asked:
    """Instead of asking: notes about which log, and when."""

    def __init__(self, refuses=(), away=()):
        self.refuses, self.away, self.at = refuses, set(away), []

    def __call__(self, municipality, witness):
        self.at.append((municipality, time.monotonic()))
        if municipality in self.away:
            raise WitnessAway(why="silence")
        if municipality in self.refuses:
            raise WitnessRefused(witness="first", status=422, said="no")
        return True

    def within(self, seconds, is_so):
        until = time.monotonic() + seconds
        while not is_so() and time.monotonic() < until:
            time.sleep(0.01)
        return is_so()

    def named(self):
        return [municipality for municipality, _ in self.at]


@pytest.fixture
def asking(monkeypatch):
    """An asker that runs, of a witness that is told of by an Asked."""
    made = []

    def begin(asked):
        monkeypatch.setattr(witnessing, "ask", asked)
        made.append(witnessing.Asker(witnessing.Named(FIRST.key, "https://first.example")))
        made[-1].start()
        return made[-1]

    yield begin
    for each in made:
        each.stop()


def test_a_log_that_a_witness_refuses_keeps_no_other_waiting(asking):
    asked = Asked(refuses=("averoy",))
    asker = asking(asked)
    asker.tell("averoy")
    asker.tell("smola")
    assert asked.within(1, lambda: "smola" in asked.named())
    assert asked.named().count("averoy") == 1


def test_a_witness_that_is_away_is_asked_again(asking, monkeypatch):
    monkeypatch.setattr(witnessing, "SECONDS_BETWEEN_TRIES", 0.05)
    asked = Asked(away=("averoy",))
    asking(asked).tell("averoy")
    assert asked.within(2, lambda: asked.named().count("averoy") >= 3)


def test_a_log_that_grows_all_the_time_is_asked_about_now_and_then(asking, monkeypatch):
    monkeypatch.setattr(witnessing, "SECONDS_BETWEEN_ASKING", 0.2)
    asked = Asked()
    asker = asking(asked)
    until = time.monotonic() + 1
    while time.monotonic() < until:
        asker.tell("averoy")
        time.sleep(0.01)
    assert 3 <= len(asked.at) <= 7


def test_what_was_changed_is_found_at_night_and_told_to_operators(municipality_a, clients):
    grow(municipality_a, 4)
    witnessing.note(municipality_a)
    proving.note(municipality_a)
    assert state_of(municipality_a).state == "ok"
    with use(municipality_a, "owner"):
        LogEntry.objects.filter(id=LogEntry.objects.order_by("id")[2].id).update(staff_name="Somebody else")
    proving.note(municipality_a)
    found = state_of(municipality_a)
    assert (found.state, found.measures["log_wrong"]) == ("failed", 1)
    assert found.said == "row 2: it is not what was sealed: see `allmenning log verify`"


def test_a_row_that_was_slipped_in_with_an_old_id_is_found_at_night(municipality_a, clients):
    grow(municipality_a, 2)
    witnessing.note(municipality_a)
    (entry,) = write(municipality_a, 1)
    long_ago = dates.now() - timedelta(days=3)
    with use(municipality_a, "owner"):
        LogEntry.objects.filter(id=entry.id).update(id=seals.first_id_of(long_ago), at=long_ago)
    proving.note(municipality_a)
    assert "was written and never sealed" in state_of(municipality_a).said


def test_a_log_that_is_not_witnessed_enough_is_not_called_wrong(municipality_a, clients):
    grow(municipality_a, 2, witnesses=[])
    witnessing.note(municipality_a)
    proving.note(municipality_a)
    assert not LogSealing.objects.get().wrong


def test_a_log_that_nobody_has_looked_through_for_days_is_told(municipality_a, clients):
    grow(municipality_a, 2)
    witnessing.note(municipality_a)
    LogSealing.objects.update(looked_at=dates.now() - timedelta(days=5))
    assert (state_of(municipality_a).state, "5 days" in state_of(municipality_a).said) == ("warning", True)


def test_a_witness_that_refuses_is_told_to_operators_at_once_until_it_cosigns(municipality_a, clients, asking):
    asked = Asked(refuses=[municipality_a])
    witnessing.note(municipality_a)
    asker = asking(asked)
    asker.tell(municipality_a)
    assert asked.within(5, lambda: state_of(municipality_a).state == "failed")
    assert "did not cosign: 422" in state_of(municipality_a).said
    asked.refuses = []
    asker._ask_again(municipality_a, 0)
    asker.tell(municipality_a)
    with asker._changed:
        asker._changed.notify()
    assert asked.within(5, lambda: state_of(municipality_a).state == "ok")


def aged(municipality, size, **ago):
    with use(municipality, "owner"):
        LogHead.objects.filter(size=size).update(at=dates.now() - timedelta(**ago))


def sizes(municipality):
    with use(municipality, "owner"):
        return list(LogHead.objects.order_by("size").values_list("size", flat=True))


def test_old_heads_are_thinned_out_and_everything_still_verifies(municipality_a, clients):
    for _ in range(8):
        grow(municipality_a, 1)
    noon = dates.now().replace(hour=12, minute=0)
    days_ago = noon - timedelta(days=100)
    with use(municipality_a, "owner"):
        for size, at in enumerate((days_ago, days_ago + timedelta(hours=5), noon - timedelta(days=30)), start=1):
            LogHead.objects.filter(size=size).update(at=at)
        LogHead.objects.filter(size=4).update(at=noon - timedelta(days=30) + timedelta(minutes=5))
        LogHead.objects.filter(size=5).update(at=noon - timedelta(days=30) + timedelta(hours=2))
    assert sweeping.sweep_log_heads(municipality_a) == 2
    assert sizes(municipality_a) == [2, 4, 5, 6, 7, 8]
    assert grow(municipality_a, 1) == [True, True]
    found = proving.verify(municipality_a)
    assert found.whole, found.said


def test_no_head_that_a_witness_grows_from_is_thinned_out(municipality_a, clients):
    """One witness has been away for a year: what it cosigned last is old by now, and still what it knows."""
    first, second = witnessing.witnesses()
    grow(municipality_a, 1, [first, second])
    for _ in range(3):
        grow(municipality_a, 1, [first])
    for size in range(1, 5):
        aged(municipality_a, size, days=400, seconds=100 - size)
    assert sweeping.sweep_log_heads(municipality_a) == 2
    assert sizes(municipality_a) == [1, 4]
    assert witnessing.ask(municipality_a, second)
    assert proving.verify(municipality_a).whole


def test_the_last_good_head_is_kept_though_a_later_one_is_not_good(municipality_a, clients):
    grow(municipality_a, 1)
    grow(municipality_a, 1, [])
    for size in (1, 2):
        aged(municipality_a, size, days=30, seconds=10 - size)
    assert sweeping.sweep_log_heads(municipality_a) == 0

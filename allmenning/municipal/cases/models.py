"""A case from start to end: tasks, questions, decisions, appeals, closure."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.catalogue.deadlines import REPLACED, WITHDRAWN, Key
from allmenning.tenancy import current
from allmenning.tenancy.models import IndexField, MunicipalModel, SealedField, Walls

from ..people.models import Person
from ..people.protection import Level, levels_of_owners


class State(models.TextChoices):
    RECEIVED = "received"
    IN_PROGRESS = "in-progress"
    WAITING = "waiting-for-resident"
    FOR_APPROVAL = "for-approval"
    DECIDED = "decided"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"


OPEN_STATES = (State.RECEIVED, State.IN_PROGRESS, State.WAITING, State.FOR_APPROVAL, State.APPEALED)


class Case(MunicipalModel):
    """Something that a municipality does for someone, of one service. Keeps the service version it started with.

    `number` runs for each area and year and is given last in the transaction that registers the case.
    `title` is the service's own name; what was typed as a subject is sealed, and found by its words (see subjects.py).
    `due_on` is the earliest unmet deadline, `told_due_on` the earliest that the sender is told of (see `CaseDeadline`).
    `revision` counts changes: whoever acts on an older one is told that somebody else was first. `home_keys`: where the
    applicant lives, and `named_keys`: whom the form names, as keys of the area. Who is near to any of them is disqualified
    (forvaltningsloven § 6). `opened_from`: the case that it was opened from, for somebody whom that one is about; they stand
    in line `opened_for` of its list, which goes along to another municipality where there is no such case. No resident's login
    sees it: what they may know of it, a person gives them. `sender_is_no_party`: they sent it for another, and are shown as
    much as the service says of such senders.
    """

    numbered_by = "case"
    walls = Walls.of_area(
        resident="own",
        resident_if="opened_for is null",
        resident_writes=True,
        resident_adds="state = 'received' and outcome = '' and not automatic and assigned_to is null"
        " and sequence is null and decided_at is null and closed_at is null and opened_for is null",
        resident_changes=("sequence", "state", "outcome", "closed_at", "revision"),
        # What residents do to a case: send it, answer or send more, withdraw, appeal. Deciding is not among them; who
        # withdraws an appeal leaves the decision that stands.
        resident_leaves="state <> 'decided' or (state = 'decided' and decided_at is not null)",
        changes=(
            "sequence",
            "topic",
            "title",
            "subject",
            "subject_words",
            "language",
            "state",
            "outcome",
            "automatic",
            "unit_id",
            "assigned_to",
            "assigned_name",
            "due_on",
            "told_due_on",
            "decided_at",
            "closed_at",
            "revision",
            "home_keys",
            "named_keys",
        ),
    )

    area = models.CharField(max_length=30)
    owner_key = IndexField()
    parent_index = IndexField(null=True)  # of the parent who began it for a child: no other parent sees it
    opened_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    opened_for = models.PositiveSmallIntegerField(null=True)
    sender_is_no_party = models.BooleanField(default=False)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField(null=True)
    service = models.SlugField(max_length=60)
    version = models.CharField(max_length=20)
    topic = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200)
    subject = SealedField(default=b"")
    subject_words = ArrayField(IndexField(), default=list)
    language = models.CharField(max_length=2, default="nb")
    channel = models.CharField(max_length=10)
    state = models.CharField(max_length=24, choices=State.choices, default=State.RECEIVED)
    outcome = models.SlugField(max_length=60, blank=True)
    automatic = models.BooleanField(default=False)
    unit_id = models.UUIDField(null=True)
    assigned_to = models.UUIDField(null=True)
    assigned_name = models.CharField(max_length=120, blank=True)
    applicant = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    applicant_name = SealedField()
    wrapped_key = models.BinaryField()
    received_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    told_due_on = models.DateField(null=True)
    decided_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=0)
    home_keys = ArrayField(IndexField(), default=list)
    named_keys = ArrayField(IndexField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area", "year", "sequence"], name="case_number"),
            models.UniqueConstraint(fields=["opened_from", "opened_for"], name="own_case_once"),
        ]
        indexes = [
            models.Index(fields=["owner_key"], name="cases_of_owner"),
            models.Index(fields=["area", "unit_id", "state", "received_at", "id"], name="cases_of_unit"),
            models.Index(
                fields=["area", "assigned_to", "due_on"], name="cases_of_staff", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["area", "due_on", "id"], name="cases_due", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["area", "received_at", "id"], name="cases_by_time"),
            models.Index(fields=["area", "service", "decided_at"], name="cases_of_service"),
            models.Index(fields=["applicant"], name="cases_of_person"),
        ]

    @property
    def number(self) -> str:
        """The case number as people write it: 2026/17."""
        return f"{self.year}/{self.sequence}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_own_case(self) -> bool:
        """Whether it was opened for somebody whom another case is about: no resident's login sees it."""
        return self.opened_for is not None

    @cached_property
    def key(self) -> vault.CaseKey:
        """The case's key; opens and seals every sealed field of every row about the case."""
        return vault.open_case_key(current().municipality, self.area, bytes(self.wrapped_key))

    @cached_property
    def is_strictly_protected(self) -> bool:
        """Whether the applicant's address is strictly confidential: then their unit and the archive do not see the case.

        A statement, but where the case was found by `queries.case_for`, which knows.
        """
        key = bytes(self.owner_key)
        return levels_of_owners([key]).get(key) is Level.STRICT

    @property
    def opened_applicant_name(self) -> str:
        return "" if self.is_erased else self.key.open_text("cases.Case.applicant_name", bytes(self.applicant_name))

    @property
    def opened_subject(self) -> str:
        """What the resident called it; empty where nothing was typed that lists may show."""
        if self.is_erased or not self.subject:
            return ""
        return self.key.open_text("cases.Case.subject", bytes(self.subject))

    @property
    def opened_title(self) -> str:
        """The service's name with the subject, for those who may see the case: never for a public list."""
        subject = self.opened_subject
        return f"{self.title}: {subject}" if subject else self.title

    @property
    def is_erased(self) -> bool:
        """Whether its key was destroyed: nothing that was sealed in it can be opened by anybody."""
        return not self.wrapped_key


class CaseRow(MunicipalModel):
    """A row about one case, in the case's area."""

    area = models.CharField(max_length=30)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class Event(CaseRow):
    """Something that happened in a case: the timeline. `facts` hold no personal data."""

    filled_in = ("place",)  # see queries.changes
    walls = Walls.of_area(
        resident="case",
        resident_if="visible_to_resident",
        resident_writes=True,
        resident_adds="actor = 'resident' and staff_id is null and staff_name = ''",
        append_only=True,
    )

    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    actor = models.CharField(max_length=12)
    staff_id = models.UUIDField(null=True)
    staff_name = models.CharField(max_length=120, blank=True)
    unit_name = models.CharField(max_length=120, blank=True)
    facts = models.JSONField(default=dict)
    visible_to_resident = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="events_of_case")]


class Task(CaseRow):
    """One step of the service's routine in this case: who does it, and by when. `turn` counts a step that repeats."""

    walls = Walls.of_area(
        resident="case",
        resident_writes=True,
        resident_adds="done_at is null",
        resident_changes=("done_at", "done_by", "skipped"),
        resident_changes_if="done_at is null",
        resident_leaves="done_by = 'resident' and skipped",
    )

    step = models.SlugField(max_length=80)
    turn = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField()
    who = models.CharField(max_length=20)
    due_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=120, blank=True)
    skipped = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "step", "turn"], name="task_once")]


class PhaseChange(CaseRow):
    """A phase of the service was opened in this case, or concluded: when, by whom, and by what. Never changed.

    `round` counts how often the case is in it. `because`: received, outcome:<id>, result:<id>, phase:<id>, or by-hand, which
    has its reasons.
    """

    class Kind(models.TextChoices):
        OPENED = "opened"
        CONCLUDED = "concluded"

    walls = Walls.of_area(
        resident_writes=True,
        resident_adds="kind = 'opened' and because = 'received' and round = 1 and staff_id is null and staff_name = ''",
        append_only=True,
    )

    phase = models.SlugField(max_length=80)
    round = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    because = models.CharField(max_length=90)
    at = models.DateTimeField()
    staff_id = models.UUIDField(null=True)
    staff_name = models.CharField(max_length=120, blank=True)
    reasons = SealedField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "phase", "round", "kind"], name="phase_once")]


class CaseDeadline(CaseRow):
    """One of the service's deadlines in this case: from when, by when, and when it was met and by what.

    `round` is 1, and one more each time that it begins anew; `turn` counts within a round what repeats. Without `due_on` it
    stands still while the sender is asked. `met_by` is what met it, or how it ended otherwise: withdrawn, replaced.
    """

    walls = Walls.of_area(
        resident_writes=True,
        resident_adds="round = 1 and turn = 1 and met_at is null and extended_to is null",
        changes=("began_on", "due_on", "met_at", "met_by", "extended_to"),
        changes_if="met_at is null",
    )

    deadline = models.SlugField(max_length=80)
    round = models.PositiveSmallIntegerField(default=1)
    turn = models.PositiveSmallIntegerField(default=1)
    began_on = models.DateField()
    due_on = models.DateField(null=True)
    met_at = models.DateTimeField(null=True)
    met_by = models.CharField(max_length=90, blank=True)
    extended_to = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "deadline", "round", "turn"], name="deadline_once")]
        indexes = [models.Index(fields=["area", "due_on"], name="deadlines_due", condition=Q(met_at__isnull=True))]

    @property
    def key(self) -> Key:
        return Key(self.deadline, self.round, self.turn)

    def is_missed_on(self, day: date) -> bool:
        """Whether it was met too late, or is not met and its day has gone. What ended without being met was not missed."""
        if self.due_on is None or self.met_by in (WITHDRAWN, REPLACED):
            return False
        met_on = self.met_at.astimezone(dates.OSLO).date() if self.met_at else day
        return met_on > self.due_on


class DeadlineReason(CaseRow):
    """Why a deadline was extended, or missed: by whom, in words. `because` is what was most of it, and is counted."""

    class Kind(models.TextChoices):
        EXTENDED = "extended"
        MISSED = "missed"

    class Because(models.TextChoices):
        WAITED = "waited-for-others"
        TOO_FEW = "too-few-people"
        MORE_WORK = "more-work-than-usual"
        CAME_LATE = "came-to-us-late"
        OVERLOOKED = "overlooked"
        OTHER = "other"

    walls = Walls.of_area(append_only=True)

    deadline = models.ForeignKey(CaseDeadline, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    because = models.CharField(max_length=24, choices=Because.choices, blank=True)
    at = models.DateTimeField(default=dates.now)
    staff_id = models.UUIDField()
    staff_name = models.CharField(max_length=120)
    text = SealedField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deadline", "kind"], name="deadline_reason_once"),
            models.CheckConstraint(condition=~Q(kind="missed", because=""), name="what_is_missed_has_a_kind"),
        ]


class Participant(CaseRow):
    """Somebody who has to do with a case, and did not send it: a role of the service's `parties`, and who that is.

    One whose number is known (`owner_key`) reads what is written to them, as themselves: their letters are sealed with the case's
    key, so it is wrapped here too, in a row that nobody else's login shows. `is_party`: they get their own letters, and may
    appeal. `authority` is on what they act for somebody, `document_id` what shows it. A row is ended, never removed: one who is
    named anew is a new row.
    """

    class Known(models.TextChoices):
        FORM = "form"
        REGISTER = "register"
        HAND = "hand"

    class Authority(models.TextChoices):
        PARENTAL = "parental-responsibility"
        GUARDIAN = "guardianship"
        POWER = "power-of-attorney"
        CUSTODY = "custody"
        OTHER = "other"

    walls = Walls.of_area(
        resident="participant",
        resident_writes=True,
        resident_adds="known_from = 'form' and staff_id is null and staff_name = '' and ends is null",
        changes=("is_party", "ends"),
    )

    role = models.SlugField(max_length=80)
    owner_key = IndexField(null=True)
    wrapped_key = models.BinaryField(default=b"")
    name = SealedField()
    number = SealedField(null=True)
    is_party = models.BooleanField(default=False)
    known_from = models.CharField(max_length=8, choices=Known.choices)
    authority = models.CharField(max_length=24, choices=Authority.choices, blank=True)
    document_id = models.UUIDField(null=True)
    starts = models.DateField()
    ends = models.DateField(null=True)
    staff_id = models.UUIDField(null=True)
    staff_name = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["owner_key"], name="participants_of_person")]

    def holds_on(self, day: date) -> bool:
        """Whether they have to do with the case that day (both ends inclusive)."""
        return self.starts <= day and not self.is_over_on(day)

    def is_over_on(self, day: date) -> bool:
        return self.ends is not None and self.ends < day


class Consent(CaseRow):
    """Somebody consents to one thing that the service asks consent for (`scope`), or takes that back: a row of its own, which
    `withdraws` the one it is about. Neither is ever changed, and what was done meanwhile stays done.

    service, version: whose words it has, for a party who does not see the case. participant_id: who gives it; null: who sent
    the case; by_name: what they are called. `party_key`: the key by which they see it; of one whose number is not known, a key
    that nobody has. to_id, to_key, to_name: the participant whom it lets see something, and `sees` what, as the folder says:
    the walls of records and documents ask for these. given_on: the day it was given, or taken back.
    """

    class How(models.TextChoices):
        FORM = "form"
        PORTAL = "portal"
        WRITTEN = "written"
        ORAL = "oral"
        ENDED = "ended"  # taken back with what it stood on: whom it let see has no more to do with the case

    walls = Walls.of_area(
        resident="case",
        resident_party="party_key",
        resident_sees_too="to_key",
        resident_names_parties=True,
        resident_writes=True,
        # In the portal who sent the case alone lets others see something, and nobody in another's name; a party takes back.
        resident_adds="staff_id is null and staff_name = '' and how in ('form', 'portal')"
        " and (sees = '{}' or party_key is null)",
        resident_party_adds="withdraws_id is not null",
        append_only=True,
    )

    service = models.SlugField(max_length=60)
    version = models.CharField(max_length=20)
    scope = models.SlugField(max_length=80)
    withdraws = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="+")
    participant_id = models.UUIDField(null=True)
    party_key = IndexField(null=True)
    by_name = SealedField(null=True)
    to_id = models.UUIDField(null=True)
    to_key = IndexField(null=True)
    to_name = SealedField(null=True)
    sees = ArrayField(models.SlugField(max_length=80), default=list)
    given_on = models.DateField()
    valid_until = models.DateField(null=True)
    how = models.CharField(max_length=8, choices=How.choices)
    document_id = models.UUIDField(null=True)
    heard_by = SealedField(null=True)
    at = models.DateTimeField(default=dates.now)
    staff_id = models.UUIDField(null=True)
    staff_name = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["to_key"], name="consents_to", condition=Q(to_key__isnull=False)),
            models.Index(fields=["party_key"], name="consents_by", condition=Q(party_key__isnull=False)),
        ]

    def holds_on(self, day: date) -> bool:
        """Whether it holds that day, if it was not withdrawn (both ends inclusive)."""
        return self.given_on <= day and (self.valid_until is None or day <= self.valid_until)


class Note(CaseRow):
    """A note of the case's journal. The resident does not see it in the portal (but may ask for access, forvaltningsloven § 18).

    `kind` is one of `catalogue.notes.COMMON`, or the service's own. `happened_at` is when what it tells of was, `at` when it was
    written. `third_party` is what is about or from somebody who is no party, and whom: apart, so that it can be kept from one
    who asks for access. `concerns` names participants. A correction is a new note that `corrects` the one before; both stay.
    """

    walls = Walls.of_area(append_only=True)

    at = models.DateTimeField(default=dates.now)
    kind = models.SlugField(max_length=80, default="other")
    happened_at = models.DateTimeField(default=dates.now)
    staff_id = models.UUIDField()
    staff_name = models.CharField(max_length=120)
    text = SealedField()
    third_party = SealedField(null=True)
    concerns = ArrayField(models.UUIDField(), default=list)
    corrects = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="+")


class Decision(CaseRow):
    """An outcome with its reasons: drafted, approved where that is asked for, and issued. One issued for each round.

    A round begins when the case is received, and again when an appeal or a follow-up reopens it. `is_for_sender`: its letter
    goes to who sent the case, among others or alone; else no login of theirs reads it.
    One that is told neither the sender nor anybody else has no message.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        FOR_APPROVAL = "for-approval"
        ISSUED = "issued"
        DISCARDED = "discarded"

    walls = Walls.of_area(
        resident="case", resident_if="status = 'issued' and is_for_sender", changes_if="status <> 'issued'"
    )

    round = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=14, choices=Status.choices, default=Status.DRAFT)
    outcome = models.SlugField(max_length=60)
    is_individual_decision = models.BooleanField(default=True)
    is_for_sender = models.BooleanField(default=True)
    automatic = models.BooleanField(default=False)
    reasons = SealedField()
    values = SealedField()
    trace = SealedField(null=True)
    legal_basis = models.CharField(max_length=300)
    drafted_by = models.UUIDField(null=True)
    drafted_name = models.CharField(max_length=120, blank=True)
    drafted_at = models.DateTimeField()
    approved_by = models.UUIDField(null=True)
    approved_name = models.CharField(max_length=120, blank=True)
    issued_at = models.DateTimeField(null=True)
    appeal_due = models.DateField(null=True)
    message_id = models.UUIDField(null=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round"], condition=~Q(status="discarded"), name="one_decision_a_round"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("drafted_by")), name="another_approves"
            ),
        ]


class Result(CaseRow):
    """What is decided, apart from what the sender is told: the service's own result, and why. Never shown to the sender.

    Of one decision, which is the answer. It may change until the answer is issued, and never after. `concerns`: where it opens cases of
    their own, the lines of the list in the form that get one; null: all of them.
    """

    walls = Walls.of_area(changes=("result", "reasons", "concerns", "issued_at"), changes_if="issued_at is null")

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="+")
    result = models.SlugField(max_length=60, blank=True)
    reasons = SealedField()
    concerns = ArrayField(models.PositiveSmallIntegerField(), null=True)
    issued_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["area", "result", "issued_at"], name="results_issued")]


class Appeal(CaseRow):
    """A party disagrees with a decision (forvaltningsloven §§ 28–32). A late one is marked so (§ 31).

    `participant`: the party, where it is not who sent the case.
    """

    walls = Walls.of_area(resident="case", resident_writes=True, append_only=True)

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="appeals")
    received_at = models.DateTimeField()
    late = models.BooleanField()
    message_id = models.UUIDField()
    participant = models.ForeignKey(Participant, null=True, on_delete=models.PROTECT, related_name="+")


class Disclosure(CaseRow):
    """A party was given access to the case: when, by whom, and what was left out on which legal ground (§§ 18–19).

    `left_out` is JSON: the ids of parts of the case, and for each the id of its ground. What it refers to was written
    in the case's language, set out anew, and kept as documents of the case; of `to_case_id`, when it went to another party,
    who asked in a case of their own.
    """

    walls = Walls.of_area(append_only=True)

    at = models.DateTimeField()
    staff_id = models.UUIDField()
    staff_name = models.CharField(max_length=120)
    left_out = SealedField()
    message_id = models.UUIDField()
    document_ids = models.JSONField(default=list)
    to_case_id = models.UUIDField(null=True)


class AccessRequest(CaseRow):
    """The party asks for access to the case (forvaltningsloven § 18), or complains of what was kept back (§ 21).

    `message_id` is what they wrote, `answer_id` the letter that answers it. One at a time in a case waits for an answer.
    """

    class Outcome(models.TextChoices):
        GIVEN = "given"
        IN_PART = "in-part"
        REFUSED = "refused"

    walls = Walls.of_area(
        resident="case",
        resident_writes=True,
        resident_adds="answered_at is null and answer_id is null and outcome = ''",
        changes=("answered_at", "answer_id", "outcome"),
        changes_if="answered_at is null",
    )

    asked_at = models.DateTimeField()
    message_id = models.UUIDField()
    due_on = models.DateField()
    complains_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    late = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True)
    answer_id = models.UUIDField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(answered_at__isnull=True), name="one_access_request_waits"
            )
        ]
        indexes = [
            models.Index(fields=["area", "due_on"], name="access_requests_due", condition=Q(answered_at__isnull=True))
        ]


class Closure(CaseRow):
    """The case was closed: when, by whom, why. Reopening is another event, never a deletion."""

    walls = Walls.of_area(
        resident="case", resident_writes=True, resident_adds="reason = 'withdrawn' and by = ''", append_only=True
    )

    at = models.DateTimeField()
    reason = models.CharField(max_length=20)
    by = models.CharField(max_length=120, blank=True)


class ReceiptCode(CaseRow):
    """Opens an inquiry that was sent without login. The code itself is only with the sender; this is its index."""

    walls = Walls.of_area(resident="case", resident_writes=True, append_only=True)

    email = SealedField(null=True)


class RegisterCheck(CaseRow):
    """What a register said, when it was asked after the submission, about an answer that decides something.

    Residents do not read it: it may be about another person in the household.
    """

    walls = Walls.of_area(append_only=True)

    pointer = models.CharField(max_length=200)
    source = models.CharField(max_length=60)
    fetched_at = models.DateTimeField()
    value = SealedField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "pointer"], name="checked_once")]


class Handover(CaseRow):
    """A package handed to another authority, with its receipt: tried until it is received, sent once."""

    walls = Walls.of_area(resident="case", changes=("handed_over_at", "receipt"), changes_if="handed_over_at is null")

    receiver = models.CharField(max_length=40)
    package = SealedField()
    handed_over_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=80, blank=True)


class Transfer(CaseRow):
    """A case that goes to another municipality here, or came from one. Residents see nothing of it: to whom a case of child
    welfare goes tells where the child lives.

    `number` is the case's at the other one; on the way out it is there when `received_at` is.
    """

    class Direction(models.TextChoices):
        OUT = "out"
        IN = "in"

    walls = Walls.of_area(changes=("received_at", "number"), changes_if="received_at is null")

    direction = models.CharField(max_length=3, choices=Direction.choices)
    municipality = models.CharField(max_length=60)
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField(default=dates.now)
    received_at = models.DateTimeField(null=True)


class Record(CaseRow):
    """Something that is kept in a case beside what was sent, by a kind that the service declares: a plan, a measure, an
    assessment, a week of visits, a payment, a place on a list. Never changed: a change or a correction is a new version.

    series: the id of the first version. shows: how the kind was shown when it was written, so that lists over cases need no
    service; what belongs to a week is shown in that week. visible_to_parties: in a case whose sender is no party, those who are
    see it, and the sender does not. seen_by: scopes of what others are let see (`Consent.sees`).
    data: the answers, and why it was changed or ended, as JSON.
    """

    walls = Walls.of_area(
        resident="case",
        resident_if="visible_to_resident",
        resident_let="seen_by",
        resident_parties="visible_to_parties",
        append_only=True,
    )

    kind = models.SlugField(max_length=50)
    shows = models.CharField(max_length=10)
    series = models.UUIDField()
    version = models.PositiveIntegerField(default=1)
    of_series = models.UUIDField(null=True)
    participant_id = models.UUIDField(null=True)
    status = models.SlugField(max_length=50, blank=True)
    is_over = models.BooleanField(default=False)
    starts = models.DateField(null=True)
    ends = models.DateField(null=True)
    due_on = models.DateField(null=True)
    at = models.DateTimeField()
    staff_id = models.UUIDField()
    staff_name = models.CharField(max_length=120)
    visible_to_resident = models.BooleanField(default=False)
    visible_to_parties = models.BooleanField(default=False)
    seen_by = ArrayField(models.SlugField(max_length=80), default=list)
    data = SealedField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "version"], name="record_version")]
        indexes = [
            models.Index(fields=["case", "kind", "starts"], name="records_of_case"),
            models.Index(fields=["area", "shows", "due_on"], name="records_shown", condition=Q(is_over=False)),
        ]


class AccountLine(CaseRow):
    """A payment that was handed over to the accounts, in which file. Once: nothing is paid twice.

    record: the version of the payment that stood then, which the file's line is made of, however often it is fetched.
    """

    walls = Walls.of_area(append_only=True)

    file_id = models.UUIDField()
    series = models.UUIDField()
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    staff_id = models.UUIDField()
    staff_name = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series"], name="to_the_accounts_once")]
        indexes = [models.Index(fields=["file_id"], name="lines_of_file")]

"""Staff, units, mandates and delegations of one municipality, and the log of who did and read what."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from allmenning.basics import dates
from allmenning.tenancy.models import IndexField, MunicipalModel, SealedField, Walls


def active_on(day, start: str = "start", end: str = "end") -> Q:
    """The rows whose dates include `day`; an empty end is open. Both dates are inclusive."""
    return Q(**{f"{start}__lte": day}) & (Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": day}))


class Unit(MunicipalModel):
    """A part of the organisation that handles cases, in one service area (administrative unit, Noark M305)."""

    walls = Walls.shared(residents_read=True)

    name = models.CharField(max_length=120)
    area = models.CharField(max_length=30, default="ordinary")
    kind = models.CharField(max_length=40, blank=True)  # what services call it, such as "kindergarten": UNIT_KINDS
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    opening_hours = models.CharField(max_length=200, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="unit_name_once")]

    def __str__(self) -> str:
        return self.name


class UnitService(MunicipalModel):
    """A unit handles a service, or one topic of it. The most specific row routes a new case."""

    walls = Walls.shared(residents_read=True)

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="services")
    service = models.SlugField(max_length=60)
    topic = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "topic"], name="unit_service_once")]


class StaffMember(MunicipalModel):
    """Somebody who works in this municipality, by employment here or by a mandate for another municipality's staff."""

    walls = Walls.shared()

    subject_index = IndexField()
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    looked_back_for = models.DateField(
        null=True, editable=False
    )  # the last day before which their reading was reviewed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_index"], name="staff_once"),
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gte=F("start")), name="staff_dates"),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    CASEWORKER = "caseworker"
    LEADER = "leader"
    APPROVER = "approver"
    ARCHIVIST = "archivist"
    ADMINISTRATOR = "administrator"


class Position(MunicipalModel):
    """A role that somebody holds in a unit for a time. The administrator's role has no unit."""

    walls = Walls.shared()

    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="positions")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.CASCADE, related_name="positions")
    role = models.CharField(max_length=20, choices=Role.choices)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gte=F("start")), name="position_dates"),
            models.CheckConstraint(condition=Q(unit__isnull=False) | Q(role="administrator"), name="position_unit"),
        ]


class Mandate(MunicipalModel):
    """Another municipality's staff may act here, for a time, by an agreement (kommuneloven ch. 20)."""

    walls = Walls.shared()

    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="mandates")
    home_municipality = models.SlugField(max_length=60)
    source = models.CharField(max_length=200)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gte=F("start")), name="mandate_dates")
        ]


class Absence(MunicipalModel):
    """Somebody is away; a substitute sees and does what they would have."""

    walls = Walls.shared()

    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="absences")
    substitute = models.ForeignKey(
        StaffMember, null=True, blank=True, on_delete=models.CASCADE, related_name="substitutions"
    )
    start = models.DateField()
    end = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="absence_dates"),
            models.CheckConstraint(
                condition=Q(substitute__isnull=True) | ~Q(substitute=F("staff")), name="absence_other"
            ),
        ]


class Delegation(MunicipalModel):
    """Who may decide what: the municipality's own rule (kommuneloven § 13-1). The service's folder only proposes."""

    walls = Walls.shared()

    service = models.SlugField(max_length=60)
    outcome = models.SlugField(max_length=60, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    second_person = models.BooleanField(default=False)
    source = models.CharField(max_length=200, blank=True)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)


class ApiClient(MunicipalModel):
    """Another system that uses the API for this municipality. It proves who it is by its key (RFC 7523).

    Empty `services`: every service of its areas. A client is withdrawn, and never removed: the log names it. A system
    that changes its key is two clients of one name for a while.
    """

    walls = Walls.shared()

    name = models.CharField(max_length=120)
    public_key = models.JSONField()
    scopes = ArrayField(models.CharField(max_length=20))
    areas = ArrayField(models.CharField(max_length=30))
    services = ArrayField(models.SlugField(max_length=60), default=list, blank=True)
    added_at = models.DateTimeField(default=dates.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class AdministrationChange(MunicipalModel):
    """What an administrator changed: before and after. Never changed itself."""

    walls = Walls.shared(areas_read=False, append_only=True)

    at = models.DateTimeField(default=dates.now)
    staff_id = models.UUIDField(null=True)
    staff_name = models.CharField(max_length=120)
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=60)
    object_id = models.UUIDField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)


# The purpose of a row of the log: somebody whom others let see something of a case saw it. Its relation, where who sent the case is
# one of those others. The row names by which consents it was: a party of the case who gave one sees the row by that.
LET_SEE = "let-see"
PARTY = "party"  # the relation of a row of the log: another party of the case read what is theirs, or lets somebody see


class LogEntry(MunicipalModel):
    """Somebody read or changed something about a case. Committed before the bytes leave; never changed.

    What is personal is here only as `commitment`: SHA-256 over a salt and the value. The salt is made from the case's
    key, so destroying that key erases the person from the log without breaking a proof about it.
    """

    walls = Walls.of_area(
        resident="case",
        resident_writes=True,
        resident_adds="actor_kind = 'resident' and staff_id is null and staff_name = ''",
        resident_listed="shown_ids",
        # That another party reads their own letters tells nobody else that there is one: see `PARTY`.
        resident_if="relation <> 'party'",
        resident_given="shown_ids",
        resident_given_if="purpose = 'let-see'",
        resident_adds_as_party=True,
        append_only=True,
        sealer_reads=True,
    )

    at = models.DateTimeField(default=dates.now)
    area = models.CharField(max_length=30)
    actor_kind = models.CharField(max_length=12)
    staff_id = models.UUIDField(null=True)
    staff_name = models.CharField(max_length=120, blank=True)
    home_municipality = models.CharField(max_length=60, blank=True)
    unit_name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=20, blank=True)
    relation = models.CharField(max_length=20, blank=True)
    purpose = models.CharField(max_length=40)
    legal_basis = models.CharField(max_length=120, blank=True)
    action = models.CharField(max_length=30)
    object_kind = models.CharField(max_length=30)
    object_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    shown_ids = ArrayField(models.UUIDField(), default=list)
    field_kinds = ArrayField(models.CharField(max_length=40), default=list)
    commitment = models.BinaryField(max_length=32, null=True)
    representation_id = models.UUIDField(null=True)  # by which the actor acted for the resident

    class Meta:
        indexes = [
            models.Index(fields=["case_id", "at"], name="log_of_case"),
            GinIndex(fields=["shown_ids"], name="log_lists", condition=Q(case_id__isnull=True)),
        ]


class LogLeaf(MunicipalModel):
    """A log row is number so and so of the log, sealed: its id is the row's own. See allmenning/transparency.

    `hashes`: of the complete subtrees of the log's Merkle tree that end with this leaf, 32 bytes each, its own first. All
    proofs of all sizes can be made of those.
    """

    walls = Walls.apart()

    number = models.BigIntegerField(unique=True)
    hashes = models.BinaryField()


class LogHead(MunicipalModel):
    """What the municipality signed when its log had `size` rows: a checkpoint with the log's own signature."""

    walls = Walls.apart()

    size = models.BigIntegerField(unique=True)
    note = models.TextField()
    at = models.DateTimeField(default=dates.now)


class LogStatement(MunicipalModel):
    """What the log said of itself after `size` rows: that another key signs from then on, or that it was begun anew.

    evidence: heads that witnesses had cosigned when it was begun anew, as notes.
    """

    walls = Walls.apart()

    class Kind(models.TextChoices):
        NEW_KEY = "new-key"
        BEGUN_ANEW = "begun-anew"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    size = models.BigIntegerField()
    note = models.TextField()
    evidence = models.JSONField(default=list)
    until = models.DateTimeField(null=True)  # heads are signed by the key before, too, until then
    at = models.DateTimeField(default=dates.now)


class LogCosignature(MunicipalModel):
    """A witness has seen the log grow to this head. Two of them make it good."""

    walls = Walls.apart()

    head = models.ForeignKey(LogHead, on_delete=models.PROTECT, related_name="cosignatures")
    witness = models.CharField(max_length=120)
    line = models.TextField()
    at = models.DateTimeField(default=dates.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["head", "witness"], name="cosigned_once")]


class NearOne(MunicipalModel):
    """Somebody in whose cases a member of staff is disqualified (forvaltningsloven § 6), as a key that only the vault makes.

    Themselves and their family, as the population register has them, until it is asked again; whom they have declared
    themselves partial to, until `expires_at` or until they end it; the address they live at, and its street. Neither who it
    is nor how they are related is kept. All areas read it, so nothing is written here because of a case.
    """

    walls = Walls.shared(append_only=True)

    class Kind(models.TextChoices):
        PERSON = "person"
        ADDRESS = "address"
        STREET = "street"

    class Source(models.TextChoices):
        REGISTER = "register"
        DECLARED = "declared"
        ENDED = "ended"  # what was declared before it to the same one: a row of its own, since none is changed

    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    near_key = IndexField()
    source = models.CharField(max_length=10, choices=Source.choices)
    at = models.DateTimeField(default=dates.now)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["staff", "expires_at"], name="near_ones_of_staff")]


class PartialInCase(MunicipalModel):
    """A member of staff has declared that they are partial in a case (forvaltningsloven §§ 6 and 8). Never taken back."""

    walls = Walls.of_area(append_only=True)

    area = models.CharField(max_length=30)
    case_id = models.UUIDField()
    staff_id = models.UUIDField(db_index=True)
    at = models.DateTimeField(default=dates.now)


class BreakGlass(MunicipalModel):
    """A member of staff opened a case in an emergency, for at most an hour, with the reason in their own words."""

    walls = Walls.of_area(append_only=True)

    area = models.CharField(max_length=30)
    case_id = models.UUIDField()
    staff_id = models.UUIDField()
    staff_name = models.CharField(max_length=120)
    reason = SealedField()
    at = models.DateTimeField(default=dates.now)
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["staff_id", "until"], name="glass_broken_by_staff")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("at")) & Q(until__lte=F("at") + timedelta(hours=1)), name="an_hour_at_most"
            )
        ]


class KeptFromLog(MunicipalModel):
    """A case of which the resident's own log leaves something out for a time, since it could endanger somebody.

    Its grounds and what each leaves out are in `resident_log`. It ends by itself, and a leader may end it before. The
    resident's login reads that it is so, to leave out by it; no page of theirs tells.
    """

    walls = Walls.of_area(
        resident="case", changes=("ended_at", "ended_by", "ended_name"), changes_if="ended_at is null"
    )

    class Ground(models.TextChoices):
        VIOLENCE = "violence"
        POLICE = "police"
        CHILD_WELFARE = "child-welfare"

    area = models.CharField(max_length=30)
    case_id = models.UUIDField()
    ground = models.CharField(max_length=20, choices=Ground.choices)
    reason = SealedField()
    staff_id = models.UUIDField()
    staff_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=dates.now)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)
    ended_name = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case_id", "until"], name="kept_from_log_of_case")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("at")) & Q(until__lte=F("at") + timedelta(days=180)), name="half_a_year_at_most"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="somebody_ended_it",
            ),
        ]


class Review(MunicipalModel):
    """Something that a leader looks into, and closes with a conclusion in words: once for each thing found (`about`). A
    case that somebody is disqualified in is found again when they try again after it was closed.

    Nobody can remove one, or close one without both. by_leader: it was a leader who did it, so leaders of other units and
    the area's archivists may look into it; so may they where it has waited for long (`rules.may_review`).
    """

    walls = Walls.of_area(
        changes=("closed_at", "closed_by", "closed_name", "conclusion", "comment"), changes_if="closed_at is null"
    )

    class Kind(models.TextChoices):
        BREAK_GLASS = "break-glass"
        DISQUALIFIED = "disqualified"
        NO_ACTION = "no-action"
        NEIGHBOURHOOD = "neighbourhood"
        VOLUME = "volume"
        LAST_WEEKS = "last-weeks"
        LEFT_OUT = "left-out"

    class Conclusion(models.TextChoices):
        FINE = "fine"
        FOLLOWED_UP = "followed-up"

    area = models.CharField(max_length=30)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    about = models.CharField(max_length=120)
    staff_id = models.UUIDField(null=True)  # none: a rule did it, not somebody
    staff_name = models.CharField(max_length=120, blank=True)
    unit_id = models.UUIDField(null=True)
    by_leader = models.BooleanField(default=False)
    case_id = models.UUIDField(null=True)
    found_at = models.DateTimeField(default=dates.now)
    facts = models.JSONField(default=dict)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    closed_name = models.CharField(max_length=120, blank=True)
    conclusion = models.CharField(max_length=20, blank=True, choices=Conclusion.choices)
    comment = SealedField(null=True)

    class Meta:
        indexes = [models.Index(fields=["area", "closed_at", "found_at"], name="reviews_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, conclusion="", comment__isnull=True)
                | Q(
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                    conclusion__in=["fine", "followed-up"],
                    comment__isnull=False,
                ),
                name="closed_with_a_conclusion",
            ),
            models.UniqueConstraint(
                fields=["area", "kind", "about"], condition=~Q(kind="disqualified"), name="review_once"
            ),
            models.UniqueConstraint(
                fields=["area", "kind", "about"], condition=Q(closed_at__isnull=True), name="review_open_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=F("staff_id")), name="another_reviews"
            ),
        ]

"""Every guard, how it is taken out, and the test that has to turn red. What each is for is in docs/reliability.md.

A guard is taken out in a process of its own (`attack/without.py`): names are bound to something else in its memory, and
its databases are made anew. No file is touched.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

_NOBODY = "tests/guards/test_nobody_sees_or_writes_what_is_not_theirs.py"
_WALLS = "allmenning/tenancy/tests/test_walls.py"
_ISOLATION = "allmenning/tenancy/tests/test_isolation.py"
_WALL = "tests/test_the_second_wall.py"
_ERASING = "allmenning/journeys/tests/test_erasing.py"
_MODELS = "tests/guards/test_every_model_has_its_wall.py"
_CRAWL = "attack/tests/test_protected.py::test_nobody_finds_where_a_protected_family_lives"
_OUT = "tests/guards/test_one_way_in_and_one_way_out.py"
_DOCUMENTS = "allmenning/municipal/documents/tests/test_inspection.py"
_EMERGENCIES = "allmenning/doors/desk/tests/test_emergencies.py"
_CONSENTS = "allmenning/journeys/tests/test_consents.py"
_IN_A_REPORT = "allmenning/journeys/tests/test_consents_in_a_report.py"
_FOR_A_PARTY = "allmenning/journeys/tests/test_what_a_party_sees.py"
_OF_A_PARTY = "allmenning/journeys/tests/test_what_a_party_lets_others_see.py"
_PREVIEWS = "allmenning/doors/desk/tests/test_previews.py"


@dataclass(frozen=True)
class Guard:
    """What is taken out, and which tests (pytest's node ids) must then fail."""

    name: str
    take_out: Callable[[], None]
    tests: tuple[str, ...]


def _module(name: str) -> Any:
    return importlib.import_module(f"allmenning.{name}")


def _bind(module: str, name: str, to: Any) -> None:
    setattr(_module(module), name, to)


def _wrap(module: str, name: str, change: Callable[[Any], Any]) -> None:
    """Let a function give what `change` makes of its answer."""
    before = getattr(_module(module), name)
    _bind(module, name, lambda *args, **more: change(before(*args, **more)))


def _sql(file: str, change: Callable[[str], str]) -> None:
    before = _module("tenancy.server").read_sql

    def read(name: str) -> str:
        text: str = before(name)
        if name != file:
            return text
        changed = change(text)
        if changed == text:
            raise AssertionError(f"nothing of {file} was taken out")
        return changed

    _bind("tenancy.server", "read_sql", read)


def _without_row_policies() -> None:
    _wrap("tenancy.walls", "sql", lambda text: text.replace("enable row level", "disable row level"))


def _without_force() -> None:
    _wrap("tenancy.walls", "sql", lambda text: text.replace("force row level", "no force row level"))


def _area_from_the_current_role() -> None:
    _sql("functions.sql", lambda text: text.replace("session_user::text", "current_user::text"))


def _keys_of_everybody() -> None:
    _bind("tenancy.walls", "_own_rows", lambda *args: "true")


def _references_unseen() -> None:
    _bind("tenancy.walls", "_reached", lambda model: iter(()))


def _connect_for_all() -> None:
    create = _module("tenancy.create")
    before = create._grant_connect

    def grant(connection: Any, database: str, role: str) -> None:
        before(connection, database, role)
        create._execute(connection, "grant connect on database {} to public", database)

    create._grant_connect = grant


def _catalogue_open() -> None:
    _sql("shut.sql", lambda text: "select 1;" if text else text)


def _cheap_conditions_first() -> None:
    _sql("shut.sql", lambda text: text.replace("'alter function %s cost 100'", "'comment on function %s is null'"))


def _many_statements() -> None:
    del _module("tenancy.postgres.base").OneStatement._execute_send


def _no_municipality_needed() -> None:
    routing = _module("tenancy.routing")
    before = routing.current

    def current() -> Any:
        return _module("tenancy.context").acting() or _module("tenancy.context").Acting("averoy", "ordinary")

    assert before is not current
    routing.current = current


def _keys_stay_on_the_connection() -> None:
    base = _module("tenancy.postgres.base")
    base._wipe = lambda connection, how: setattr(connection, "shown_keys", ())


def _address_without_policy() -> None:
    del _module("doors.portal.views.front").search.policy


def _anybody_administers() -> None:
    """Both rings: what the session says, and what the municipality's own register does."""
    access = _module("web.access")
    before = access.sessions.staff

    def staff(request: Any) -> Any:
        found = before(request)
        return replace(found, is_administrator=True) if found else None

    access.sessions.staff = staff
    _bind("municipal.access.queries", "is_administrator", lambda *args: True)


def _without_middleware(name: str) -> Callable[[], None]:
    def take_out() -> None:
        settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if not each.endswith(name)]

    return take_out


def _unbound_sealing() -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    class Unbound:
        """Seals without the context that a value belongs to."""

        def __init__(self, key: bytes) -> None:
            self._aead = AESGCM(key)

        def encrypt(self, nonce: bytes, value: bytes, _context: bytes) -> bytes:
            return self._aead.encrypt(nonce, value, None)

        def decrypt(self, nonce: bytes, value: bytes, _context: bytes) -> bytes:
            return self._aead.decrypt(nonce, value, None)

    _bind("vault.sealing", "AESGCM", Unbound)


def _any_path() -> None:
    _bind("vault.files", "_checked", lambda municipality, path: path)


def _rule(reason: str) -> Callable[[], None]:
    def take_out() -> None:
        rules = _module("municipal.access.rules")
        rules.RULES = tuple(each for each in rules.RULES if each.reason != reason)

    return take_out


def _log_can_be_changed() -> None:
    entry = _module("municipal.access.models").LogEntry
    entry.walls = replace(entry.walls, append_only=False)


def _files_unseen() -> None:
    receiving = _module("journeys.receiving")
    found = _module("municipal.documents.inspection").InspectedFile
    receiving.inspect_apart = lambda name, kind, content: found(name, "text", kind, ".txt", len(content), "")


def _files_of_any_expansion() -> None:
    office = _module("municipal.documents.inspection.office")
    before = office._Document._check_directory

    def check(self: Any) -> None:
        self.limits = replace(self.limits, unpacked_bytes=10**12, unpacked_ratio=10**9)
        self.budget[0] = 10**12
        before(self)

    office._Document._check_directory = check
    office._Document._check_places = lambda self, entries: None


def _previews_as_they_came() -> None:
    inspection = _module("municipal.documents.inspection")
    inspection.reencode_image = lambda content, *args: content


def _previews_as_any_file() -> None:
    _bind("web.previews", "_HEADERS", {})


def _every_preview_told_of() -> None:
    _bind("journeys.previews", "has_been_shown", lambda *args, **more: True)


def _no_purpose_asked() -> None:
    _bind("journeys.casework", "_log_reading", lambda *args: None)


def _job_with_a_name() -> None:
    from procrastinate.contrib.django import app

    jobs = _module("journeys.jobs")

    def letter(municipality: str, area: str, name: str) -> None:
        """A job that would put a name into the commons."""

    letter.__module__ = jobs.__name__
    app.task(name="letter", queue=next(iter(jobs.QUEUES)))(letter)


def _figures_of_few() -> None:
    _bind("commons.figures.actions", "FEWEST", 1)


def _everything_of_a_protected_case_shown() -> None:
    _bind("journeys.hiding", "hidden", lambda view: view)


def _files_of_a_protected_case_open() -> None:
    _bind("journeys.hiding", "require_need", lambda *args: _module("municipal.people.protection").Level.NONE)


def _systems_follow_protected_cases() -> None:
    _bind("journeys.hiding", "level_in", lambda case: _module("municipal.people.protection").Level.NONE)


def _no_rule_asked() -> None:
    _bind("journeys.casework", "require", lambda *args, **more: None)


def _named_by_their_own_keys() -> None:
    for module in ("municipal.access.queries", "journeys.concerned"):
        _bind(module, "named_key", lambda area, owner_key: owner_key)


def _findings_shared() -> None:
    """Whom somebody is refused the case of is noted among their near ones, in the table that every area reads."""
    disqualifying = _module("journeys.disqualifying")
    before = disqualifying.tell_leader

    def tell_leader(case: Any, working: Any, reason: str) -> None:
        before(case, working, reason)
        with disqualifying.use(disqualifying.current().municipality, "administration"):
            disqualifying.NearOne.objects.create(staff_id=working.staff_id, kind="person", near_key=case.owner_key)

    disqualifying.tell_leader = tell_leader


def _refused_tries_forgotten() -> None:
    _bind("journeys.disqualifying", "tell_of_refusal", lambda refused, working: None)


def _households_not_asked_about() -> None:
    prefilling = _module("journeys.prefilling")
    prefilling.Known.spouse = lambda self: None
    prefilling.Known.children = lambda self: []


def _document_types_taken() -> None:
    from lxml import etree

    def parse(content: bytes, *, most_bytes: int = 5_000_000, only_elements: bool = False) -> Any:
        parser = etree.XMLParser(load_dtd=True, resolve_entities=True, no_network=True)
        try:
            return etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            raise _module("basics.xml").UnusableXml from error

    _bind("basics.xml", "parse_xml", parse)


def _any_host() -> None:
    _bind("connections.http", "_host", lambda url: "any")


def _redirects_followed() -> None:
    http = _module("connections.http")
    before = http.httpx.Client
    http.httpx.Client = lambda **options: before(**{**options, "follow_redirects": True})


def _login_leads_anywhere() -> None:
    _bind("web.access", "local_path", lambda value, default="/": value or default)


def _ended_sessions_go_on() -> None:
    _bind("commons.identity.sessions", "_revoked", frozenset)


def _markup_unescaped() -> None:
    jinja = _module("web.jinja")
    before = jinja.Environment
    jinja.Environment = lambda **options: before(**{**options, "autoescape": False})


def _downloads_shown() -> None:
    filling = _module("web.filling")

    def shown(content: bytes, name: str, media_type: str) -> Any:
        from django.http import HttpResponse

        return HttpResponse(content, content_type=media_type)

    for module in (filling, _module("doors.portal.views.my_case"), _module("doors.desk.views.case")):
        if hasattr(module, "as_download"):
            module.as_download = shown


def _sealer_changes() -> None:
    models = _module("municipal.access.models")
    for model in (models.LogEntry, models.LogLeaf, models.LogHead, models.LogCosignature, models.LogStatement):
        model.walls = replace(model.walls, sealer=("select", "insert", "update", "delete"))


def _log_key_for_all() -> None:
    _bind("vault.keeper.policy", "_NOT_FOR_USERS", frozenset({"owner"}))


def _no_witness_needed() -> None:
    _bind("transparency.verify_log", "_is_good", lambda head, trust: True)


def _addresses_in_the_log() -> None:
    _module("web.logs").NothingTyped.filter = lambda self, record: True


def _any_machine() -> None:
    _bind("web.access", "_is_near_machine", lambda request: True)


def _rights_to_whole_tables() -> None:
    _bind("tenancy.walls", "_granted", lambda right, model: right.verb)


def _numbers_of_all_areas_together() -> None:
    _sql(
        "functions.sql",
        lambda text: text.replace("(next_number.counter, next_number.area,", "(next_number.counter, '',"),
    )


def _numbers_for_every_area() -> None:
    _sql("functions.sql", lambda text: text.replace("not in (next_number.area, 'resident', 'owner')", "in ('')"))


def _one_key_for_all_areas() -> None:
    keys = _module("vault.keys")
    _bind("vault.values", "key_of", lambda municipality, name: keys.key_of(municipality, "care"))


def _without_condition(*names: str) -> Callable[[], None]:
    """Whatever may not be erased for these reasons may be."""

    def take_out() -> None:
        disposing, errors = _module("journeys.disposing"), _module("journeys.errors")
        before = disposing._rule_for
        refusals = tuple(getattr(errors, name) for name in names)

        def rule_for(case: Any, facts: Any) -> Any:
            try:
                return before(case, facts)
            except refusals:
                return facts.rules.get(case.service)

        disposing._rule_for = rule_for

    return take_out


def _one_person_decides() -> None:
    _bind("journeys.disposing", "_is_another", lambda row, working: True)


def _nobody_asked() -> None:
    _bind("journeys.erasing", "_require_approved", lambda case: None)


def _an_approval_holds_for_ever() -> None:
    for module in ("journeys.disposing", "journeys.erasing"):
        _bind(module, "has_fallen", lambda row, case, rule: False)


def _sealed_values_left() -> None:
    _bind("journeys.erasing", "_empty", lambda model, case_id: None)


def _a_number_once_in_all_areas() -> None:
    """A unique constraint that forgets the area, as somebody might write it."""
    before = _module("tenancy.walls").sql
    more = "create unique index if not exists forgotten on cases_case (year, sequence);"
    _bind("tenancy.walls", "sql", lambda *args: before(*args) + ("" if args and args[0] else more))


def _anybody_lets_others_see() -> None:
    def without(text: str) -> str:
        for condition in ("(sees = '{}' or party_key is null)", "withdraws_id is not null"):
            if condition not in text:
                raise AssertionError(f"{condition} was not there to be taken out")
            text = text.replace(condition, "true")
        return text

    _wrap("tenancy.walls", "sql", without)


def _a_party_is_told_of_no_reading() -> None:
    _bind("tenancy.walls", "_given", lambda walls: "false")


def _any_participant_sees_what_is_for_parties() -> None:
    def without(text: str) -> str:
        condition = "part.is_party and part.starts <= "
        if condition not in text or "part.ends is null or " not in text:
            raise AssertionError("what is asked of a party was not there to be taken out")
        return text.replace(condition, "part.starts <= ").replace("part.ends is null or ", "true or ")

    _wrap("tenancy.walls", "sql", without)


def _a_consent_in_a_report_is_shown() -> None:
    _bind("journeys.sender", "tells_others", lambda case: True)


GUARDS = (
    Guard("the second wall: row policies", _without_row_policies, (f"{_WALL}::test_no_row_is_seen_or_counted",)),
    Guard(
        "rights column by column, none to a table",
        _rights_to_whole_tables,
        (f"{_WALL}::test_where_a_row_lies_and_who_wrote_it_when_is_not_told", f"{_WALL}::test_no_lock_tells"),
    ),
    Guard(
        "no sizes, estimates or activity of the database",
        _catalogue_open,
        (
            f"{_WALL}::test_no_size_estimate_or_statistic_tells",
            f"{_WALL}::test_nothing_tells_that_they_are_at_work",
        ),
    ),
    Guard(
        "the policy is worked out before a condition",
        _cheap_conditions_first,
        (f"{_WALL}::test_no_condition_meets_a_row_before_the_policy_does",),
    ),
    Guard("references over the wall", _references_unseen, (f"{_WALL}::test_no_reference_tells",)),
    Guard(
        "what is unique is so within an area",
        _a_number_once_in_all_areas,
        (f"{_WALL}::test_no_unique_or_exclusion_constraint_tells",),
    ),
    Guard(
        "each area has its own series of numbers",
        _numbers_of_all_areas_together,
        (f"{_WALL}::test_numbers_do_not_skip_because_child_welfare_took_one",),
    ),
    Guard(
        "an area takes its own numbers alone",
        _numbers_for_every_area,
        (f"{_WALL}::test_no_area_takes_or_sees_numbers_of_another",),
    ),
    Guard(
        "each area has its own keys",
        _one_key_for_all_areas,
        (
            f"{_WALL}::test_a_person_whom_only_child_welfare_knows_is_not_there",
            f"{_WALL}::test_no_key_of_another_area_opens_what_theirs_sealed",
        ),
    ),
    Guard("row policies", _without_row_policies, (f"{_NOBODY}::test_an_area_sees_and_counts_its_own_rows_alone",)),
    Guard(
        "policies for the owner of the tables too", _without_force, (f"{_WALLS}::test_every_table_has_forced_walls",)
    ),
    Guard(
        "the area is asked of session_user, which SET ROLE does not change",
        _area_from_the_current_role,
        (f"{_WALLS}::test_no_setting_changes_who_one_is",),
    ),
    Guard(
        "a resident's keys",
        _keys_of_everybody,
        (f"{_NOBODY}::test_a_resident_sees_their_own_in_every_area_and_nothing_else",),
    ),
    Guard(
        "keys leave the connection with the resident",
        _keys_stay_on_the_connection,
        (f"{_WALLS}::test_keys_are_gone_when_the_connection_goes_back",),
    ),
    Guard(
        "what a row points at has to be visible",
        _references_unseen,
        (f"{_NOBODY}::test_a_row_hangs_on_nothing_of_anothers",),
    ),
    Guard(
        "the right to connect to a database",
        _connect_for_all,
        (f"{_ISOLATION}::test_no_login_enters_another_database",),
    ),
    Guard(
        "what PostgreSQL shows of others", _catalogue_open, (f"{_ISOLATION}::test_nothing_tells_of_others_activity",)
    ),
    Guard(
        "no cheap condition before a policy",
        _cheap_conditions_first,
        (f"{_WALLS}::test_no_condition_is_worked_out_for_a_row_that_one_does_not_see",),
    ),
    Guard("one statement at a time", _many_statements, (f"{_WALLS}::test_nothing_follows_a_semicolon",)),
    Guard(
        "no query without a municipality",
        _no_municipality_needed,
        ("allmenning/tenancy/tests/test_routing.py::test_nothing_works_before_a_municipality_is_chosen",),
    ),
    Guard(
        "a policy on every address",
        _address_without_policy,
        ("tests/guards/test_every_address_has_a_policy.py::test_every_address_has_a_policy",),
    ),
    Guard(
        "administrators alone administer",
        _anybody_administers,
        ("allmenning/doors/desk/tests/test_administration.py::test_a_caseworker_gets_nowhere",),
    ),
    Guard(
        "measures for the operator's machines alone",
        _any_machine,
        ("allmenning/doors/api/tests/test_api.py::test_measures_are_not_for_strangers",),
    ),
    Guard(
        "CSRF",
        _without_middleware("CsrfViewMiddleware"),
        ("allmenning/web/tests/test_middleware.py::test_a_form_of_another_site_is_not_held",),
    ),
    Guard(
        "security headers",
        _without_middleware("SecurityHeaders"),
        ("allmenning/web/tests/test_middleware.py::test_every_response_is_hardened",),
    ),
    Guard(
        "no NUL and no broken text",
        _without_middleware("SafeInput"),
        ("allmenning/web/tests/test_middleware.py::test_nul_and_broken_text_in_a_form_are_refused",),
    ),
    Guard(
        "a login leads to a page of ours",
        _login_leads_anywhere,
        ("allmenning/web/tests/test_access.py::test_a_login_leads_nowhere_else",),
    ),
    Guard(
        "an ended session is over",
        _ended_sessions_go_on,
        (
            "allmenning/commons/identity/tests/test_sessions.py::test_a_copy_of_the_cookie_is_worth_nothing_after_logging_out",
        ),
    ),
    Guard(
        "markup is escaped",
        _markup_unescaped,
        ("allmenning/web/tests/test_pages.py::test_text_is_escaped_and_a_missing_name_is_an_error",),
    ),
    Guard(
        "sealed values are bound to their place",
        _unbound_sealing,
        ("allmenning/vault/tests/test_keys.py::test_a_field_opens_for_its_case_alone",),
    ),
    Guard(
        "a file's path stays in its municipality",
        _any_path,
        ("allmenning/vault/tests/test_files.py::test_a_path_does_not_lead_out",),
    ),
    Guard(
        "the rule table: no relation, no access",
        _rule("no-relation"),
        ("allmenning/doors/desk/tests/test_a_case.py::test_a_unit_sees_only_its_own",),
    ),
    Guard(
        "the rule table: nobody's own case",
        _rule("own-case"),
        ("allmenning/doors/desk/tests/test_a_case.py::test_nobody_opens_a_case_of_their_own",),
    ),
    Guard("the log is only added to", _log_can_be_changed, (f"{_MODELS}::test_what_is_evidence_is_never_changed",)),
    Guard(
        "no reading without its row in the log",
        _no_purpose_asked,
        (
            "tests/hostile/test_nothing_is_lost_and_nothing_happens_twice.py::test_no_reading_without_its_row_in_the_log",
        ),
    ),
    Guard(
        "the sealer changes nothing",
        _sealer_changes,
        ("allmenning/journeys/tests/test_the_sealer_alone_seals.py::test_it_changes_and_removes_nothing",),
    ),
    Guard(
        "the log's key is no web server's",
        _log_key_for_all,
        (
            "allmenning/journeys/tests/test_the_sealer_alone_seals.py::test_its_password_and_the_logs_key_are_no_web_servers",
        ),
    ),
    Guard(
        "two cosignatures make a head good",
        _no_witness_needed,
        ("allmenning/transparency/tests/test_tampering.py::test_one_witness_is_too_few",),
    ),
    Guard(
        "nothing typed reaches a program's log",
        _addresses_in_the_log,
        ("allmenning/web/tests/test_logs.py::test_an_address_that_is_not_there_is_logged_without_what_was_typed",),
    ),
    Guard(
        "files are looked at",
        _files_unseen,
        ("tests/hostile/test_every_form_of_every_door.py::test_files_that_are_not_what_they_say",),
    ),
    Guard(
        "files that unpack without end",
        _files_of_any_expansion,
        (f"{_DOCUMENTS}::test_a_document_that_runs_hides_or_expands_is_refused",),
    ),
    Guard(
        "images are drawn anew", _previews_as_they_came, (f"{_DOCUMENTS}::test_a_preview_is_pixels_alone_and_upright",)
    ),
    Guard(
        "previews are nothing but shown, on our pages",
        _previews_as_any_file,
        (f"{_PREVIEWS}::test_a_browser_does_nothing_with_it_but_show_it_on_our_pages",),
    ),
    Guard(
        "no preview without a row in the log that tells of it",
        _every_preview_told_of,
        (f"{_PREVIEWS}::test_no_image_is_shown_without_a_row_that_tells_of_it",),
    ),
    Guard(
        "downloads are not shown, nor their type guessed",
        _downloads_shown,
        ("allmenning/doors/desk/tests/test_a_case.py::test_a_document_is_a_download_and_its_reading_is_logged",),
    ),
    Guard(
        "jobs carry a municipality and an area alone",
        _job_with_a_name,
        (
            "tests/guards/test_every_job_is_accounted_for.py::test_every_job_names_its_municipality_and_area_or_is_a_sweep",
        ),
    ),
    Guard(
        "figures about few are not published",
        _figures_of_few,
        (
            "allmenning/commons/figures/tests/test_figures.py::test_a_figure_about_five_people_is_shown_and_about_four_is_not",
        ),
    ),
    Guard(
        "what was written in a protected one's case is hidden",
        _everything_of_a_protected_case_shown,
        (_CRAWL,),
    ),
    Guard("a need is stated before a protected one's file is opened", _files_of_a_protected_case_open, (_CRAWL,)),
    Guard("other systems follow no protected one", _systems_follow_protected_cases, (_CRAWL,)),
    Guard("who lives with a protected one is protected", _households_not_asked_about, (_CRAWL,)),
    Guard(
        "every journey into a case asks the rules",
        _no_rule_asked,
        ("tests/guards/test_every_journey_refuses_who_may_not.py::test_who_is_disqualified_is_refused",),
    ),
    Guard(
        "whom a form names is kept as what opens nothing",
        _named_by_their_own_keys,
        (f"{_WALL}::test_whom_a_form_names_is_no_key_to_what_is_theirs",),
    ),
    Guard(
        "nothing about a case is shared between areas",
        _findings_shared,
        (f"{_WALL}::test_a_case_adds_nothing_to_what_all_areas_share",),
    ),
    Guard(
        "each refused try is told of",
        _refused_tries_forgotten,
        (f"{_EMERGENCIES}::test_each_refused_try_is_in_the_log_and_the_leader_is_told_again_after_closing_it",),
    ),
    Guard(
        "XML takes no document type",
        _document_types_taken,
        ("allmenning/basics/tests/test_xml.py::test_what_declares_or_fetches_is_refused_at_once",),
    ),
    Guard("only hosts that were told are called", _any_host, (f"{_OUT}::test_a_host_that_was_not_told_is_not_called",)),
    Guard("redirects are not followed", _redirects_followed, (f"{_OUT}::test_a_redirect_is_not_followed",)),
    Guard(
        "nobody but who sent a case lets others see something of it",
        _anybody_lets_others_see,
        (f"{_CONSENTS}::test_a_party_lets_nobody_see_anything_and_nobody_does_in_their_name",),
    ),
    Guard(
        "whoever lets somebody see something is told of each reading",
        _a_party_is_told_of_no_reading,
        (f"{_OF_A_PARTY}::test_each_reading_is_in_the_log_of_the_party_and_not_of_who_sent_the_case",),
    ),
    Guard(
        "of a case that was sent for another, who is a party today sees what is kept",
        _any_participant_sees_what_is_for_parties,
        (f"{_FOR_A_PARTY}::test_who_is_no_party_and_who_is_none_any_more_see_nothing",),
    ),
    Guard(
        "a consent in a report tells nobody that there is one",
        _a_consent_in_a_report_is_shown,
        (f"{_IN_A_REPORT}::test_in_the_report_nobody_is_told",),
    ),
    Guard(
        "erasing: an open case is not",
        _without_condition("CaseNotClosed"),
        (f"{_ERASING}::test_an_open_case_is_not_erased",),
    ),
    Guard(
        "erasing: nothing waits in the case",
        _without_condition("StillAtWork"),
        (
            f"{_ERASING}::test_a_case_in_which_something_waits_is_not_erased",
            f"{_ERASING}::test_a_case_whose_party_waits_for_access_is_neither_proposed_nor_approved_nor_erased",
        ),
    ),
    Guard(
        "erasing: what must be preserved is",
        _without_condition("MustBePreserved"),
        (
            f"{_ERASING}::test_what_must_be_preserved_is_refused_with_its_source",
            f"{_ERASING}::test_a_rule_that_was_changed_after_the_approval_stops_the_worker",
        ),
    ),
    Guard(
        "erasing: what nobody has confirmed is kept",
        _without_condition("DisposalNotConfirmed"),
        (f"{_ERASING}::test_what_no_archivist_has_confirmed_is_kept",),
    ),
    Guard(
        "erasing: not before its years have passed",
        _without_condition("TooEarlyToErase"),
        (f"{_ERASING}::test_the_years_are_counted_from_the_end_of_the_one_in_which_it_was_closed",),
    ),
    Guard("erasing: another decides", _one_person_decides, (f"{_ERASING}::test_one_proposes_and_another_approves",)),
    Guard(
        "erasing: two have approved",
        _nobody_asked,
        (f"{_ERASING}::test_nothing_is_erased_that_two_have_not_approved",),
    ),
    Guard(
        "erasing: an approval falls away",
        _an_approval_holds_for_ever,
        (f"{_ERASING}::test_an_approval_of_a_case_that_was_opened_again_falls_away",),
    ),
    Guard(
        "erasing: nothing that was sealed is left",
        _sealed_values_left,
        (f"{_ERASING}::test_nothing_of_it_can_be_opened_afterwards_by_anybody",),
    ),
)

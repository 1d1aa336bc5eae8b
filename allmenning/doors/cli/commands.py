"""One function for each command. Rooms are imported inside: a command waits for those that it uses alone."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from . import output

if TYPE_CHECKING:
    from allmenning.backup.restoring import Restored
    from allmenning.basics.sharing.dividing import Share
    from allmenning.journeys.health import Finding

# Where a web server shares the machine with a worker, people who wait for a page come before letters that are made.
POLITENESS = 10
# Of each web process. Most of them wait for their turn (web/turns.py), which costs nothing but the thread.
THREADS = 64

APPLICATION = "allmenning.project.wsgi:application"

Command = Callable[[argparse.Namespace], int | None]


def set_up() -> None:
    import django

    django.setup()
    from allmenning.tenancy import waking

    waking.start()


def serve(options: argparse.Namespace) -> None:
    """Become the HTTP server. Does not return."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", options.host]
    command += ["--port", str(options.port), "--workers", str(options.workers), "--blocking-threads", str(THREADS)]
    command += ["--respawn-failed-workers", "--no-ws", APPLICATION]
    # Where the workers' counts are added up for /metrics; nothing of a request is in them.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="allmenning-metrics-")
    # Else each of many threads may get a heap of its own, which never shrinks.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    os.environ["ALLMENNING_RATE_LIMITS_FILE"] = _made_for_limits()
    os.execv(sys.executable, command)  # noqa: S606 (our own command, no shell)  # nosec B606


def _made_for_limits() -> str:
    """Where the workers count who has done what how often."""
    from allmenning.web import counting

    path = Path(tempfile.mkdtemp(prefix="allmenning-limits-")) / "cells"
    counting.make_file(path)
    return str(path)


def work(options: argparse.Namespace) -> None:
    from django.conf import settings

    from allmenning.backup.errors import OnlyToLookAt
    from allmenning.journeys import jobs

    if settings.RESTORED_COPY:
        raise OnlyToLookAt
    os.nice(POLITENESS)
    jobs.run_worker(options.concurrency)


def keeper(options: argparse.Namespace) -> None:
    from allmenning.vault.keeper import running
    from allmenning.vault.keeper.policy import Rates

    token = None
    if options.pkcs11 is not None:
        from allmenning.vault.pkcs11 import Token

        token = Token(options.pkcs11, options.token, options.key_label, options.pin_file)
    rates = Rates(options.rate, options.municipality_rate, options.protection_rate)
    running.run(
        options.home,
        options.socket,
        options.user,
        options.worker,
        options.operator,
        options.restorer,
        options.backup_recipient,
        options.group,
        rates,
        token,
    )


def rotate_keys(options: argparse.Namespace) -> None:
    from allmenning.basics.few import at_most
    from allmenning.journeys import rotating
    from allmenning.tenancy import AREAS

    done = []
    for area in options.area or AREAS:
        with output.progress("Wrapping again", quiet=options.json) as report:
            done.append(rotating.rotate(options.municipality, area, report))
    if options.json:
        output.write_json([asdict(each) | {"wrapped": at_most(each.wrapped)} for each in done])
        return
    for each in done:
        output.say(f"{each.area}: at most {at_most(each.wrapped)} keys of cases are wrapped by the new key.")
        if each.kept_until:
            output.say(f"The old key can still open. Run this again after {each.kept_until:%Y-%m-%d %H:%M} UTC.")


def rotate_master_key(options: argparse.Namespace) -> None:
    from allmenning import vault

    with output.progress("Wrapping again", quiet=options.json) as report:
        wrapped = vault.replace_master_key(lambda done, total: report(done, total, "keys"))
    if options.json:
        output.write_json({"wrapped": wrapped})
    else:
        output.say(f"{wrapped} keys are wrapped by a new master key, and the one before is destroyed.")


def withdraw_keys(options: argparse.Namespace) -> None:
    from allmenning import vault

    try:
        vault.withdraw(options.municipality)
    except vault.KeeperAway:
        output.complain("The keys are gone from this machine, but the keeper has not noted it. Run this again.")
        raise
    output.say(f"{options.municipality} has its keys back: what they sealed can't be read here any more.")


def erase(options: argparse.Namespace) -> None:
    from allmenning.journeys import disposing, erasing

    files = erasing.erase_case(options.municipality, options.case)
    output.say(
        f"The case's key is destroyed, and {files} files are removed. Back-ups from before have it until the last of"
        f" {disposing.back_ups_kept()} is removed."
    )


def migrate(options: argparse.Namespace) -> None:
    from allmenning.tenancy.migrate import migrate_all

    with output.progress("Migrating", quiet=options.json) as report:
        databases = migrate_all(report)
    if options.json:
        output.write_json({"databases": databases})
    else:
        output.say(f"{databases} databases are up to date.")


def add_municipality(options: argparse.Namespace) -> None:
    from allmenning.journeys import joining

    placed = joining.join(options.municipality)
    output.say(f"{options.municipality} is ready, in database {placed.database} on server {placed.server}.")


def list_municipalities(options: argparse.Namespace) -> None:
    from allmenning.journeys import joining

    joined = joining.joined()
    if options.json:
        output.write_json([asdict(each) for each in joined])
    else:
        output.write_table(
            ("id", "number", "name", "server", "database"),
            [(each.id, each.number, each.name, each.server, each.database) for each in joined],
        )


def register_of_processing(options: argparse.Namespace) -> None:
    """The register of a municipality (GDPR art. 30), to a file or to standard output."""
    from allmenning.basics import dates
    from allmenning.journeys import administered, processing
    from allmenning.journeys.letterheads import letterhead_of
    from allmenning.tenancy import use

    with use(options.municipality, "administration"):
        profile = administered.letterhead()
    if options.format == "pdf":
        content = processing.as_pdf(letterhead_of(profile), options.language, dates.today())
    else:
        content = processing.as_csv(profile.name, options.language).encode()
    if options.output:
        options.output.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)


def add_administrator(options: argparse.Namespace) -> None:
    from allmenning.journeys import administering

    if options.number_file.isatty():
        output.complain("Identity number, then Enter:")
    administering.add_first_administrator(options.municipality, options.number_file.readline().strip(), options.name)
    output.say(f"{options.name} can log in and administer {options.municipality}.")


def add_office_role(options: argparse.Namespace) -> None:
    from allmenning.journeys import offices

    if options.number_file.isatty():
        output.complain("Identity number, then Enter:")
    number = options.number_file.readline().strip()
    row = offices.let_in(number, role=options.role, scope=options.scope, party=options.party)
    output.say(f"{row.id}: {row.role} of {row.scope or row.party}, from today.")


def list_office_roles(options: argparse.Namespace) -> None:
    from allmenning.basics import dates
    from allmenning.commons.identity import offices

    found = [
        {"id": str(row.id), "role": row.role, "scope": row.scope, "party": row.party, "from": row.start.isoformat()}
        for row in offices.held(dates.today())
    ]
    if options.json:
        output.write_json(found)
        return
    for row in found:
        output.say(f"{row['id']}  {row['role']:<18}{row['scope'] or row['party']:<24}from {row['from']}")


def end_office_role(options: argparse.Namespace) -> None:
    from allmenning.journeys import offices

    row = offices.let_out(options.id)
    output.say(f"{row.role} of {row.scope or row.party} is ended.")


def add_client(options: argparse.Namespace) -> None:
    from allmenning.journeys import administering, clients
    from allmenning.tenancy import use

    with use(options.municipality, "administration"):
        client = clients.add(
            administering.OPERATOR,
            name=options.name,
            key=options.key_file.read(),
            scopes=options.scope,
            areas=options.area or ["ordinary"],
            services=options.service or [],
        )
        client_id = clients.id_of(client)
    if options.json:
        output.write_json({"client_id": client_id, "token_address": clients.token_address()})
    else:
        output.say(f"{client.name} can log in as {client_id} at {clients.token_address()}.")


def make_receiving_key(options: argparse.Namespace) -> None:
    from allmenning.journeys import receiving_keys
    from allmenning.tenancy import use

    with use(options.municipality, options.area):
        output.say(receiving_keys.make_key(options.area).strip())
    output.complain(
        "Publish this certificate where senders look: in Fiks Konfigurasjon, on the account of this contract."
    )


def show_receiving_key(options: argparse.Namespace) -> int:
    """1 if there is none."""
    from allmenning.journeys import receiving_keys
    from allmenning.tenancy import use

    with use(options.municipality, options.area):
        found = receiving_keys.published(options.area)
    if found:
        output.say(found.strip())
    else:
        output.complain("No key has been made.")
    return 0 if found else 1


def list_clients(options: argparse.Namespace) -> None:
    from allmenning.journeys import clients
    from allmenning.tenancy import use

    with use(options.municipality, "administration"):
        rows = [
            {
                "client_id": clients.id_of(each),
                "name": each.name,
                "scopes": each.scopes,
                "areas": each.areas,
                "services": each.services,
                "withdrawn_at": each.withdrawn_at,
            }
            for each in clients.all_clients()
        ]
    if options.json:
        output.write_json(rows)
    else:
        columns = ("client_id", "name", "scopes", "areas", "services", "withdrawn_at")
        output.write_table(columns, [tuple(_in_a_cell(row[column]) for column in columns) for row in rows])


def _in_a_cell(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else str(value or "")


def withdraw_client(options: argparse.Namespace) -> None:
    from allmenning.journeys import administering, clients
    from allmenning.tenancy import use

    municipality, pk = clients.parts_of(options.client)
    with use(municipality, "administration"):
        client = clients.withdraw(administering.OPERATOR, pk)
    output.say(f"{client.name} gets no new token, and those it has are refused within a minute.")


def check_service(options: argparse.Namespace) -> int:
    """Validate each folder and run its examples. 1 if one of them can't be published."""
    from allmenning.commons.catalogue import package

    reports = [_report_on(package, folder) for folder in options.folders]
    if options.json:
        output.write_json(reports)
    else:
        for report in reports:
            _show_report(report)
    return 0 if all(report["can_be_published"] for report in reports) else 1


def publish_service(options: argparse.Namespace) -> None:
    from allmenning.commons.catalogue import actions

    for folder in options.folders:
        version = actions.publish_folder(folder, by="command line")
        output.say(f"{version.service_id} {version.version} is published.")


def share(options: argparse.Namespace) -> int:
    """Share a sum by an agreement's file, and by the register's facts or figures that somebody brings."""
    from allmenning.basics.money import format_ore, parse_kroner
    from allmenning.commons.costs import agreement, populations, registry, sharing
    from allmenning.commons.costs.errors import FileWrong
    from allmenning.commons.municipalities.offline import Offline

    facts: registry.Registry = Offline(Path(__file__).resolve().parents[3] / "data")
    try:
        if options.population:
            facts = registry.bring(options.population.read_bytes(), facts, options.population.name)
        agreed = agreement.load(options.agreement)
        amount = None if options.amount is None else parse_kroner(options.amount)
        sharing.check_names(agreed, facts)
        shared = sharing.share_on(agreed, amount, options.date, facts)
    except FileWrong as error:
        output.complain(f"{error.message}")
        for problem in error.problems:
            output.complain(f"  {problem}")
        return 1
    except OSError as error:
        output.complain(f"{error.filename}: {error.strerror}")
        return 1
    if options.json:
        output.write_json({"total_ore": shared.ore, "shares": [_share_as_json(each) for each in shared.shares]})
        return 0
    columns = ["Number", "Name", "Population", "Exact øre", "To pay"]
    rows = [
        (
            each.party.number,
            each.party.name,
            "" if each.party.population is None else f"{each.party.population:,}",
            f"{float(each.exact):,.4f}",
            format_ore(each.ore, "en", always_ore=True),
        )
        for each in shared.shares
    ]
    output.write_table(columns, [*rows, ("", "Total", "", "", format_ore(shared.ore, "en", always_ore=True))])
    for each in shared.shares:
        if each.party.summed:
            output.say(f"{each.party.name} is now what was {populations.summed(each.party)}.")
    return 0


def _share_as_json(share: Share) -> dict[str, object]:
    exact = f"{share.exact.numerator}/{share.exact.denominator}"
    party = share.party
    return {
        "municipality": party.name,
        "number": party.number,
        "population": party.population,
        "summed": [{"municipality": each.name, "population": each.population} for each in party.summed],
        "exact": exact,
        "ore": share.ore,
    }


def list_stuck(options: argparse.Namespace) -> int:
    """1 if something is stuck."""
    from allmenning.journeys import stuck

    found = [each for municipality in _named_or_all(options) for each in stuck.find(municipality)]
    if options.files:
        found += [each for municipality in _named_or_all(options) for each in stuck.files_gone(municipality)]
    if options.json:
        output.write_json([asdict(each) for each in found])
    elif found:
        output.write_table(
            ("municipality", "area", "what", "at most", "tries", "since", "last error"),
            [
                (
                    each.municipality,
                    each.area,
                    each.what,
                    each.count,
                    each.tries,
                    f"{each.since:%Y-%m-%d %H:%M}",
                    each.error,
                )
                for each in found
            ],
        )
    else:
        output.say("Nothing is stuck.")
    return 1 if found else 0


def retry_stuck(options: argparse.Namespace) -> None:
    from allmenning.journeys import stuck

    again = {municipality: stuck.retry(municipality) for municipality in _named_or_all(options)}
    if options.json:
        output.write_json(again)
    else:
        output.say(f"At most {sum(again.values())} things are tried again within a minute.")


def _named_or_all(options: argparse.Namespace) -> list[str]:
    from allmenning.commons.municipalities import queries as municipalities

    return (
        [options.municipality] if options.municipality else [each.id for each in municipalities.live_municipalities()]
    )


def make_witness(options: argparse.Namespace) -> None:
    from allmenning.transparency import states

    key = states.make_folder(options.folder, options.name)
    output.complain("Give this key, and the address where it will answer, to those whose logs it is to witness:")
    output.say(str(key))


def run_witness(options: argparse.Namespace) -> None:
    """Does not return."""
    from allmenning.transparency import serving

    serving.run(options.folder, options.logs, options.host, options.port)


def show_log_keys(options: argparse.Namespace) -> None:
    from allmenning.journeys import sealing

    for municipality in _named_or_all(options):
        output.say(str(sealing.signer_of(municipality).key))


def export_log(options: argparse.Namespace) -> None:
    from allmenning.journeys import proving

    rows = proving.export(options.municipality, options.file)
    output.say(f"{rows} rows are in {options.file}. To verify it without us:")
    output.say(proving.how_to_verify(options.municipality, options.file))


def verify_logs(options: argparse.Namespace) -> int:
    """1 if a log is not as it was sealed and witnessed."""
    from allmenning.journeys import proving

    if options.file and not options.municipality:
        output.complain("Say whose log the file is: allmenning log verify MUNICIPALITY --file FILE")
        return 2
    found = [
        proving.verify(municipality, options.file, ask_witnesses=not options.offline)
        for municipality in _named_or_all(options)
    ]
    if options.json:
        output.write_json([asdict(each) for each in found])
    else:
        output.write_findings(("ok" if each.whole else "failed", each.municipality, each.said) for each in found)
    return 0 if all(each.whole for each in found) else 1


def begin_log_anew(options: argparse.Namespace) -> None:
    from allmenning.journeys import log_statements

    stated = log_statements.begin_anew(options.municipality, options.because)
    output.say(f"The log goes on after {stated.rows} rows. {stated.lost} that witnesses had seen are not in it.")
    output.complain("Give this key to the witnesses: until they have added it, no head is good.")
    output.say(stated.key)


def change_log_key(options: argparse.Namespace) -> None:
    from allmenning.journeys import log_statements

    stated = log_statements.change_key(options.municipality, options.because, at_once=options.at_once)
    output.say(f"From row {stated.rows} on another key signs.")
    until = f"before {stated.both_sign_until:%Y-%m-%d}" if stated.both_sign_until else "now"
    output.complain(f"Give this key to the witnesses {until}, and let them take out the old one:")
    output.say(stated.key)


def make_backup_key(options: argparse.Namespace) -> None:
    from allmenning.backup import sealing

    public = sealing.make_key(options.file)
    output.complain(f"The private key is in {options.file}. Keep it, and a copy, where none of these servers is.")
    output.complain("Back-ups are sealed to this one; set ALLMENNING_BACKUP_KEY to it:")
    output.say(public)


def back_up(options: argparse.Namespace) -> None:
    from allmenning.backup import making

    with output.progress("Backing up", quiet=options.json) as report:
        made = making.back_up(options.folder, options.to, options.municipality, options.generations, report)
    if options.json:
        output.write_json(asdict(made))
        return
    output.say(f"{made.generation}: {len(made.municipalities)} municipalities, written and read back.")
    output.say(f"{made.new_files} new files, {_size(made.new_bytes)} in {made.seconds:.1f} s.")
    output.say(f"Signed by {made.signer}")
    if made.withdrawn:
        output.complain(f"Left out, since they have taken their keys back: {', '.join(made.withdrawn)}.")
    if made.not_pruned == "unreadable":
        output.complain("An older back-up in the folder is damaged or somebody else's, so no old one was removed.")
    if made.not_pruned == "refused":
        output.complain("The folder lets this machine remove nothing, so no old one was removed.")


def restore(options: argparse.Namespace) -> None:
    from allmenning.backup.restoring import Restoring

    with output.progress("Restoring", quiet=options.json) as report:
        work = Restoring(
            options.folder,
            options.key,
            options.municipality,
            options.generation,
            options.signed_by,
            report,
            options.server,
        )
        if options.check:
            parts = work.check()
        else:
            done = work.restore()
    if options.check:
        _say_checked(work.generation.id, parts, options.json)
    elif options.json:
        output.write_json(asdict(done))
    elif options.municipality:
        _say_restored_beside(done)
    else:
        output.say(f"{len(done.copies)} municipalities are as they were {done.made_at}.")
        output.say("Start the web servers, then the workers. Then `allmenning log begin-anew` for each municipality:")
        output.say("witnesses may have seen rows of their logs that are not in the back-up.")


def _say_checked(generation: str, parts: int, as_json: bool) -> None:
    if as_json:
        output.write_json({"generation": generation, "parts": parts})
    else:
        output.say(f"{generation}: {parts} parts are as they were written, and can be opened.")


def _say_restored_beside(done: Restored) -> None:
    (copy,) = done.copies
    output.say(f"{copy.municipality} as it was {done.made_at} is in {copy.database}. Nobody works in it.")
    output.say(f"To look at it:     ALLMENNING_COPY={copy.database} allmenning serve --port 8001")
    output.say(f"To work in it:     allmenning copy use {copy.database}")
    output.say(f"To be rid of it:   allmenning copy drop {copy.database}")
    output.say(
        f"If it is used:     allmenning log begin-anew {copy.municipality} (its log is older than witnesses have seen)"
    )


def list_copies(options: argparse.Namespace) -> None:
    from allmenning.backup import copies

    found = copies.all_copies()
    if options.json:
        output.write_json([asdict(each) for each in found])
    else:
        output.write_table(
            ("database", "municipality", "back-up", "restored", "state"),
            [
                (each.database, each.municipality, each.generation or "was in use", each.made_at,
                 "whole" if each.whole else "not whole")
                for each in found
            ],
        )  # fmt: skip


def use_copy(options: argparse.Namespace) -> None:
    from allmenning.backup import copies

    left = copies.use_copy(options.database)
    output.say(f"{left.municipality} works in {options.database}; every process knows within a minute.")
    if left.database != options.database:
        output.say(f"What it worked in until now is kept as {left.database}: allmenning copy use, or copy drop.")


def drop_copy(options: argparse.Namespace) -> None:
    from allmenning.backup import copies

    copies.drop_copy(options.database)
    output.say(f"{options.database} is removed.")


def check(options: argparse.Namespace) -> int:
    """1 if something has failed; warnings are for a person to look at in their time."""
    from allmenning.journeys import health

    with output.progress("Looking", quiet=options.json):
        findings = health.examine()
    if options.json:
        output.write_json({"healthy": health.is_healthy(findings), "findings": [asdict(each) for each in findings]})
    else:
        output.write_findings(_on_one_screen(findings))
    return 0 if health.is_healthy(findings) else 1


def _size(count: int) -> str:
    """Bytes as people say them."""
    return f"{count / 1024**2:.1f} MB" if count < 1024**3 else f"{count / 1024**3:.1f} GB"


def _on_one_screen(findings: Sequence[Finding]) -> Iterator[tuple[str, str, str]]:
    """What is alike goes on one line: all that is well of a kind, and all that fails for the same reason."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for each in findings:
        groups.setdefault((each.what, each.state, "" if each.state == "ok" else each.said), []).append(each)
    for (what, state, said), alike in groups.items():
        of = ", ".join(each.of for each in alike)
        if len(alike) == 1:
            yield state, alike[0].name, alike[0].said
        else:
            yield state, f"{what} of {len(alike)}", f"{said}: {of}" if said else of


def _report_on(package: object, folder: object) -> dict:
    """What is wrong with a folder and how its examples went; the examples only of a folder that can be read."""
    problems = package.check(folder)  # type: ignore[attr-defined]
    errors = [problem for problem in problems if problem.level == "error"]
    results = [] if errors else package.run_examples(package.load(folder))  # type: ignore[attr-defined]
    return {
        "folder": str(folder),
        "can_be_published": not errors and all(result.passed for result in results),
        "problems": [asdict(problem) for problem in problems],
        "examples": [
            {"name": result.name, "passed": result.passed, "failures": list(result.failures)} for result in results
        ],
    }


def _show_report(report: dict) -> None:
    rows = [
        ("failed" if p["level"] == "error" else "warning", f"{p['file']} {p['where']}".strip(), p["message"])
        for p in report["problems"]
    ]
    rows += [
        ("ok" if e["passed"] else "failed", f"example: {e['name']}", "; ".join(e["failures"]))
        for e in report["examples"]
    ]
    output.say(f"{report['folder']}: {'can be published' if report['can_be_published'] else 'can not be published'}")
    output.write_findings(rows)

"""`allmenning`: what an operator does from a terminal or a service manager."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

from allmenning.basics.errors import AllmenningError

from . import commands, output


def _day(text: str) -> date:
    """Raises argparse.ArgumentTypeError, which is said to whoever typed it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day. Write it as 2013-01-31.") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code: 0 done, 1 not done, 2 not understood, 130 interrupted."""
    options = parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmenning.project.settings.production")
    os.environ["ALLMENNING_PROGRAM"] = options.program  # what the keeper's log calls us
    try:
        if options.needs_django:
            commands.set_up()
        return int(options.run(options) or 0)
    except KeyboardInterrupt:
        output.complain("Interrupted. It is safe to run the command again.")
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has seen enough. Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if line := expected(error):
            output.complain(line)
            return 1
        raise


def expected(error: Exception) -> str | None:
    """One line for a failure that an operator can mend; None for a fault of ours, which should be loud."""
    if isinstance(error, AllmenningError):
        return str(error)
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError
    from psycopg import OperationalError as DriverError

    if isinstance(error, ImproperlyConfigured):
        return str(error)
    if isinstance(error, OperationalError | DriverError):
        return f"The database can't be reached or used: {str(error).strip().splitlines()[0]}"
    return None


def parser() -> argparse.ArgumentParser:
    """All commands, their arguments and their help."""
    top = argparse.ArgumentParser(prog="allmenning", description="Operate Allmenning. Settings: docs/operations.md.")
    groups = top.add_subparsers(title="commands", required=True, metavar="command")

    serve = _command(groups, "serve", commands.serve, "answer residents, staff and machines over HTTP")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    serve.add_argument("--port", type=int, default=8000, help="(%(default)s)")
    serve.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes; one for each core (%(default)s)"
    )

    work = _command(groups, "work", commands.work, "do what waits: send letters, acknowledge messages")
    work.add_argument("--concurrency", type=int, default=2, help="how many things at once (%(default)s)")

    _keeper(groups)
    _keys(groups)
    _erase(groups)

    migrate = _command(groups, "migrate", commands.migrate, "bring every database up to date; safe to repeat")
    _json(migrate)

    municipality = _group(groups, "municipality", "the municipalities of this installation")
    add = _command(municipality, "add", commands.add_municipality, "make a municipality's keys and database")
    add.add_argument("municipality", help="its id in the register, such as averoy")
    _json(_command(municipality, "list", commands.list_municipalities, "those that have a database here"))

    register = _command(
        groups,
        "register-of-processing",
        commands.register_of_processing,
        "what is kept about people, why, and by which law",
    )
    register.add_argument("municipality", help="its id: the controller, whose letterhead the PDF has")
    register.add_argument("--language", choices=("nb", "nn", "en"), default="nb", help="(%(default)s)")
    register.add_argument("--format", choices=("csv", "pdf"), default="csv", help="(%(default)s)")
    register.add_argument("--output", type=Path, metavar="FILE", help="standard output if left out")

    staff = _group(groups, "staff", "the first staff of a municipality")
    first = _command(staff, "add-administrator", commands.add_administrator, "let somebody administer a municipality")
    first.add_argument("municipality", help="its id, such as averoy")
    first.add_argument("--name", required=True)
    first.add_argument(
        "--number-file",
        type=argparse.FileType("r"),
        default="-",
        metavar="FILE",
        help="file with the identity number; standard input if left out, so that it never stands in a list of commands",
    )

    _office(groups)

    client = _group(groups, "client", "other systems that use the API for a municipality")
    added = _command(client, "add", commands.add_client, "let a system in by its public key")
    added.add_argument("municipality", help="its id, such as averoy")
    added.add_argument("--name", required=True, help="what residents and staff see in the log")
    added.add_argument(
        "--key-file", type=argparse.FileType("r"), required=True, metavar="FILE", help="its public key, as a JWK or PEM"
    )
    added.add_argument("--scope", action="append", required=True, help="what it may; may be repeated")
    added.add_argument("--area", action="append", help="service area (ordinary); may be repeated")
    added.add_argument("--service", action="append", help="only cases of this service; may be repeated")
    _json(added)
    listed = _command(client, "list", commands.list_clients, "those of a municipality")
    listed.add_argument("municipality", help="its id, such as averoy")
    _json(listed)
    withdrawn = _command(client, "withdraw", commands.withdraw_client, "let a system in no more")
    withdrawn.add_argument("client", help="its client id")

    receiving = _group(groups, "receiving-key", "the keys that other systems encrypt messages for a municipality to")
    made = _command(receiving, "new", commands.make_receiving_key, "make a key, and print the certificate to publish")
    shown = _command(receiving, "show", commands.show_receiving_key, "the certificate of the newest key")
    for command in (made, shown):
        command.add_argument("municipality", help="its id, such as averoy")
        command.add_argument("area", help="service area, such as child-welfare")

    service = _group(groups, "service", "service folders")
    check = _command(service, "check", commands.check_service, "validate folders and run their examples", django=False)
    check.add_argument("folders", nargs="+", type=Path, metavar="folder")
    _json(check)
    publish = _command(service, "publish", commands.publish_service, "make folders available to all municipalities")
    publish.add_argument("folders", nargs="+", type=Path, metavar="folder")

    text = "share a sum by an agreement's file: needs no database, so that anybody can check a bill"
    share = _command(groups, "share", commands.share, text, django=False)
    share.add_argument(
        "--agreement",
        type=Path,
        required=True,
        metavar="FILE",
        help="the agreement, such as agreements/ikt-orkide.yaml",
    )
    share.add_argument(
        "--amount", metavar="KRONER", help="what is shared, such as 1000000.00; left out for a price list"
    )
    share.add_argument(
        "--date",
        type=_day,
        required=True,
        metavar="DAY",
        help="whose parties, rule and figures hold: 2013-01-01",
    )
    share.add_argument(
        "--population",
        type=Path,
        metavar="FILE",
        help="CSV of number, name, year and population, instead of the register's figures",
    )
    _json(share)

    stuck = _group(groups, "stuck", "work that does not get done by itself")
    listed = _command(
        stuck, "list", commands.list_stuck, "what has failed many times, or is not whole; 1 if anything is"
    )
    listed.add_argument("--files", action="store_true", help="look for each file too: 10 s for a million")
    again = _command(stuck, "retry", commands.retry_stuck, "try everything that has failed again, now")
    for command in (listed, again):
        command.add_argument("municipality", nargs="?", help="its id; every one if left out")
        _json(command)

    _log(groups)
    _backup(groups)
    _json(_command(groups, "check", commands.check, "the health of everything, on one screen"))
    return top


def _office(groups: argparse._SubParsersAction) -> None:
    office = _group(groups, "office", "roles at the cooperations' own offices")
    add = _command(office, "add", commands.add_office_role, "give somebody a role")
    add.add_argument(
        "role", help="such as treasurer or board, of a cooperation; member-treasurer or elected, of a party"
    )
    whose = add.add_mutually_exclusive_group(required=True)
    whose.add_argument("--scope", default="", help="the cooperation, or an agreement without one, such as ikt-orkide")
    whose.add_argument("--party", default="", help="whom they stand for, such as averoy")
    add.add_argument(
        "--number-file",
        type=argparse.FileType("r"),
        default="-",
        metavar="FILE",
        help="file with the identity number; standard input if left out",
    )
    _json(_command(office, "list", commands.list_office_roles, "the roles that are held today; nobody's name is kept"))
    end = _command(office, "end", commands.end_office_role, "end a role today")
    end.add_argument("id", type=UUID, help="as `list` shows it")


def _keeper(groups: argparse._SubParsersAction) -> None:
    keeper = _command(groups, "keeper", commands.keeper, "hold the master key, and answer over a socket", django=False)
    keeper.add_argument("--home", type=Path, required=True, metavar="DIR", help="its own folder, mode 0700")
    keeper.add_argument("--socket", type=Path, required=True, metavar="FILE", help="where it is asked")
    keeper.add_argument(
        "--user",
        action="append",
        default=[],
        help="user of web servers, by name or number; may be repeated",
    )
    keeper.add_argument(
        "--worker",
        action="append",
        default=[],
        help="user of workers, which sweep as a database's owner; may be repeated",
    )
    keeper.add_argument(
        "--operator",
        action="append",
        default=[],
        help="user who may make keys, back them up sealed, and withdraw; may be repeated",
    )
    keeper.add_argument(
        "--restorer",
        action="append",
        default=[],
        help="user who may put a back-up's keys back besides: only while restoring; may be repeated",
    )
    keeper.add_argument(
        "--backup-recipient",
        action="append",
        default=[],
        metavar="KEY",
        help="public key (age1…) of whoever may restore: keys leave sealed to it alone; may be repeated",
    )
    keeper.add_argument("--group", help="whose members may connect at all; everybody if left out, to be refused")
    keeper.add_argument(
        "--pkcs11", type=Path, metavar="FILE", help="library of the hardware module with the master key"
    )
    keeper.add_argument("--token", default="allmenning", help="the module's token (%(default)s)")
    keeper.add_argument("--key-label", default="master", help="the key's label, made if missing (%(default)s)")
    keeper.add_argument(
        "--pin-file", type=Path, default=Path("/etc/allmenning/pin"), metavar="FILE", help="with the PIN (%(default)s)"
    )
    keeper.add_argument(
        "--rate", type=float, default=6000, help="how much one user may ask for in a minute (%(default)g)"
    )
    keeper.add_argument(
        "--municipality-rate", type=float, default=600, help="the same, about one municipality (%(default)g)"
    )
    keeper.add_argument(
        "--protection-rate",
        type=float,
        default=60,
        help="the same, about one municipality's key of protected addresses (%(default)g)",
    )


def _keys(groups: argparse._SubParsersAction) -> None:
    keys = _group(groups, "keys", "the keys of municipalities")
    text = "new keys for a municipality's cases, while everybody works on; safe to interrupt and to repeat"
    rotate = _command(keys, "rotate", commands.rotate_keys, text)
    rotate.add_argument("--area", action="append", help="service area; every one if left out; may be repeated")
    _json(rotate)
    text = "a new master key on this machine, while everybody works on; safe to interrupt and to repeat"
    _json(_command(keys, "rotate-master", commands.rotate_master_key, text))
    text = "destroy a municipality's keys on this machine: what they sealed can't be read here any more, at once"
    withdraw = _command(keys, "withdraw", commands.withdraw_keys, text)
    withdraw.add_argument("--yes", action="store_true", required=True, help="it can't be undone from here")
    for command in (rotate, withdraw):
        command.add_argument("municipality", help="its id, such as averoy")


def _log(groups: argparse._SubParsersAction) -> None:
    witness = _group(groups, "witness", "a witness of other municipalities' logs; needs no database")
    new = _command(witness, "new", commands.make_witness, "make a witness: its key, and an empty memory", django=False)
    new.add_argument(
        "folder", type=Path, help="new folder, on a disk of its own machine; never restored from a back-up"
    )
    new.add_argument("--name", required=True, help="such as witness.averoy.kommune.no: no space and no plus")
    run = _command(witness, "run", commands.run_witness, "cosign what has only grown", django=False)
    run.add_argument("folder", type=Path, help="the witness's folder")
    run.add_argument("--logs", type=Path, required=True, metavar="FILE", help="the logs to follow: a key on each line")
    run.add_argument("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    run.add_argument("--port", type=int, default=8010, help="(%(default)s)")

    log = _group(groups, "log", "the sealed log of who read and did what")
    keys = _command(log, "keys", commands.show_log_keys, "the logs' public keys, for witnesses and for who verifies")
    export = _command(
        log, "export", commands.export_log, "write a municipality's log to a file that anybody can verify"
    )
    export.add_argument("municipality", help="its id, such as averoy")
    export.add_argument("file", type=Path, help="new file")
    verify = _command(log, "verify", commands.verify_logs, "whether logs are as they were sealed; 1 if one is not")
    for command in (keys, verify):
        command.add_argument("municipality", nargs="?", help="its id; every one if left out")
    text = "go on under another name after a restored back-up, saying which rows of the old log are lost, and why"
    anew = _command(log, "begin-anew", commands.begin_log_anew, text)
    text = "let another key sign the log from now on; the old one says so, and the new one too"
    new_key = _command(log, "new-key", commands.change_log_key, text)
    new_key.add_argument("--at-once", action="store_true", help="others may know the old one: it signs no more")
    for command in (anew, new_key):
        command.add_argument("municipality", help="its id, such as averoy")
        command.add_argument(
            "--because", required=True, metavar="WHY", help="a sentence, which stands in the log for good"
        )
    verify.add_argument("--file", type=Path, metavar="FILE", help="an exported log, instead of the database")
    verify.add_argument("--offline", action="store_true", help="do not ask the witnesses for what they have seen")
    _json(verify)


def _erase(groups: argparse._SubParsersAction) -> None:
    erase = _command(
        groups, "erase", commands.erase, "finish erasing a case that two persons have approved at the desk"
    )
    erase.add_argument("municipality", help="its id, such as averoy")
    erase.add_argument("case", type=UUID, help="the case's id, as it stands in the address of its page")
    erase.add_argument("--yes", action="store_true", required=True, help="it can't be undone")


def _backup(groups: argparse._SubParsersAction) -> None:
    key = _command(groups, "backup-key", commands.make_backup_key, "make a key that opens back-ups", django=False)
    key.add_argument("file", type=Path, help="new file for the private key: keep it where no server is")

    backup = _command(groups, "backup", commands.back_up, "back up everything, or one municipality; safe to interrupt")
    backup.add_argument("folder", type=Path, help="where to; only what is new is added to what is there already")
    backup.add_argument("--municipality", metavar="ID", help="this one alone, without the commons")
    backup.add_argument(
        "--to", action="append", default=[], metavar="KEY", help="public key of who may open it (ALLMENNING_BACKUP_KEY)"
    )
    backup.add_argument("--generations", type=int, metavar="N", help="how many to keep (30)")
    _json(backup)

    restore = _command(groups, "restore", commands.restore, "restore everything, or one municipality as a copy")
    restore.add_argument("folder", type=Path, help="the back-up")
    restore.add_argument("--key", type=Path, required=True, metavar="FILE", help="the private key")
    restore.add_argument("--municipality", metavar="ID", help="this one, as a copy beside the running one")
    restore.add_argument("--generation", metavar="ID", help="which back-up; the newest if left out")
    restore.add_argument("--signed-by", metavar="KEY", help="who made it, where this machine has no keys to tell by")
    restore.add_argument("--server", metavar="NAME", help="where its database goes; where it was if left out")
    restore.add_argument("--check", action="store_true", help="open and compare everything, and restore nothing")
    _json(restore)

    copy = _group(groups, "copy", "municipalities that were restored beside the running ones")
    _json(_command(copy, "list", commands.list_copies, "copies on this machine"))
    use = _command(copy, "use", commands.use_copy, "let a copy take its municipality's place")
    drop = _command(copy, "drop", commands.drop_copy, "remove a copy")
    for command in (use, drop):
        command.add_argument("database", help="the copy's database, such as m_a2c9cf5cb58c")


def _group(parent: argparse._SubParsersAction, name: str, text: str) -> argparse._SubParsersAction:
    group = parent.add_parser(name, help=text, description=text.capitalize() + ".")
    return group.add_subparsers(title="commands", required=True, metavar="command")


def _command(
    parent: argparse._SubParsersAction, name: str, run: commands.Command, text: str, *, django: bool = True
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = parent.add_parser(name, help=text, description=text.capitalize() + ".")
    command.set_defaults(run=run, needs_django=django, program=command.prog)
    return command


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="for machines")


if __name__ == "__main__":
    sys.exit(main())

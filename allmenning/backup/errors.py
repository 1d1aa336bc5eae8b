"""What can go wrong with back-ups. Operators read these in a terminal."""

from allmenning.basics.errors import AllmenningError


class BackupError(AllmenningError):
    """The back-up could not be made or restored."""


class NoRecipient(BackupError):
    """Nobody is named who can open the back-up: make a key with `allmenning backup-key` and set ALLMENNING_BACKUP_KEY."""


class NotAPublicKey(BackupError):
    """{given} is no public key of age; one begins with age1."""


class NotAKeyFile(BackupError):
    """{path} holds no private key of age; a line of it should begin with AGE-SECRET-KEY-1."""


class KeyFileExists(BackupError):
    """{path} is there already, and a key is never written over."""


class WrongKey(BackupError):
    """This key does not open the back-up, which is sealed to {recipient}."""


class NoOperator(BackupError):
    """ALLMENNING_DATABASE_ADMIN must be set: back-ups are made and restored as the operator of the database server."""


class DiskFull(BackupError):
    """The disk of {folder} is full. What was begun there is not taken for whole; make room and run it again."""


class AnotherIsRunning(BackupError):
    """Another back-up is being written to {folder}, or read from it, just now."""


class NotABackup(BackupError):
    """{folder} holds no finished back-up."""


class NoSuchGeneration(BackupError):
    """{folder} holds no finished back-up {wanted}; it has {found}."""


class NotInBackup(BackupError):
    """The back-up {generation} does not hold {wanted}."""


class Damaged(BackupError):
    """The back-up is damaged: {what} is not as it was written. Nothing of it is used."""


class OtherFormat(BackupError):
    """The back-up {generation} is written in format {format}: use the version of Allmenning that made it, or a later one."""


class SignedByAnother(BackupError):
    """The back-up {generation} is signed by {signer}, not by {expected}: somebody else made it. Nothing of it is used."""


class UnknownSigner(BackupError):
    """This machine has no keys to tell whose back-up this is. It says that it is signed by {signer}: compare that with what `allmenning backup` printed, and give it with --signed-by."""  # noqa: E501 (one sentence to a person)


class UnknownServer(BackupError):
    """There is no database server {server} in ALLMENNING_DATABASE_SERVERS; it has {known}."""


class ToolFailed(BackupError):
    """{tool} failed: {said}"""


class NotEmpty(BackupError):
    """Databases are here already: restore everything on an empty machine, or one municipality with --municipality."""


class OtherKeys(BackupError):
    """{municipality} has other keys on this machine than in the back-up, so what is sealed there could not be read."""


class NoSuchCopy(BackupError):
    """There is no restored copy {database}; `allmenning copy list` tells which there are."""


class NotWhole(BackupError):
    """The copy {database} was not restored to its end: drop it, and restore again."""


class IsLive(BackupError):
    """{database} is what {municipality} works in now: it can't be dropped."""


class OnlyToLookAt(BackupError):
    """ALLMENNING_COPY is set, for looking at a restored copy: no letters are sent from it, and no back-up is made."""

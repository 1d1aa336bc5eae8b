"""What can go wrong with keys and sealed values."""

from allmenning.basics.errors import AllmenningError


class VaultError(AllmenningError):
    """The keys could not be used."""


class NoKeys(VaultError):
    """There are no keys for {municipality}."""


class KeysWithdrawn(VaultError):
    """{municipality} has withdrawn its keys: what is sealed can't be read here any more."""


class KeeperAway(VaultError):
    """The keys are not to be had just now. What you have written is not lost: try again in a little while."""


class KeeperRefuses(VaultError):
    """The keeper of the keys does not let this program do that."""


class OtherRecipients(VaultError):
    """The keeper of the keys seals them for back-ups to other public keys than {wanted}: start it with --backup-recipient for each of those."""


class CannotOpen(VaultError):
    """The value can't be opened: it was changed, or was sealed for something else."""


class FileTooLarge(VaultError):
    """The file is larger than {limit} bytes."""


class FilesUnavailable(VaultError):
    """The file could not be kept just now. What you have written is not lost: try again in a little while."""

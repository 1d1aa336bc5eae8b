"""Every key and every database password is asked for here, for a municipality, an area and a purpose.

A master key wraps one key for each municipality and area (or login); that wraps one key for each case. `"commons"` is a
municipality's name here too. No key of the commons opens anything of a municipality's.
"""

from . import files
from .cases import CaseKey, new_case_key, open_case_key, wrap_again, wrapped_by
from .errors import (
    CannotOpen,
    FilesUnavailable,
    FileTooLarge,
    KeeperAway,
    KeeperRefuses,
    KeysWithdrawn,
    NoKeys,
    OtherRecipients,
    VaultError,
)
from .keys import (
    COMMONS,
    NAMES,
    add_generation,
    create_keys,
    exported,
    generations,
    has_keys,
    made_at,
    put_back,
    remove_generation,
    replace_master_key,
    secret,
    withdraw,
)
from .leaving import Key, open_exported
from .values import blind_index, open, open_from_url, open_text, person_key, resident_key, seal, seal_for_url

__all__ = [
    "COMMONS",
    "NAMES",
    "CannotOpen",
    "CaseKey",
    "FileTooLarge",
    "FilesUnavailable",
    "KeeperAway",
    "KeeperRefuses",
    "Key",
    "KeysWithdrawn",
    "NoKeys",
    "OtherRecipients",
    "VaultError",
    "add_generation",
    "blind_index",
    "create_keys",
    "exported",
    "files",
    "generations",
    "has_keys",
    "made_at",
    "new_case_key",
    "open",
    "open_case_key",
    "open_exported",
    "open_from_url",
    "open_text",
    "person_key",
    "put_back",
    "remove_generation",
    "replace_master_key",
    "resident_key",
    "seal",
    "seal_for_url",
    "secret",
    "withdraw",
    "wrap_again",
    "wrapped_by",
]

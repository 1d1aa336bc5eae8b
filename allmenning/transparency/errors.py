"""What can be wrong with what somebody else has written."""

from allmenning.basics.errors import AllmenningError


class NotANote(AllmenningError):
    """This is not a signed note: {why}."""


class NotAKey(AllmenningError):
    """This is not a key that can be used: {why}."""


class NotSigned(AllmenningError):
    """None of the keys that are trusted has signed this."""


class NotACheckpoint(AllmenningError):
    """This is not a checkpoint: {why}."""


class NoWitnessHere(AllmenningError):
    """{folder} is no witness's folder: make one with `allmenning witness new`."""


class WitnessExists(AllmenningError):
    """{folder} is not empty, and a witness's key and memory are never written over."""


class WitnessRunning(AllmenningError):
    """Another process runs the witness of {folder}. Two that share a key could cosign two heads."""


class StateDamaged(AllmenningError):
    """What this witness has cosigned can't be read, so it cosigns nothing more of the log: {path}."""

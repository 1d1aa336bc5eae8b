"""What may be wrong with a letter."""

from allmenning.basics.errors import AllmenningError


class LetterError(AllmenningError):
    """The letter could not be made."""


class UnknownField(LetterError):
    """The letter template uses a field that does not exist: {field}."""


class MissingField(LetterError):
    """The letter needs a value that is missing: {field}."""


class BrokenField(LetterError):
    """The letter template has braces that are not a field: {text}."""


class UnsuitableValue(LetterError):
    """The value of {field} can't be printed: it is a {kind}."""


class NotAllowedInLetter(LetterError):
    """The letter template has something that a letter can't hold: {what}."""


class UnknownLanguage(LetterError):
    """Letters are written in nb, nn or en, not in {language}."""


class NoTitle(LetterError):
    """The letter has no title: begin the template with one, after #."""


class UnusableLogo(LetterError):
    """The logo can't be used: {reason}."""

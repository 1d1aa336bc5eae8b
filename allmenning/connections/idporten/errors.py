"""Why a login did not succeed, in words for the person who tried. The detail in parentheses is for the log alone."""

from allmenning.basics.errors import AllmenningError


class LoginFailed(AllmenningError):
    """The login did not succeed. Try again."""


class LoginUnavailable(LoginFailed):
    """The login service does not answer now. Try again in a few minutes."""


class LoginAbandoned(LoginFailed):
    """You cancelled the login."""


class LoginExpired(LoginFailed):
    """The login took too long, or was opened twice. Start again."""


class LoginRefused(LoginFailed):
    """The login service refused our request. We have been told; try again later."""


class LoginAnswerWrong(LoginFailed):
    """The answer from the login service does not belong to this login. Start again from our own page."""


class LoginTokenWrong(LoginFailed):
    """The proof from the login service could not be verified. Start again from our own page."""


class LoginLevelTooLow(LoginFailed):
    """You must log in at a higher security level, for example with BankID."""


class LoginHasNoNumber(LoginFailed):
    """The login gave no Norwegian identity number, and this service needs one."""

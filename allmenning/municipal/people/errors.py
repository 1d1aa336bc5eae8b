"""What can be refused here, in words that a person understands."""

from allmenning.basics.errors import AllmenningError


class NoProxy(AllmenningError):
    """You can't act for this person here. Contact the municipality, which helps you in another way."""

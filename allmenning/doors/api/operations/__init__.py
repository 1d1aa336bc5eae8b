"""What each operation of the contract does: translate, one call to a journey, translate back."""

from . import applications, cases, catalogue, figures, login  # noqa: F401  (they register themselves)

"""KS Fiks: messages of other systems over Fiks IO, and the status of applications that came from nav.no."""

from .messages import FiksMessages
from .status import FiksStatus

__all__ = ["FiksMessages", "FiksStatus"]

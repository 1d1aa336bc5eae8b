"""ClamAV: is there malicious software in a file?"""

from allmenning.connections.clamav.client import Clamd

__all__ = ["Clamd"]

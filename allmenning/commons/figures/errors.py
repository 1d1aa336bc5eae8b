from allmenning.basics.errors import AllmenningError


class ImpossibleFigure(AllmenningError):
    """A figure can't be about fewer than nobody, nor be negative."""

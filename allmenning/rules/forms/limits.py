"""How large a form, an answer or a POST may be. Far above any real form; low enough that hostile input stays cheap."""

DEPTH = 8  # objects within objects, in a schema and in its layout
NESTING = 32  # of data
CONTROLS = 400  # declared in one form
ITEMS = 50  # in a repeating group that does not say
ITEMS_EVER = 200  # in a repeating group, whatever it says
FIELDS = 4000  # shown at once, items counted
PARAMETERS = 5000  # read from one POST
TEXT = 20_000  # characters in one answer that does not say
KEPT = 100_000  # characters kept of what could not be read
INTEGER = 2**53 - 1  # what JSON readers everywhere agree about
CHOICES = 200  # read from one group of checkboxes
ROUNDS = 12  # of rules that depend on each other
PATTERN = 500  # characters in a pattern

"""Back-ups of everything, or of one municipality, that the machine which made them can't open; and restoring them."""

"""How fast it is, beside what the database itself can do; and what is left after everything was killed."""

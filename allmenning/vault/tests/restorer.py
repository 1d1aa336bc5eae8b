"""Whoever may restore back-ups: has the private key of age, and so every key that was exported to them."""

from pyrage import x25519

from allmenning import vault

PRIVATE = x25519.Identity.generate()
PUBLIC = str(PRIVATE.to_public())


def exported_keys(municipality):
    """A municipality's keys as the restorer has them after a back-up."""
    sealed = vault.exported(municipality, [PUBLIC])
    return {name: vault.open_exported(key, municipality, name, [PRIVATE]) for name, key in sealed.items()}

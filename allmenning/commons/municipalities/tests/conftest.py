from allmenning.commons.municipalities.testing import loaded_register, register

__all__ = ["loaded_register", "register"]

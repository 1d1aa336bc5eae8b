"""Django settings: `base` for all, and `demo`, `test`, `production` on top of it."""

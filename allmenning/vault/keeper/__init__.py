"""The keeper: a process of its own, under a user of its own, that alone holds the master key.

`server` answers over a Unix socket, `client` asks it (named in VAULT_MASTER_KEY), `protocol` is what they both speak.
The server sets up no Django and reads no setting: what it needs stands on its command line.
"""

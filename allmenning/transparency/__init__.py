"""A log that nobody can rewrite unseen: the tree of RFC 6962, C2SP's signed heads and cosignatures, and the witness."""

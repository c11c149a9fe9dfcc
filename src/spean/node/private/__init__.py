"""Asking other nodes *do you know this one?* without showing whom we mean (B1, B2, R42; docs/protocol.md, section 10)."""

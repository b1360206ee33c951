"""Knowing people: OpenID Connect, signed cookies, passwords. Libraries do all of the cryptography."""

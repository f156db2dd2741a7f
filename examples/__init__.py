"""Agio in use: a network of three brands, and a member's journey through it."""

"""The tables of sessions."""

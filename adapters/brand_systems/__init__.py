"""Brands' own systems, reached as their network files say."""

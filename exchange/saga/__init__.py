"""Exchanges with a brand's own system on either side: what is asked of whom, and what becomes of the answers."""

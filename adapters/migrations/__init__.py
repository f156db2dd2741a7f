"""The tables of the adapters package: what waits for files and what came in them."""

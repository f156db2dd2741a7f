"""The history of the tables of members."""

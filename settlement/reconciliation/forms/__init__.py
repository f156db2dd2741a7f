"""The forms in which brands write their files, each read as rows of text under columns, a row at a time."""

"""Our books against a brand's own file: which line is which, and what to do about the lines that differ."""

"""Points of one program into points of another."""

"""Network files: the TOML in which a brand describes itself, read strictly and checked whole."""

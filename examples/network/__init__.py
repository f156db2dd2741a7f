"""Three brands: their configuration, and their member exports."""

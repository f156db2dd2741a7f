"""The truth: accounts, transfers, lots, posting, seals and audit."""

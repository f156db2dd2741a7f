"""The participants: brand tree, programs, tiers, rates and their configuration."""

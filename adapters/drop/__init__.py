"""Brands that are told and answer by files: instructions out once a day, answers in."""

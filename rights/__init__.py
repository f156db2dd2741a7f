"""The rights pool: definitions, grants, holds and redemptions."""

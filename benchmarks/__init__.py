"""How fast Agio is, measured in one run on one machine beside honest references."""

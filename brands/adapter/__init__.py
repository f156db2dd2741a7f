"""How a program's points are reached: what a network file may say about a brand's own system."""

"""The tables of the brands package, in the order in which they came to be."""

"""Outside systems played by real HTTP servers of ours, for tests, the demo and partners' laptops."""

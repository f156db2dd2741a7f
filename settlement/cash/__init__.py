"""Money at the bank: who is paid to which account, what the bank is told, and what the bank tells."""

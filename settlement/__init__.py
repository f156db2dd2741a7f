"""Who owes whom, and proof that it was paid."""

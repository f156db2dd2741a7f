"""How the outside speaks: brand systems and sign-in providers."""

"""How fast it is and what it takes. Nothing here asserts a time: machines differ."""

"""Finding what changes: series of marts, their season and noise, tests, and what is told of them."""

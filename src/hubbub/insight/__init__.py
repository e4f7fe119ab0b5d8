"""Pure functions on released numbers: what changed, and how sure that is."""

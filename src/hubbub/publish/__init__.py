"""Marts: released cells as tables, their intervals, and the one query interface over them."""

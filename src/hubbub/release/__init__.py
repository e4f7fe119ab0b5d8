"""The only door: bounded, noised, paid for in the ledger, a raw count becomes a `Released` cell.

The only reader of raw rows. What lies behind this room can name nothing but released cells.
"""

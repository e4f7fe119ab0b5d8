"""The HTTP API: questions to released cells, Plausible's Stats API v2 for reading, the public ledger.

Everything is made from a `ReadSide`; nothing here can name a raw row.
"""

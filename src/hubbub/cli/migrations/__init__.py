"""The steps by which the state database of one release becomes that of the next; `cli.upgrading` takes them.

Each can be taken twice: SQLite commits every statement that alters a table by itself.
"""

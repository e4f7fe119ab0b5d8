"""Value objects that all rooms share, and the ports between rooms.

Nothing here reads or writes anything; it imports the standard library and msgspec only.
"""

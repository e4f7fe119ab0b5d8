"""What comes in becomes clean rows: tracker protocols, log files, visitor keys, drop reasons.

Rows leave through the `EventSink` port and secrets come from the `KeyRing` port.
Addresses and full user agents exist in this room's memory only.
"""

"""Raw rows at rest, and the only owner of their formats.

Journal, sealed segments by source and day, the key file, destruction, and the engines that read rows.
"""

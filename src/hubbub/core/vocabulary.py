"""The fixed lists: key spaces that are public before any row is read, so every cell of them is released.

What is not on its list becomes its last entry. A change of a list is a change of the plan.
"""

DEVICES = ("Desktop", "Mobile", "Tablet", "Other")

DURATION_BINS: tuple[tuple[str, int, int], ...] = (
    # label, from (inclusive) and to (exclusive) in seconds; a bounce has a bin of its own
    ("bounce", 0, 0),
    ("0-10 s", 0, 10),
    ("10-30 s", 10, 30),
    ("30-60 s", 30, 60),
    ("1-3 min", 60, 180),
    ("3-6 min", 180, 360),
    ("6-15 min", 360, 900),
    ("15-30 min", 900, 1800),
    ("over 30 min", 1800, 86_400),
)

CONTRIBUTION_BINS: tuple[tuple[str, int], ...] = (
    # label and the lowest number of page views a unit has in the bin; the last one is open
    *((str(views), views) for views in range(1, 11)),
    ("11-15", 11),
    ("16-25", 16),
    ("26-50", 26),
    ("over 50", 51),
)

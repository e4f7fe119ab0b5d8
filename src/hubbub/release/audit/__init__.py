"""The audit: every mechanism that hubbub releases with, run as a black box on neighbouring inputs, many times.

What comes out bounds from below what one device can cost. It must not exceed what was declared, and that of copies
broken on purpose must. An audit finds faults and proves nothing: the proofs are in the docstrings of `release` and in
docs/privacy.md.
"""

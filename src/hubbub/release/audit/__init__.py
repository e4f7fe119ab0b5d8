"""The audit: every mechanism that hubbub releases with, run as a black box on neighbouring inputs, many times.

What comes out bounds from below what one device can cost; it must not exceed what was declared, and that of copies broken
on purpose must. An audit finds faults; it proves nothing. Proofs are in the docstrings of `release` and docs/privacy.md.
"""

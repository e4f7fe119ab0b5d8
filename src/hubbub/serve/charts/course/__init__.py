"""The main chart of a site: the course of one number over a period, with its 95 % band.

`query` asks for its points, `view` draws them.
"""

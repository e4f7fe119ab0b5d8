"""Charts as SVG made on the server: colours are CSS variables, and every chart has its table beside it.

A chart is a folder or a module of its own: what it asks, and how it looks.
"""

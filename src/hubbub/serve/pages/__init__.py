"""The dashboard's pages: each module asks the marts, builds a frozen view and hands it to its template.

A page reads released cells only, and is rendered once for all readers.
"""

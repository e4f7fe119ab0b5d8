"""The collector's routes: for each protocol the paths, and the answers that its clients know from their own server."""

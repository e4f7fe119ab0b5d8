"""Tables of facts that classification looks things up in: our own, kept apart from the code that reads them."""

"""hubbub: city analytics that hears the crowd and never a single voice."""

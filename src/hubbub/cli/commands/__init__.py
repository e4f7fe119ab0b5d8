"""One module a command; `hubbub.cli.main` loads the one that is asked for."""

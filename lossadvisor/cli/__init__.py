"""The command line. Each command is a module of its own and imported only when it is used."""

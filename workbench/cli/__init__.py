"""The command line: everything the window does, from the same experiment files."""

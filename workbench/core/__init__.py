"""How an experiment is trained. Uses torch; knows nothing of processes, windows or the command line."""

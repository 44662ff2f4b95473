"""The bench: measures the program's budgets, each as a ratio or a time in one run. ``python -m tests.bench``."""

"""The few things that have a window of their own."""

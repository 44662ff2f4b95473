"""The parts of the window: one module a panel."""

"""Editors of an experiment's fields, made from their declarations in ``workbench.spec``."""

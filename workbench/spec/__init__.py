"""What to train: experiments as immutable, YAML-able values. Imports no torch, numpy or Qt."""

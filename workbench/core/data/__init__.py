"""Datasets as tensors: found or downloaded, decoded once, batched by index."""

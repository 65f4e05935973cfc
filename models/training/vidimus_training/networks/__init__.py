"""PyTorch networks, one per file."""

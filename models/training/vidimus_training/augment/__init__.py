"""Random changes at training time, the same chain for both classes."""

"""The training loop and the data sets it draws from."""

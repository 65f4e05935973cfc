"""Lists of training files and the stores that hold what was prepared from them."""

"""Network definitions of Vidimus, their graphs without weights, and the proof that both agree."""

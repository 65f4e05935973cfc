"""Steps that run once over the collected files: decode, cut, re-encode, synthesise."""

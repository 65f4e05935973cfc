"""One specification per architecture."""

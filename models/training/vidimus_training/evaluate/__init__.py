"""Error rates on files that were never trained on."""

"""From a trained network to a finished pack: graph, manifest, card."""

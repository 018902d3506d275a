"""The screen: reads the world, draws it, and knows nothing of how bytes travel."""

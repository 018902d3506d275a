"""The parts of the home screen: what it lists, its panels, and the work that it does off the loop."""

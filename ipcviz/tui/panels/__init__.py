"""One file for each region of the screen; each draws a View into lines."""

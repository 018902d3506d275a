"""Measurements of ipcviz itself, as ratios of two things side by side: `python -m ipcviz.bench screen`."""

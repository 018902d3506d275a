"""Placing boxes on terminal cells, routing links between them, and drawing the routes."""

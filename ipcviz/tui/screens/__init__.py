"""What covers the panels for a while."""

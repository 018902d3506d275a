"""What runs a topology: supervisor, workers, their telemetry, and the ledger of kernel objects."""

"""Locks: one file a kind, all behind `contract.LockMechanism`."""

"""Reads a release directory and nothing else: validation of a release (empty in this version)."""

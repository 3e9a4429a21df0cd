"""Pairs → a release directory."""

"""The HTTP API: one file per resource of the contract."""

from app.api import paths

__all__ = ["paths"]
"""Loaded before any route is defined: it teaches the router what `{x:name}` is."""

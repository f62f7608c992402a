"""Secrets out of any text, before anything else sees it."""

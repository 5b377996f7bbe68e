"""Fixtures of the browser's tests."""

from site_under_test import site

__all__ = ["site"]

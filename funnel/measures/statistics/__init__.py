"""Estimates, their margins, and tests of what is more than chance."""

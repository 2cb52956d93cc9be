"""The leads that a question counts."""

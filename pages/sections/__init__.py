"""The sections of the pages, each with its own boxes."""

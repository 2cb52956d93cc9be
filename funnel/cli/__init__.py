"""`python -m funnel`: what the pages show, without a browser."""

"""What every room stands on: SQL as text, the engine it runs in, errors, settings, and the types that several rooms share."""

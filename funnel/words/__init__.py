"""Every text that a person reads, and how numbers and dates are written."""

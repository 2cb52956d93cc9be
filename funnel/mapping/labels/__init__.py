"""What the text of a label means."""

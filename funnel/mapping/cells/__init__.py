"""What one cell says: dates, numbers, placeholders."""

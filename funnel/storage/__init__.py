"""What outlives a session: project files, and built folders with their manifest."""

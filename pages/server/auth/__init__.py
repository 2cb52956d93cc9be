"""Who may come in: sign-in, cookies, and what stands before every address."""

"""The app as a server: uploads, downloads, sessions, what keeps itself, turns at the machine."""

"""A mapping carried out: raw lines become leads and their history, every line accounted for."""

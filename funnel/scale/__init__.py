"""When one machine is too small: other engines, their dialects, and a build in batch. Nothing but the command line imports it."""

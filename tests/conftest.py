"""How hypothesis chooses its examples."""

from __future__ import annotations

import os

from hypothesis import settings

# In CI always the same ones, so that a red run is the change's own fault; elsewhere new ones each time, which find what nobody
# thought of.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("ci")

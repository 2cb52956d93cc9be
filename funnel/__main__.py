"""`python -m funnel`."""

import sys

from funnel.command import main

sys.exit(main())

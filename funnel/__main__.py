"""`python -m funnel`."""

import os
import sys

from funnel.cli.command import main

try:
    code = main()
    sys.stdout.flush()
except BrokenPipeError:
    # The reader of the output has seen enough (`| head`); what is still to be flushed goes nowhere.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    code = 0
sys.exit(code)

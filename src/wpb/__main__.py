"""Lets `python -m wpb` do what `wpb` does."""

import sys

from wpb.cli import main

sys.exit(main())

"""python -m analysis.report: see run.py."""

import sys

from .run import main

sys.exit(main())

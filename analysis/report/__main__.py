"""python -m analysis.report: see run.py."""

from .run import main

raise SystemExit(main())

"""What a flash sale says of demand, supply and margin.

How the code is laid out
------------------------
A room for each question, and three that serve them all:

- `data`: the only reader of files. The dictionary (data/README.md is the schema), market tables,
  launch files, histories, order logs. And what any room may need to compute: draws, results kept
  on disk, many machines.
- `look`: one look and one voice for everything shown. Theme, charts, tables, answer box, number
  formats, what-if panels.
- `report`: runs notebooks and renders pages. Knows nothing of products.
- `sellout`: how much demand stood behind a sell-out? Order rates, order logs, unconstraining,
  rounds.
- `demand`: what would sell? Bass curves, a launch under limited supply, priors from comparable
  launches.
- `supply`: what held supply back? Reports on one scale, targets and their record, parts and yields.
- `bom`: how fast do parts get cheaper? The same product costed twice, components, cost laws.
- `margin`: what does a unit earn? Net price, unit and lifetime margin, cash, orders under
  uncertainty.
- `plan`: what should have been sold when? Release policies, their simulation, choice and verdict.
- `evidence`: how often did the intervals hold? Counts of coverage, read and pooled.

Every room of a question is built alike. Its models are pure functions and frozen dataclasses,
without words or pictures. `study.py` holds one result for each section of the room's notebook,
which shows itself: `.table()`, `.chart()`, `.sentence()`. `__init__.py` lists what a notebook or
a user may call, so that Tab after `supply.` shows just that.

Who may import whom
-------------------
`data` and `look` import no other room. A question's room imports `data`, `look` and the rooms of
the questions before it, in the order above; models take from `look` only how a number is written
and `Shown`. `report` imports `look` alone, and nobody imports `report`. A test
(tests/test_house.py) draws the arrows.
"""

import os

# One thread a process. The matrices here are small and many: threads of a linear algebra library
# cost several times what they save, and the same inputs give the same bytes. The libraries look
# at these when they are loaded; whoever sets them otherwise is heard.
for _setting in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_setting, "1")

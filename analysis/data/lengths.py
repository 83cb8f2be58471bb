"""How long a week, a month and a year are, where margins and plans go from one to the other.

Checks of inputs (`launch`) and what is fitted to counts (`bom.pairs`, `demand.reports`) count with
lengths of their own, which differ by little: printed figures and counted coverage rest on these.
"""

DAYS_A_WEEK = 7
DAYS_A_MONTH = 30.44
DAYS_A_YEAR = 365
MONTHS_A_YEAR = 12
WEEKS_A_MONTH = 4.35  # by which the weeks of a life are counted
WEEKS_A_YEAR = DAYS_A_YEAR / DAYS_A_WEEK

"""What a sell-out reveals of demand: order rates, order logs, capped sales, rounds, hits.

Models: `order_rates` and `published_lots` (press lines), `arrivals` and `arrival_mix` (order logs,
on `arrival_laws`, `arrival_sale`, `ascent`, `law_weights`, `first_seconds`, `stream_end`,
`hindcast` and `discrepancy`), `order_study` (the log of a launch, read in `order_logs`, its
`order_times`), `requests` and `after_stock` (after the stock was gone), `drops` (people at each
drop), `unconstrain` (capped sales), `rounds` (shop against device, on `round_rates`,
`rounds_posterior` and `bounded_normal`), `hit_or_miss`, `own_sales`. What a page shows of them is
`study` with `study_press`, `study_own_log`, `study_sales`, `study_log`, `study_people`,
`study_drops`, `study_rounds` and `words`.
"""

from .after_stock import AfterStock, weigh_after_stock
from .arrival_mix import ArrivalLaws, fit_arrival_count_laws, fit_arrival_laws
from .arrivals import ArrivalFit, fit_arrival_counts, fit_arrivals
from .drops import people_by_drop
from .hit_or_miss import HitOrMiss, hit_or_miss
from .order_logs import LogSource, list_logs
from .order_rates import LotDependence, fit_lot_dependence, order_rates
from .order_study import OrderStudy, study_orders
from .own_sales import OwnSales, phone_rounds, read_own_sales
from .published_lots import PublishedLots, comparable_lots, nearest_sales, range_of_lots
from .requests import RequestEvidence, bound_by_requests, read_requests, weigh_requests
from .round_rates import read_rates
from .rounds import RoundsModel, compare_rounds, fit_rounds
from .study import LaunchStudy, study_launch
from .study_people import PeopleOfLog, people_of_study
from .study_sales import explore_speed
from .unconstrain import Unconstrained, unconstrain

__all__ = [
    "AfterStock",
    "ArrivalFit",
    "ArrivalLaws",
    "HitOrMiss",
    "LaunchStudy",
    "LogSource",
    "LotDependence",
    "OrderStudy",
    "OwnSales",
    "PeopleOfLog",
    "PublishedLots",
    "RequestEvidence",
    "RoundsModel",
    "Unconstrained",
    "bound_by_requests",
    "comparable_lots",
    "compare_rounds",
    "explore_speed",
    "fit_arrival_count_laws",
    "fit_arrival_counts",
    "fit_arrival_laws",
    "fit_arrivals",
    "fit_lot_dependence",
    "fit_rounds",
    "hit_or_miss",
    "list_logs",
    "nearest_sales",
    "order_rates",
    "people_by_drop",
    "people_of_study",
    "phone_rounds",
    "range_of_lots",
    "read_own_sales",
    "read_rates",
    "read_requests",
    "study_launch",
    "study_orders",
    "unconstrain",
    "weigh_after_stock",
    "weigh_requests",
]


def __dir__() -> list[str]:
    """List what a notebook or a user may call: what Tab shows."""
    return __all__

"""Arrivals that a shop went on counting after its stock was gone: the log does not stop with it.

Queue entries and names on a waiting list go on where the orders stop. Where not everybody who comes
too late leaves one, the share that does is read off the step in the stream at the moment the stock
was gone (a regression discontinuity in time, Hausman & Rapson 2018). Orders are then thinned to the
same share, and the laws are asked only for what came after the last request. Who is a person is
for `requests`; the laws are weighed in `arrival_mix`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from .arrival_mix import ArrivalLaws, fit_arrival_laws

FEWEST_ASKED = 30  # people who asked after the stock was gone, to go on with their stream
FEWEST_A_SIDE = 20  # arrivals on each side of the step, to read its size
WINDOW = 0.3  # of the clock until the stock was gone, on each side of that moment
INTERVALS_A_SIDE = 10  # in which arrivals are counted
STEP_SD = 0.05  # of the log of the share, our assumption of how a stream bends within the window
LEAST_SHARE = 0.01


@dataclass(frozen=True, kw_only=True)
class AfterStock:
    """What arrivals before and after the end of the stock say of all who wanted one.

    Attributes
    ----------
    sold_out_s : float
        When the stock was gone, seconds since the opening.
    before, after : array
        Seconds at which people first came, up to that moment and from then on.
    share, share_low, share_high : float
        Of those who came too late, how many left a request: estimate and 95 % interval.
    laws : dict
        Laws of arrival by that share, weighed by all arrivals, those before the end of the stock
        thinned to it.
    """

    sold_out_s: float
    before: np.ndarray
    after: np.ndarray
    share: float
    share_low: float
    share_high: float
    laws: dict[float, ArrivalLaws]

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Give limits of the people who wanted one: the share at its limits, laws with errors."""
        low, _ = self._in_all(self.share_high, level)
        _, high = self._in_all(self.share_low, level)
        return low, high

    def _in_all(self, share: float, level: float) -> tuple[float, float]:
        """Give limits of the people who wanted one if a share of the late ones left a request."""
        laws = self.laws[share]
        low, high = laws.interval(level)
        asked = len(self.after)
        return tuple(
            len(self.before) + (asked + limit - laws.orders) / share for limit in (low, high)
        )

    def arrived_by(self, t_s: float, level: float = 0.8) -> tuple[float, float, float]:
        """Give the people who came by a time: low, estimate, high.

        Up to the last request they are counted, but for the share; from then on laws are asked.

        Parameters
        ----------
        t_s : float
            Seconds since the opening, from the end of the stock on.
        level : float
            Share of predictions between low and high.

        Returns
        -------
        (float, float, float)
            People; low and high are of the largest and smallest share that may have asked.
        """
        shares = (self.share_high, self.share, self.share_low)
        ranges = [self._arrived_by(share, t_s, level) for share in shares]
        return ranges[0][0], ranges[1][1], ranges[2][2]

    def _arrived_by(self, share: float, t_s: float, level: float) -> np.ndarray:
        """Give low, estimate and high of the people by a time, for one share."""
        laws = self.laws[share]
        asked = np.searchsorted(self.after, min(t_s, laws.closed_s), side="right")
        to_come = np.zeros(3)
        if t_s > laws.closed_s:
            to_come = np.array(laws.orders_by(t_s, level)) - laws.orders
        return len(self.before) + (asked + to_come) / share


def weigh_after_stock(
    arrived_s: np.ndarray, sold_out_s: float, *, share: float | None = None
) -> AfterStock | None:
    """Weigh the arrivals of people who were counted beyond the end of the stock.

    Parameters
    ----------
    arrived_s : array
        Seconds from the opening until each person first ordered or asked, sorted.
    sold_out_s : float
        When the stock was gone.
    share : float, optional
        Of those who came too late, how many left a request, where it is known: 1 for a queue that
        everybody enters. None: it is read off the step in the stream.

    Returns
    -------
    AfterStock or None
        None where too few asked for their stream to be followed.
    """
    before = arrived_s[arrived_s <= sold_out_s]
    after = arrived_s[arrived_s > sold_out_s]
    if len(after) < FEWEST_ASKED or len(before) < FEWEST_ASKED:
        return None
    step = (share, share, share) if share else asking_share(before, after, sold_out_s)
    if step is None:
        return None
    low, middle, high = step
    return AfterStock(
        sold_out_s=sold_out_s,
        before=before,
        after=after,
        share=middle,
        share_low=low,
        share_high=high,
        laws={one: _fit_thinned(before, after, one) for one in {low, middle, high}},
    )


def asking_share(
    before: np.ndarray, after: np.ndarray, sold_out_s: float
) -> tuple[float, float, float] | None:
    """Read off the step in a stream which share of the late ones left a request.

    On both sides the log of the rate is one straight line of time; the step between is the log of
    the share. A Poisson regression gives it, with the dispersion of its residuals.

    Parameters
    ----------
    before, after : array
        Seconds at which people came, up to the end of the stock and from then on.
    sold_out_s : float
        The end of the stock.

    Returns
    -------
    (float, float, float) or None
        Low (95 %), estimate and high, at most 1; None where too few came around that moment.
    """
    import statsmodels.api as sm  # noqa: PLC0415 (half a second, for logs with requests alone)

    window_s = min(WINDOW * sold_out_s, after[-1] - sold_out_s)
    sides = np.arange(-INTERVALS_A_SIDE, INTERVALS_A_SIDE + 1) / INTERVALS_A_SIDE
    counts, _ = np.histogram(np.concatenate([before, after]), bins=sold_out_s + window_s * sides)
    if min(counts[:INTERVALS_A_SIDE].sum(), counts[INTERVALS_A_SIDE:].sum()) < FEWEST_A_SIDE:
        return None
    middles = (sides[1:] + sides[:-1]) / 2
    design = pd.DataFrame({"one": 1.0, "time": middles, "is_after": (middles > 0).astype(float)})
    fitted = sm.GLM(counts, design, family=sm.families.Poisson()).fit(scale="X2")
    dispersion = max(1.0, float(fitted.scale))
    sd = float(fitted.bse["is_after"]) * np.sqrt(dispersion / float(fitted.scale))
    margin = norm.ppf(0.975) * np.hypot(sd, STEP_SD)
    log_share = float(fitted.params["is_after"])
    limits = np.exp([log_share - margin, log_share, log_share + margin])
    low, share, high = (float(one) for one in np.clip(limits, LEAST_SHARE, 1.0))
    return low, share, high


def _fit_thinned(before: np.ndarray, after: np.ndarray, share: float) -> ArrivalLaws:
    """Weigh the laws by a stream of which one share was seen throughout."""
    is_seen = np.random.default_rng(0).random(len(before)) < share
    return fit_arrival_laws(np.concatenate([before[is_seen], after]))

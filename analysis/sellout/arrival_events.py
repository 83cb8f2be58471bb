"""Many sales at once: the Weibull law with a Poisson population, fitted to each of them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .arrival_laws import rate_of_mean
from .arrivals import fit_arrivals

CHUNK = 200  # sales worked on together; fresh memory costs more than the arithmetic, so all chunks share theirs


def fit_weibull_events(order_times_s: Sequence, closed_s: Sequence | None = None) -> pd.DataFrame:
    """Fit the Weibull law with a Poisson population to many events at once, each (with its errors) as `fit_arrivals` would.
    Order times (s, above 0; quickest if sorted) and a clock's end (None: last order) an event; returns a row an event: orders,
    interested, identified, rate_per_s, shape, loglik. Given shape k, x ** k are exponential times cut at one."""
    ends = [None] * len(order_times_s) if closed_s is None else closed_s
    chunks = [slice(at, at + CHUNK) for at in range(0, len(order_times_s), CHUNK)]
    room = np.empty((2, max(sum(map(len, order_times_s[chunk])) for chunk in chunks)))
    parts = [
        pd.DataFrame(_weibull_chunk(order_times_s[chunk], ends[chunk], room)) for chunk in chunks
    ]
    return pd.concat(parts, ignore_index=True)


def _weibull_chunk(events: Sequence, ends: Sequence, room: np.ndarray) -> dict[str, np.ndarray]:
    for times, end in zip(events, ends, strict=True):
        if end is not None or len(times) < 3 or not 0 < np.min(times) < np.max(times) < np.inf:
            fit_arrivals(times, closed_s=end, law="weibull")  # raises, naming what is wrong
    closed = np.array(
        [np.max(times) if end is None else end for times, end in zip(events, ends, strict=True)],
        float,
    )
    n = np.array([len(times) for times in events])
    first = np.r_[0, np.cumsum(n)[:-1]]
    flat = room[0, : n.sum()]
    for at, times, end in zip(first, events, closed, strict=True):
        np.divide(times, end, out=flat[at : at + len(times)])
    np.log(flat, out=flat)
    sums = np.add.reduceat(flat, first)
    few = [
        x[len(x) // 400 :: max(len(x) // 200, 1)] for x in np.split(flat, first[1:])
    ]  # of sorted times nearly as good as all
    some = np.array([len(x) for x in few])
    start, *_ = _weibull_shapes(
        np.concatenate(few), some, sums * some / n, np.zeros(len(n)), np.empty(some.sum())
    )
    shape, rate, height = _weibull_shapes(flat, n, sums, start, room[1, : n.sum()])
    with np.errstate(divide="ignore"):
        told = {"orders": n, "interested": n / -np.expm1(-rate), "identified": rate > 0}
    loglik = height + n * (np.log(n) - 1) - n * np.log(closed)
    return told | {
        "rate_per_s": rate ** np.exp(-shape) / closed,
        "shape": np.exp(shape),
        "loglik": loglik,
    }


def _weibull_shapes(flat, n, sums, shape, powers) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log shape at the maximum, rate of the powers (0: uniform) and log-density of each event, by Newton steps from `shape`."""
    first = np.r_[0, np.cumsum(n)[:-1]]
    for _ in range(40):
        k = np.exp(shape)
        for at, size, power in zip(first, n, k, strict=True):
            np.multiply(flat[at : at + size], power, out=powers[at : at + size])
        np.exp(powers, out=powers)
        m0 = np.add.reduceat(powers, first)
        m1 = np.add.reduceat(np.multiply(powers, flat, out=powers), first)
        m2 = np.add.reduceat(np.multiply(powers, flat, out=powers), first)
        rate, turn = rate_of_mean(m0 / n)
        slope = n + k * (sums - rate * m1)
        bend = slope - n - k * k * (turn * m1**2 / n + rate * m2)
        step = np.clip(
            np.where(bend < 0, -slope / np.minimum(bend, -1e-9), np.sign(slope)), -0.7, 0.7
        )
        shape = shape + step
        if np.max(np.abs(step)) < 2e-4:  # what the last step leaves is its square
            break
    spent = np.where(
        rate > 0, np.log(np.maximum(rate, 1e-300) / np.maximum(-np.expm1(-rate), 1e-300)), 0.0
    )
    height = n * np.log(k) + (k - 1) * sums + n * spent - rate * m0 + slope * step / 2
    return (
        shape,
        np.where(rate > 0, np.maximum(rate + turn * m1 / n * k * step, 1e-12), 0.0),
        height,
    )

"""Simulated crowds that follow none of the laws of arrival, to calibrate ranges and to count them.

Two sets that share no process: on `CALIBRATION` the constants of `sellout.discrepancy` and of
`sellout.stream_end` were set; on `COUNTED` the ranges are counted, in `count_other_crowds`. A
process draws the times in seconds at which all who want one come, so that the truth is known;
what of them is seen is for the count to choose. Where a process has shapes of its own they are
drawn anew for every sale.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Process = Callable[[int, np.random.Generator], np.ndarray]
HOUR_S, DAY_S = 3_600.0, 86_400.0


# ---- counted: these crowds set no constant ----


def two_speeds(people: int, rng: np.random.Generator) -> np.ndarray:
    """Half wait with a finger on the button (5 s), half come in their own time (600 s)."""
    is_fast = rng.random(people) < 0.5
    return rng.exponential(np.where(is_fast, 5.0, 600.0))


def diurnal_stream(people: int, rng: np.random.Generator) -> np.ndarray:
    """Interest fades over three days, and most people sleep at night; sale opened at ten."""
    times_s = np.empty(0)
    while len(times_s) < people:
        tried_s = rng.exponential(3 * DAY_S, 2 * people)
        hour = (10 + tried_s / HOUR_S) % 24
        awake = (1 + 0.9 * np.cos(2 * np.pi * (hour - 15) / 24)) / 1.9
        times_s = np.append(times_s, tried_s[rng.random(2 * people) < awake])
    return times_s[:people]


def delayed(people: int, rng: np.random.Generator) -> np.ndarray:
    """Nobody can order in the first four seconds; then the crowd comes at one hazard (30 s)."""
    return 4.0 + rng.exponential(30.0, people)


def clusters(people: int, rng: np.random.Generator) -> np.ndarray:
    """People come in groups of uneven size, as a link passes from phone to phone."""
    groups = max(people // 15, 3)
    starts_s = 60.0 * rng.weibull(0.8, groups)
    sizes = rng.gamma(0.7, 1.0, groups)
    group = rng.choice(groups, people, p=sizes / sizes.sum())
    return starts_s[group] + rng.exponential(3.0, people)


def lognormal_rates(people: int, rng: np.random.Generator) -> np.ndarray:
    """Everybody has a pace of their own: log rates are normal with standard deviation 1.5."""
    rates = np.exp(rng.normal(0, 1.5, people)) / 60.0
    return rng.exponential(1.0, people) / rates


def server_queue(people: int, rng: np.random.Generator) -> np.ndarray:
    """Let a crowd of 20 s queue before a shop that serves a sixtieth of it a second."""
    arrivals_s = np.sort(rng.exponential(20.0, people))
    service_s = rng.gamma(4.0, 0.25, people) * 60.0 / people
    return serve_in_turn(arrivals_s, service_s)


def bots_then_people(people: int, rng: np.random.Generator, bot_share: float = 0.2) -> np.ndarray:
    """Bots order within three seconds, people take their time (a gamma law of 60 s)."""
    is_bot = rng.random(people) < bot_share
    by_bots_s = rng.uniform(0.2, 3.0, people)
    by_people_s = 1.0 + rng.gamma(1.5, 40.0, people)
    return np.where(is_bot, by_bots_s, by_people_s)


def retries(people: int, rng: np.random.Generator) -> np.ndarray:
    """Let two orders in five fail at the till; those people try again after some 15 s each time."""
    failures = rng.geometric(0.6, people) - 1
    return rng.gamma(1.2, 20.0, people) + rng.gamma(np.maximum(failures, 1e-9), 15.0)


def live_stream(people: int, rng: np.random.Generator) -> np.ndarray:
    """Let a host call every 90 s, each time to fewer; three in ten come on their own (120 s)."""
    calls = rng.geometric(0.35, people) - 1
    when_called_s = 90.0 * calls + rng.weibull(0.9, people) * 12.0
    return np.where(rng.random(people) < 0.3, rng.exponential(120.0, people), when_called_s)


def word_of_mouth(people: int, rng: np.random.Generator) -> np.ndarray:
    """Everybody who comes brings others some 20 s later, 0.6 on average (Hawkes 1971)."""
    generation_s = rng.exponential(45.0, people)
    times_s = generation_s
    while len(generation_s):
        brought = rng.poisson(0.6, len(generation_s))
        generation_s = np.repeat(generation_s, brought) + rng.exponential(20.0, brought.sum())
        times_s = np.append(times_s, generation_s)
    return rng.choice(times_s, people, replace=False)


COUNTED: dict[str, Process] = {
    "two speeds": two_speeds,
    "diurnal stream": diurnal_stream,
    "delayed": delayed,
    "clusters": clusters,
    "lognormal rates": lognormal_rates,
    "server queue": server_queue,
    "bots, then people": bots_then_people,
    # Added when all constants stood, and never looked at before they were counted.
    "retries": retries,
    "live stream": live_stream,
    "word of mouth": word_of_mouth,
}


# ---- calibration: on these crowds constants were set ----


def three_speeds(people: int, rng: np.random.Generator) -> np.ndarray:
    """Three crowds, each at its own hazard; shares and hazards are drawn."""
    shares = rng.dirichlet([1.0, 1.0, 1.0])
    means_s = 10.0 * np.exp(np.cumsum(rng.uniform(0, np.log(30), 3)) / 1.5)
    return rng.exponential(means_s[rng.choice(3, people, p=shares)])


def random_walk(people: int, rng: np.random.Generator) -> np.ndarray:
    """Let the log of the rate fall steadily and wander on top of it."""
    x = np.linspace(0, 6, 1201)
    steps = rng.normal(0, 0.6 * np.sqrt(x[1]), 1200)
    rates = np.exp(np.cumsum(steps) - x[1:])
    share_by = np.append(0, np.cumsum(rates) / rates.sum())
    return 30.0 * np.interp(rng.random(people), share_by, x)


def power_tail(people: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a tail that falls as a power of time (Lomax), its exponent between 0.8 and 3."""
    return 30.0 * rng.pareto(rng.uniform(0.8, 3.0), people)


def gamma_rates(people: int, rng: np.random.Generator) -> np.ndarray:
    """Everybody has a pace of their own, by a gamma law, and hazards that grow a little."""
    shape = rng.uniform(0.6, 2.5)
    pace = rng.gamma(shape, 1 / shape, people)
    return 40.0 * rng.weibull(1.3, people) / pace


def members_then_public(people: int, rng: np.random.Generator) -> np.ndarray:
    """Members come at once, the public from 20 to 200 s later."""
    is_member = rng.random(people) < rng.uniform(0.15, 0.6)
    public_from_s = rng.uniform(20.0, 200.0)
    by_public_s = public_from_s + rng.gamma(1.3, rng.uniform(20.0, 90.0), people)
    return np.where(is_member, rng.exponential(15.0, people), by_public_s)


def hazard_steps(people: int, rng: np.random.Generator) -> np.ndarray:
    """Let the hazard jump up or down at five moments."""
    hazards = np.exp(rng.normal(0, 0.8, 6))
    moments = np.append(0, np.cumsum(rng.exponential(0.4, 5)))
    by_moment = np.append(0, np.cumsum(hazards[:5] * np.diff(moments)))
    level = rng.exponential(1.0, people)
    step = np.searchsorted(by_moment, level, side="right") - 1
    return 50.0 * (moments[step] + (level - by_moment[step]) / hazards[step])


def news_wave(people: int, rng: np.random.Generator) -> np.ndarray:
    """News spreads as a logistic curve and dies out; the sale opens somewhere on it."""
    start = rng.uniform(0, 3)
    before = 1 / (1 + np.exp(start))
    share = before + (1 - before) * rng.random(people)
    return 20.0 * (np.log(share / (1 - share)) + start)


def slow_tail(people: int, rng: np.random.Generator) -> np.ndarray:
    """Mix a quick gamma crowd with others by a slow Weibull law."""
    is_quick = rng.random(people) < rng.uniform(0.3, 0.8)
    quick_s = rng.gamma(rng.uniform(0.7, 2.0), 10.0, people)
    slow_s = rng.uniform(100.0, 1500.0) * rng.weibull(0.8, people)
    return np.where(is_quick, quick_s, slow_s)


def tides(people: int, rng: np.random.Generator) -> np.ndarray:
    """Interest that fades and comes and goes every three to seven hours."""
    period_s = rng.uniform(3, 7) * HOUR_S
    swing = rng.uniform(0.4, 0.95)
    phase = rng.uniform(0, 2 * np.pi)
    mean_s = rng.uniform(1, 6) * period_s
    times_s = np.empty(0)
    while len(times_s) < people:
        tried_s = rng.exponential(mean_s, 2 * people)
        open_share = (1 + swing * np.cos(2 * np.pi * tried_s / period_s + phase)) / (1 + swing)
        times_s = np.append(times_s, tried_s[rng.random(2 * people) < open_share])
    return times_s[:people]


def few_bursts(people: int, rng: np.random.Generator) -> np.ndarray:
    """Half come on their own (60 s), half in a few bursts of very uneven size."""
    bursts = rng.integers(8, 60)
    starts_s = rng.exponential(60.0, bursts)
    sizes = rng.pareto(1.5, bursts) + 0.1
    burst = rng.choice(bursts, people, p=sizes / sizes.sum())
    in_burst_s = starts_s[burst] + rng.exponential(4.0, people)
    return np.where(rng.random(people) < 0.5, rng.exponential(60.0, people), in_burst_s)


CALIBRATION: dict[str, Process] = {
    "three speeds": three_speeds,
    "random walk": random_walk,
    "power tail": power_tail,
    "gamma rates": gamma_rates,
    "members, then public": members_then_public,
    "steps of the hazard": hazard_steps,
    "wave of news": news_wave,
    "slow tail": slow_tail,
    "tides": tides,
    "few bursts": few_bursts,
}


# ---- a second wave after the stock is gone is in no log; shown, not asked for ----


def second_wave(people: int, rng: np.random.Generator) -> np.ndarray:
    """Six of ten come at the opening (30 s), the others after an hour, when the stock is gone."""
    is_first = rng.random(people) < 0.6
    return np.where(
        is_first, rng.exponential(30.0, people), HOUR_S + rng.exponential(600.0, people)
    )


def serve_in_turn(arrivals_s: np.ndarray, service_s: np.ndarray) -> np.ndarray:
    """Return when each of a queue was served, one after another.

    Parameters
    ----------
    arrivals_s : array (people,)
        Rising times at which they came.
    service_s : array (people,)
        Seconds that each takes.

    Returns
    -------
    array (people,)
        Rising times at which they were done (Lindley 1952).

    Examples
    --------
    >>> serve_in_turn(np.array([0.0, 1.0, 9.0]), np.array([2.0, 2.0, 2.0])).tolist()
    [2.0, 4.0, 11.0]
    """
    served_by = np.cumsum(service_s)
    before = np.append(0, served_by[:-1])
    return served_by + np.maximum.accumulate(arrivals_s - before)

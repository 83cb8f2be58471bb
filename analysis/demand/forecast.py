"""Demand of a launch that supply may hold back: its paths, priors from comparable launches, forecasts given what was seen."""

import warnings
from collections import namedtuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit, logit, logsumexp
from scipy.stats import norm, qmc

from ..data.launches import Launch
from ..data.tables import DataError, load_table
from ..look.wording import Shown
from .diffusion import (
    bass_share,
    check_numbers,
    ends,
    fit_bass,
    fit_bass_series,
    forecast_long,
    sample_posterior,
)

__all__ = ["fit_bass", "fit_bass_series", "forecast_long"]
TERMS = {
    "potential": "phones",
    "p": "per week",
    "q": "per week",
    "opening": "share of potential",
    "leave": "per week",
}
COUNT_NOISE = 0.05  # sd in logs of a press count, rounded and its day approximate (assumed)
APART = (
    4 / 3
)  # ratio of weeks of counts that are used, the last first: nearer ones share the model's error
# Launches, arrays (draws, steps) of people or phones at step ends: of `potential` everybody owns one (`sold`), is `waiting`, has
# `left` or is `untouched`; what was supplied is sold or in `stock`; `bound` is the share of the step with nothing in stock.
Paths = namedtuple(
    "Paths", "sold waiting left untouched stock bound potential opening leave supply step"
)


def sell(room, owners, waiting, rest, p, q, leave):
    """One step: sold, then owners, waiting, untouched, share of it out of stock; hazard p + q x owners, exact (Ho and others 2002)."""
    served = np.minimum(waiting, room)
    owners, waiting, room = owners + served, waiting - served, room - served
    hazard, push, dry = p + q * owners, q * rest, 1.0 * (room <= 0)
    if not dry.all():
        gone = np.exp(-hazard - push)
        bought = rest * hazard * (1 - gone) / (hazard + push * gone + 1e-300)
        if len(
            out := np.flatnonzero((bought > room) & (dry == 0))
        ):  # the stock lasts for a part of the step
            h, s, kept = (x.ravel()[out] for x in (hazard, push, 1 - room / rest))
            dry.ravel()[out] = np.fmax(
                1 - np.log((h + s * (1 - kept)) / (h * kept)) / (h + s), 1e-12
            )
        bought = np.minimum(bought, room)
        served, owners, rest = served + bought, owners + bought, rest - bought
        if not dry.any():
            return served, owners, waiting, rest, dry
        hazard = p + q * owners
    hazard, leave = hazard * dry, np.fmin(leave, 1e300) * dry
    gone, stay, lag = np.exp(-hazard), np.exp(-leave), leave - hazard
    near = np.abs(lag) < 1e-6
    patient = np.where(near, gone * (1 - lag / 2), (gone - stay) / np.where(near, 1, lag))
    return served, owners, waiting * stay + rest * hazard * patient, rest * gone, dry


def simulate_launch(
    supply_units, *, potential, p, q, opening=0.0, leave=0.0, step: float = 1.0
) -> Paths:
    """Paths by draw: supply comes as each step (weeks) starts and is kept; rates a week; ValueError, by name, for what cannot be."""
    given = {
        "supply_units": supply_units,
        "potential": potential,
        "p": p,
        "q": q,
        "opening": opening,
        "leave": leave,
    }
    supply, *rest = (check_numbers(name, value) for name, value in given.items())
    if not supply.sum() > 0 or (rest[3] > 1).any() or not step > 0:
        raise ValueError(
            f"supply {supply.sum():g}, opening {rest[3].max():g}, step {step:g}; expected above 0, 0 to 1, above 0"
        )
    supply, *rest = np.broadcast_arrays(np.atleast_2d(supply), *(x.reshape(-1, 1) for x in rest))
    m, p, q, opening, leave = (x[:, 0] for x in rest)
    pace = p * step, q * step / np.fmax(m, 1e-300), leave * step
    owners, waiting, rest, stock, steps = 0 * m, m * opening, m * (1 - opening), 0 * m, []
    for arrived in supply.T:
        sold, owners, waiting, rest, dry = sell(stock + arrived, owners, waiting, rest, *pace)
        stock = np.fmax(stock + arrived - sold, 0)
        steps.append((owners, waiting, np.fmax(m - owners - waiting - rest, 0), rest, stock, dry))
    return Paths(*np.moveaxis(steps, 0, 2), m, opening, leave, supply, step)


def wait_weeks(paths: Paths) -> np.ndarray:
    """Weeks from each step's end until the last in line then gets a phone (first come, first served); infinite if never here."""
    k = np.arange(paths.sold.shape[1])
    rate = np.minimum(paths.leave * paths.step, 700 / len(k))[
        :, None
    ]  # as some leave, a later phone serves more of those here
    came = np.cumsum(paths.supply * np.exp(rate * k), axis=1)
    enough = (
        came[:, None, :]
        >= ((came + paths.waiting * np.exp(rate * (k + 1))) * (1 - 1e-12))[:, :, None]
    )
    later = np.where(enough.any(2), enough.argmax(2) - k - 1, np.inf)
    return np.where(paths.waiting < 1, 0.0, np.fmax(later, 0) * paths.step)


def sold_at(paths: Paths, weeks) -> np.ndarray:
    """Units sold by each week (draws, weeks), the opening crowd at week 0: in each step a straight line until the stock is gone."""
    sold, at = (
        np.c_[np.minimum(paths.potential * paths.opening, paths.supply[:, 0]), paths.sold],
        np.divide(weeks, paths.step),
    )
    k = np.clip(np.ceil(at).astype(int), 1, paths.sold.shape[1])
    return sold[:, k - 1] + np.diff(sold)[:, k - 1] * np.minimum(
        (at - k + 1) / np.fmax(1 - paths.bound[:, k - 1], 1e-9), 1
    )


def increase(total) -> tuple[np.ndarray, np.ndarray]:
    """Increase from count to count (columns), and the sd of its log that noise in those counts gives it."""
    before = np.pad(total, ((0, 0), (1, 0)))[:, :-1]
    rise = np.fmax(total - before, 1e-9 * np.max(total, initial=1))
    return rise, COUNT_NOISE * np.hypot(total, before) / rise


def free_error(paths: Paths, weeks, model_error: float) -> np.ndarray:
    """Sd by which the log of each increase from count to count misses the curve: the model's while supply does not bind."""
    bound = np.pad(np.cumsum(paths.bound, axis=1), ((0, 0), (1, 0)))
    ends = np.clip(np.ceil(np.r_[0, weeks] / paths.step).astype(int), 0, bound.shape[1] - 1)
    return model_error * (1 - np.diff(bound[:, ends], axis=1) / np.fmax(np.diff(ends), 1))


def count_loglik(paths: Paths, weeks, units, model_error: float) -> np.ndarray:
    """Log-likelihood of cumulative counts by draw: their logs are normal about the curve, with `COUNT_NOISE` of each count and, carried
    on from increase to increase, the model's error (to second order in the mean, to first in the variance)."""
    total, error = (
        np.fmax(sold_at(paths, weeks), 1e-9 * units.max()),
        free_error(paths, weeks, model_error)[:, None],
    )
    weight = np.tril(np.diff(total, axis=1, prepend=0)[:, None] / total[:, :, None])
    part, lift = weight * error, (weight * error**2 * (1 - weight)).sum(2) / 2
    root = np.linalg.cholesky(part @ part.transpose(0, 2, 1) + COUNT_NOISE**2 * np.eye(len(weeks)))
    miss = np.linalg.solve(root, (np.log(units / total) - lift)[:, :, None])
    return -(miss**2).sum((1, 2)) / 2 - np.log(np.einsum("dii->di", root)).sum(1)


class Prior(namedtuple("Prior", "mean sd model_error sequences")):
    """Launches before any data: normal in the logs of TERMS, the logit of opening; sd in logs by which counts miss the curve."""

    def values(self, z) -> dict[str, np.ndarray]:
        """Potential, p, q, opening and leave of standard normals (draws, 5 or more)."""
        raw = zip(TERMS, self.mean[:, None] + self.sd[:, None] * z[:, :5].T, strict=True)
        return {term: expit(x) if term == "opening" else np.exp(x) for term, x in raw}


def milestone_sequences(
    leave_out: str = "", *, until: str = "2199-12-31", least: int = 2
) -> pd.DataFrame:
    """Counts sold or shipped by model or series, weeks since first sale; no falls, no `leave_out` family, none after `until`."""
    curve, devices = ["device", "market"], load_table("devices")[["device", "family", "scope"]]
    counts = (
        load_table("device_sales")
        .merge(devices, on="device")
        .query("cumulative and units > 0 and period_end <= @until")
    )
    counts = counts.query(
        "kind in ('sold', 'shipped') and scope in ('model', 'series') and family != @leave_out"
    )
    counts = counts.assign(days=(counts["period_end"] - counts["period_start"]).dt.days + 1).query(
        "days > 0"
    )
    counts = counts.sort_values([*curve, "days", "units"])
    counts = counts[counts["units"] >= counts.groupby(curve)["units"].cummax()].drop_duplicates(
        [*curve, "days"], keep="last"
    )
    counts = (
        counts.groupby([*curve, "units"], as_index=False)["days"]
        .mean()
        .assign(weeks=lambda c: c["days"] / 7)
    )
    return counts[counts.groupby(curve)["units"].transform("size") >= least].reset_index(drop=True)


def fit_prior(sequences: pd.DataFrame, *, leave=(0.07, 1.0), points: int = 512) -> Prior:
    """Empirical Bayes over `milestone_sequences`: a crowd, a Bass curve and counts that miss it; `leave` (median, sd in logs) is assumed.
    The potential integrates out, the rest over Sobol points; two sequences' worth of a wide guess keeps spreads from collapsing."""
    groups = [group for _, group in sequences.groupby(["device", "market"])]
    seen = [
        (g["weeks"].to_numpy(), *(x[0] for x in increase(g["units"].to_numpy()[None])))
        for g in groups
    ]
    u, guess = (
        norm.ppf(qmc.Sobol(3, rng=1).random(points)),
        np.array([16.0, -4.0, -2.5, -3.0, 0.4, 0.0, -0.2, 0.4, -1.2]),
    )

    def loss(x):
        (m, *shape), (wide, *wider), error = x[:4], np.exp(x[4:8]), np.exp(x[8])
        p, q, opening = (shape + wider * u).T[:, :, None]
        value = (
            -((x[:4] - guess[:4]) ** 2).sum() / 8
            - 2 * (x[4:] - guess[4:] + np.exp(2 * (guess[4:] - x[4:])) / 2).sum()
        )
        for weeks, rose, noise in seen:
            rise, _ = increase(bass_share(weeks, np.exp(p), np.exp(q), expit(opening)))
            rest, v = np.log(rose / rise) - m, error**2 + noise**2 + 0 * rise
            precision, pull = (1 / v).sum(1) + wide**-2, (rest / v).sum(1)
            value += logsumexp(
                -(
                    np.log(v).sum(1)
                    + np.log(precision * wide**2)
                    + (rest**2 / v).sum(1)
                    - pull**2 / precision
                )
                / 2
            )
        return -value

    x = minimize(loss, guess, method="L-BFGS-B", options={"ftol": 1e-7}).x
    return Prior(
        np.r_[x[:4], np.log(leave[0])],
        np.r_[np.exp(x[4:8]), leave[1]],
        float(np.exp(x[8])),
        len(seen),
    )


class LaunchForecast(
    Shown, namedtuple("LaunchForecast", "values paths effective prior weeks units")
):
    """Posterior draws of one launch: `values` by term, `paths`, effective sample size, prior, `weeks` and `units` of the counts."""

    last = property(
        lambda self: (self.weeks[-1], self.units[-1]) if len(self.weeks) else (0.0, 0.0)
    )

    def weekly(self, level: float = 0.8) -> pd.DataFrame:
        """Bands of the curve under the supply given: quantity (sold, sales, waiting, wait_weeks, left), week, low, median, high."""
        sold, waits = self.sold_by_step(), wait_weeks(self.paths)
        got = {
            "sold": sold[:, 1:],
            "sales": np.diff(sold, axis=1),
            "waiting": self.paths.waiting,
            "left": self.paths.left,
        }
        got, weeks = (
            got | {"wait_weeks": waits},
            pd.Index(self.paths.step * np.arange(1, sold.shape[1]), name="week"),
        )
        tables = {
            name: pd.DataFrame(ends(x, level).T, weeks, ["low", "median", "high"])
            for name, x in got.items()
        }
        return pd.concat(tables, names=["quantity"]).reset_index()

    def sold_by(self, week: float, seed: int = 1) -> np.ndarray:
        """Draws of units sold by a week: the curve between the counts, after the last with model error while supply does not bind."""
        (since, counted), step = self.last, self.paths.step
        if week <= since:
            weeks, units, k = (
                np.r_[0, self.weeks],
                np.r_[0, self.units],
                max(np.searchsorted(self.weeks, week) + 1, 1),
            )
            before, here, after = sold_at(self.paths, [weeks[k - 1], week, weeks[k]]).T
            before = before * (k > 1)
            return units[k - 1] + (units[k] - units[k - 1]) * (here - before) / np.fmax(
                after - before, 1e-300
            )
        rise = sold_at(self.paths, [week])[:, 0] - (
            sold_at(self.paths, [since])[:, 0] if since else 0
        )
        free = 1 - self.paths.bound[
            :, int(since / step) : max(int(since / step) + 1, int(np.ceil(week / step)))
        ].mean(1)
        sold = counted + rise * np.exp(
            self.prior.model_error * free * np.random.default_rng(seed).standard_normal(len(rise))
        )
        return np.clip(
            sold, 0, np.fmax(counted, self.paths.supply[:, : int(np.ceil(week / step))].sum(1))
        )

    def sold_by_step(self) -> np.ndarray:
        """Draws of units sold by each step's end, after a column of zeros (draws, 1 + steps); no falls."""
        sold = [self.sold_by(self.paths.step * k) for k in range(1, self.paths.sold.shape[1] + 1)]
        return np.maximum.accumulate(np.column_stack([np.zeros(len(sold[0])), *sold]), axis=1)

    def reached(self, units: float, level: float = 0.8) -> np.ndarray:
        """Weeks until so many are sold, infinite where not in the weeks simulated: low, median, high."""
        sold = self.sold_by_step()
        k, row = np.fmax((sold >= units).argmax(1), 1), np.arange(len(sold))
        part = (units - sold[row, k - 1]) / np.fmax(sold[row, k] - sold[row, k - 1], 1e-300)
        return ends(np.where(sold[:, -1] >= units, (k - 1 + part) * self.paths.step, np.inf), level)

    def table(self, level: float = 0.8) -> pd.DataFrame:
        """term, estimate, low, high, unit, the same of the prior, and spread: sd of the log over the prior's (1: not moved)."""
        draws, at = (
            np.array([*self.values.values()]),
            norm.ppf([(1 - level) / 2, 0.5, (1 + level) / 2]),
        )
        prior = np.array([*self.prior.values(np.outer(at, np.ones(5))).values()])
        logs = np.where(np.arange(5)[:, None] == 3, logit(draws), np.log(draws))
        names = ["low", "estimate", "high", "prior_low", "prior", "prior_high"]
        table = pd.DataFrame(np.c_[ends(draws.T, level).T, prior], columns=names).assign(
            term=[*TERMS], unit=[*TERMS.values()]
        )
        return table[["term", "estimate", "low", "high", "unit", *names[3:]]].assign(
            spread=logs.std(1) / self.prior.sd
        )


def fit_launch(
    supply_units, prior, *, counts=None, sold_out=(), registrations=None, step=1.0, **sampler
) -> LaunchForecast:
    """Posterior of a launch by supply (steps,) or (draws, steps), cumulative `counts` (week, units, kind) and flags `sold_out` by step
    (1, 0, NaN unknown; wrong with chance 0.05); what a bound step sold says no more. `registrations`: people, of whom 0.67 come (the
    Mi 1's), sd 1 in logs. Few effective draws are a warning."""
    supply = np.atleast_2d(check_numbers("supply_units", supply_units))
    supply, one = (
        supply[np.argsort(supply.sum(1))],
        len(supply) == 1,
    )  # one more normal picks the draw, in order of their totals
    told = check_counts(counts, supply, step)[["week", "units"]]
    (weeks, units), flags = thin_counts(told).to_numpy(float).T, np.array(sold_out, dtype=float)
    known = np.flatnonzero(np.isfinite(flags))

    def simulate(z):
        row = (
            0 if one else np.minimum((norm.cdf(z[:, 5]) * len(supply)).astype(int), len(supply) - 1)
        )
        return simulate_launch(supply[row], **prior.values(z), step=step)

    def loglik(z):
        paths = simulate(z)
        total = count_loglik(paths, weeks, units, prior.model_error) if len(units) else 0
        if registrations:
            total = total + norm.logpdf(
                np.log(paths.potential * paths.opening / registrations), np.log(0.67), 1.0
            )
        return total + np.log(
            np.where((paths.bound[:, known] > 0) == flags[known], 0.95, 0.05)
        ).sum(1)

    z, effective = sample_posterior(loglik, 5 if one else 6, **sampler)
    if effective < sampler.get("target", 400):
        warnings.warn(
            f"effective sample size {effective:.0f}; quantiles are rougher than asked", stacklevel=2
        )
    return LaunchForecast(prior.values(z), simulate(z), effective, prior, *told.to_numpy(float).T)


def check_counts(counts, supply, step: float) -> pd.DataFrame:
    """Counts of sales in order of weeks, without falls and orders (no sales yet). Falls, early counts and more than supplied raise
    ValueError where neither noise nor kind explains them, else warn; both name the row."""
    table = pd.DataFrame({"week": [], "units": []} if counts is None else counts)
    table = table.assign(
        week=pd.to_numeric(table["week"]), units=check_numbers("units", table["units"])
    ).sort_values("week")
    kept, top, kind, noise = [], 0.0, "", np.exp(3 * COUNT_NOISE * np.sqrt(2))
    for row in table.assign(kind=table.get("kind", "sold")).itertuples():
        came, ordered = (
            supply[:, : int(np.ceil(max(row.week, 0) / step - 1e-9))].sum(1).max(),
            row.kind == "ordered",
        )
        faults = {"before the first sale": (not row.week > 0, ordered or row.kind == "shipped")}
        faults[f"down from {top:g}"] = row.units < top, row.units * noise > top or row.kind != kind
        faults[f"more than the {came:g} supplied"] = (
            row.units > came > 0,
            row.units < came * noise or ordered,
        )
        for what, (_, explained) in ((what, found) for what, found in faults.items() if found[0]):
            said = f"counts, row {row.Index}: {row.units:g} {row.kind} by week {row.week:g}, {what}"
            if not explained:
                raise ValueError(f"{said}; expected rising counts of what was supplied")
            warnings.warn(said, stacklevel=3)
        if row.week > 0 and not ordered and row.units > top:
            kept, top, kind = [*kept, row.Index], row.units, row.kind
    return table.loc[kept]


def thin_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """The last count and, going back, each that is `APART` from the one kept after it, and not above it."""
    kept, week, units = [], np.inf, np.inf
    for row in counts[::-1].itertuples():
        if row.week * APART <= week + 1e-9 and row.units <= units:
            kept, week, units = [row.Index, *kept], row.week, row.units
    return counts.loc[kept]


def launch_counts(launch: Launch, supply) -> pd.DataFrame:
    """Counts of a launch's own sales for `fit_launch` over the weeks of a supply (draws, weeks): of the phone or of its series, whichever
    is told first. DataError with the file where they fall, come before the first sale or exceed supply and nothing explains it."""
    sales, first = launch.sales, launch.figure("first_sale").value
    counts = sales.assign(week=((sales["date"] - first).dt.days + 1) / 7).query(
        f"week <= {supply.shape[1]}"
    )
    counts = counts[counts["scope"] == counts["scope"].head(1).max()]
    try:
        with warnings.catch_warnings(action="ignore"):
            check_counts(counts, supply, 1.0)
    except ValueError as err:
        raise DataError(f"data/launches/{launch.launch}.yaml: sales: {err}") from None
    return counts

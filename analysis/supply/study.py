"""A launch under limited supply, fitted under each belief about its supply."""

import warnings
from collections import namedtuple
from contextlib import suppress

import numpy as np
import pandas as pd

from ..data.launches import Launch, as_day, as_known_on
from ..data.tables import load_table
from ..demand.forecast import fit_launch, fit_prior, launch_counts, milestone_sequences, sold_at
from .capacity import supply_priors, target_hits

Study = namedtuple("Study", "launch hits prior fits dates day weeks until")


def study_supply(
    launch: Launch, as_of: str = "", *, units: float = 1e6, weeks=26, draws=1000, seed=1
) -> Study:
    """A launch as known on a day, fitted under each of its `supply_priors`; `dates`: weeks to `units` sold (80 %), a row a prior."""
    known, until, families = (
        as_known_on(launch, as_of),
        as_day(as_of),
        load_table("devices").set_index("device")["family"],
    )
    family, first = families.get(launch.device, launch.device), launch.figure("first_sale").value
    dated = {
        "capacity_reports": "report_date",
        "device_sales": "period_end",
        "component_yields": "date",
    }
    reports, sales, yields = (
        load_table(name)[lambda t, day=day: t[day] <= until] for name, day in dated.items()
    )
    hits = target_hits(reports, sales)[lambda t: t["device"].map(families) != family]
    prior = fit_prior(milestone_sequences(family, until=str(until.date())))
    counts = launch_counts(known, np.full((1, weeks), np.inf))
    drops = known.drops.assign(week=(known.drops["date"] - first).dt.days // 7).query(
        "device == @launch.device"
    )
    flags = (
        drops["sold_out"]
        .map({"yes": 1.0, "no": 0.0})
        .groupby(drops["week"])
        .max()
        .reindex(range(weeks))
        .to_numpy()
    )
    fits, rows = {}, []
    for label, supply in supply_priors(known, hits, yields, weeks, draws=draws, seed=seed).items():
        with suppress(ValueError), warnings.catch_warnings(action="ignore"):
            fit = fit_launch(supply, prior, counts=counts, sold_out=flags, draws=draws, seed=seed)
            if (
                not fit.last[0]
                or (np.abs(np.log(sold_at(fit.paths, [fit.last[0]]) / fit.last[1])) < 0.25).any()
            ):
                fits[label] = fit  # some draw comes near the last count
        reached = fits[label].reached(units) if label in fits else np.full(3, np.nan)
        low, mid, high = (
            f"{first + pd.Timedelta(weeks=w):%d %b %Y}" if np.isfinite(w) else "not reached"
            for w in reached
        )
        said = mid if low == mid == high else f"{mid} ({low} to {high})"
        rows.append(
            (
                label,
                label != "no limit",
                *reached,
                said if label in fits else "contradicted by the counts",
            )
        )
    dates = pd.DataFrame(rows, columns=["label", "focus", "low", "estimate", "high", "dates"])
    return Study(known, hits, prior, fits, dates, as_of or "today", weeks, until)

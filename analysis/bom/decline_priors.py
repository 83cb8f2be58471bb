"""All that is assumed about how the cost of a product falls, in one place, with its range.

`MEANS` are unknowns that the evidence moves: normal, with a centre and a standard deviation.
`SPREADS` are how far costings, prices and products scatter: log-normal, with a median and the
factor to its 5 and 95 % points; `SCATTER` is by how much all of them may be off at once, `DOUBT`
likewise the standard deviations of the means, and `RISES` how often a rise is published.
Reasons are of general knowledge or of rows that no pair rests on;
`decline_checks` shows what each prior does to the rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

SPREAD_FACTOR = 3.0  # from the median of a spread to its 95 % point
PARTS = ("memory", "display", "processor", "rest")


@dataclass(frozen=True)
class Prior:
    """What is assumed of one unknown before any evidence.

    Attributes
    ----------
    key : name in the model
    label : name in words
    centre : mean of a normal, median of a log-normal, or middle of an even range
    width : standard deviation of a normal, factor from the median of a log-normal to its 95 %
        point, or half of an even range
    unit : of the centre
    reason : why this centre and this width
    law : "normal", "log-normal" or "even"
    """

    key: str
    label: str
    centre: float
    width: float
    unit: str
    reason: str
    law: str = "normal"

    def quantile(self, probability: float | np.ndarray) -> float | np.ndarray:
        """Return the value below which the unknown lies with a given probability."""
        if self.law == "even":
            return self.centre + self.width * (2 * probability - 1)
        standard = ndtri(probability)
        if self.law == "log-normal":
            return self.centre * self.width ** (standard / ndtri(0.95))
        return self.centre + self.width * standard


COMMON = Prior(
    key="common",
    label="rate of an average part",
    centre=-0.2,
    width=0.3,
    unit="log a year",
    reason="Nearly all electronic parts lie between a rise of a half and a fall by half a year; "
    "rates of parts that others state, from no change to 39 %, lie in the middle.",
)


def _part_beside_common(part: str) -> Prior:
    """Prior of a part beside the average part: one for all, so that evidence tells them apart."""
    return Prior(
        key=part,
        label=f"{part if part != 'rest' else 'all other parts'} beside the average part",
        centre=0.0,
        width=0.25,
        unit="log a year",
        reason="Stated yearly rates of cameras, displays, processors and memory lie within 0.4.",
    )


MEANS = (
    COMMON,
    *(_part_beside_common(part) for part in PARTS),
    Prior(
        "shares",
        "product less the sum of shares times parts",
        0.0,
        0.03,
        "log a year",
        "Shares differ between teardowns by a third, which moves a sum of rates 0.1 apart by 0.03.",
    ),
    Prior(
        "console",
        "console less phone",
        -0.1,
        0.25,
        "log a year",
        "Consoles are redesigned to get cheaper, with fewer parts and smaller chips.",
    ),
    Prior(
        "revision",
        "first estimate replaced by a better one",
        0.0,
        0.08,
        "log",
        "Houses correct first estimates either way, by some 8 %.",
    ),
    Prior(
        "volume_prices",
        "TechInsights' later figure taken from its table of volume prices",
        0.0,
        0.2,
        "log",
        "A later figure without a stage is of a table, not of another teardown.",
    ),
    Prior(
        "house",
        "TechInsights less IHS",
        -0.1,
        0.2,
        "log",
        "Said to run 10 to 30 % below, with assembly of 4 % inside; one phone ran 8 % above.",
    ),
)

SPREADS = tuple(
    Prior(key, label, median, SPREAD_FACTOR, unit, reason, law="log-normal")
    for key, label, median, unit, reason in (
        (
            "costing",
            "noise of one costing of a product",
            0.05,
            "log",
            "Two analysts' figures of one phone differ by 5 to 15 %; one analyst's by less.",
        ),
        ("line", "noise of one line of a costing", 0.08, "log", "Lines are rounded and regrouped."),
        ("price", "noise of one price", 0.15, "log", "Prices a gigabyte depend on the size."),
        (
            "own_costing",
            "noise of a maker's own costing",
            0.03,
            "log",
            "Purchase orders are exact; freight, scrap and exchange rates are not.",
        ),
        (
            "product_walk",
            "wander of a product's cost in a year",
            0.05,
            "log a root year",
            "Walks of parts as below, at their shares.",
        ),
        (
            "memory_walk",
            "wander of a memory price in a year",
            0.3,
            "log a root year",
            "Memory goes in cycles: contract prices rose 4.6 times and halved within two years.",
        ),
        (
            "part_walk",
            "wander of another part's price in a year",
            0.1,
            "log a root year",
            "Displays and processors are bought by contract.",
        ),
        (
            "products",
            "spread of rates between products",
            0.12,
            "log a year",
            "A tenth a year either way, as designs hold more or less of what falls fast.",
        ),
        (
            "parts",
            "spread of rates between parts of one kind",
            0.1,
            "log a year",
            "As between products.",
        ),
        (
            "specification",
            "near specification, not the same",
            0.08,
            "log",
            "A radio or a shell is a tenth of a phone.",
        ),
        (
            "house_noise",
            "two houses, beyond their mean difference",
            0.12,
            "log",
            "Their difference changed sign within a year.",
        ),
    )
)

RISES = Prior(
    key="rises_published",
    label="how often a rise of a product's cost is published, a fall being 1",
    centre=0.75,
    width=0.25,
    unit="share",
    reason="Falls make news: from half as often to as often. Nobody has counted.",
    law="even",
)

SCATTER = Prior(
    key="scatter",
    label="all spreads above at once, over those stated",
    centre=1.4,
    width=2.5,
    unit="factor",
    reason="One judgement stands behind all spreads: they may be off the same way, by a factor of "
    "2.5, and too small more often than too large: people are too sure.",
    law="log-normal",
)

DOUBT = Prior(
    key="doubt",
    label="standard deviations of the means above, over those stated",
    centre=1.4,
    width=2.0,
    unit="factor",
    reason="All of them at once may be off by a factor of 2, and too small more often than too "
    "large: people are too sure.",
    law="log-normal",
)


@dataclass(frozen=True)
class Priors:
    """What is assumed before any evidence: means, and all that is drawn in sets beside them."""

    means: Sequence[Prior] = MEANS
    spreads: Sequence[Prior] = (*SPREADS, SCATTER, DOUBT, RISES)

    def table(self) -> pd.DataFrame:
        """Return one row a prior: what, centre, low and high (95 %), unit, reason."""
        return pd.DataFrame(
            {
                "what": prior.label,
                "centre": prior.centre,
                "low": round(float(prior.quantile(0.025)), 3),
                "high": round(float(prior.quantile(0.975)), 3),
                "unit": prior.unit,
                "reason": prior.reason,
            }
            for prior in (*self.means, *self.spreads)
        )

    def with_change(self, key: str, *, add: float = 0.0, widen: float = 1.0) -> "Priors":
        """Return priors of which one is changed.

        Parameters
        ----------
        key : str
            Of the prior.
        add : float
            Added to the centre; the median of a log-normal is multiplied by its exponential.
        widen : float
            Factor on the width.

        Returns
        -------
        Priors
        """

        def change(prior: Prior) -> Prior:
            if prior.key != key:
                return prior
            is_factor = prior.law == "log-normal"
            centre = prior.centre * np.exp(add) if is_factor else prior.centre + add
            return replace(prior, centre=float(centre), width=prior.width * widen)

        return Priors(
            means=tuple(change(prior) for prior in self.means),
            spreads=tuple(change(prior) for prior in self.spreads),
        )


PRIORS = Priors()

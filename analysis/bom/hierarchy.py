"""How fast the cost of one product falls: one regression over all evidence, with stated priors.

Every row of evidence is the change of a log cost between two dates:

    change = years x (sum over parts of share x rate of the part, + console) + revision
             + volume prices + other house
             + years x deviation of this product + walk over the years + noise of two costings

`decline_evidence` gathers the rows and `decline_priors` holds what is assumed. Given the spreads
the model is linear with normal errors, so that its posterior is exact linear algebra; the spreads
themselves are some hundreds of quasi-random draws, moved to where they matter and weighed by the
likelihood of the rows (adaptive importance sampling; Gelman et al. 2013, ch. 5 and 10). Rises may
be published less often than falls, as in selection models of meta-analysis (Hedges 1992; Copas &
Shi 2000). What a BOM does with a rate is left to `forecast`, how well the rates foretell is left to
`decline_checks`.
"""

from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from ..data import load_table
from ..look import Shown
from .components import part_shares
from .decline_evidence import NEWS, gather_evidence
from .decline_model import error_structure, model_matrix, phone_coefficients
from .decline_priors import DOUBT, PRIORS, RISES, SCATTER, SPREADS, Priors
from .mixture import Interval, NormalMixture
from .pairs import DAYS_A_YEAR

POINTS = 256  # sets of spreads, a power of two as Sobol's sequence wants
MOVES = 3  # of the points to where their weights are
LEAST_WIDTH = 0.6  # of the moved points, in standard deviations of the prior
JITTER = 1e-9  # added to variances, so that two rows of the same two costings can be inverted


@dataclass(frozen=True)
class Decline(Shown):
    """Yearly rates at which costs change, in logs; negative means that the cost falls.

    Attributes
    ----------
    evidence : the rows used (see `gather_evidence`)
    shares : share of a product's cost by part, `PARTS`
    priors : what was assumed
    weights : of each set of spreads, (points,)
    spreads : one row a set of spreads, one column a spread
    means : of the unknowns given each set of spreads, (points, unknowns)
    covariances : likewise, (points, unknowns, unknowns)
    level : of the intervals shown
    """

    evidence: pd.DataFrame = field(repr=False)
    shares: pd.Series = field(repr=False)
    priors: Priors = field(repr=False)
    weights: np.ndarray = field(repr=False)
    spreads: pd.DataFrame = field(repr=False)
    means: np.ndarray = field(repr=False)
    covariances: np.ndarray = field(repr=False)
    level: float = 0.95

    @property
    def rate(self) -> Interval:
        """Rate of the average phone or tablet: low, mid, high."""
        return self.class_rate().interval(self.level)

    @property
    def next_product(self) -> Interval:
        """Rate of one more phone or tablet: low, mid, high."""
        return self.product().interval(self.level)

    def class_rate(self, device_class: str = "phone") -> NormalMixture:
        """Return the mean rate of a class of devices; tablets count with phones.

        Parameters
        ----------
        device_class : str
            "console", or anything else for phones and tablets.

        Returns
        -------
        NormalMixture
            Logs a year.
        """
        is_console = float(device_class == "console")
        return self.combine({**phone_coefficients(self.shares), "console": is_console})

    def part_rate(self, part: str) -> NormalMixture:
        """Return the mean rate of a part, one of `PARTS`, in logs a year."""
        return self.combine({"common": 1.0, part: 1.0})

    def part_gap(self, part: str) -> NormalMixture:
        """Return how far the rate of a part lies above that of the average phone."""
        coefficients = {key: -weight for key, weight in phone_coefficients(self.shares).items()}
        coefficients["common"] += 1
        coefficients[part] += 1
        return self.combine(coefficients)

    def combine(self, coefficients: dict[str, float]) -> NormalMixture:
        """Return a linear combination of the unknowns.

        Parameters
        ----------
        coefficients : dict of str to float
            By the key of a mean in `decline_priors`; the others count zero.

        Returns
        -------
        NormalMixture
        """
        row = np.array([coefficients.get(prior.key, 0.0) for prior in self.priors.means])
        variances = np.einsum("i,pij,j->p", row, self.covariances, row)
        return NormalMixture(
            weights=self.weights, means=self.means @ row, sds=np.sqrt(np.maximum(variances, 0))
        )

    def product(
        self, costings: pd.DataFrame | None = None, device_class: str = "phone"
    ) -> NormalMixture:
        """Return the rate of one product: that of one more, moved by costings of its own.

        Its log costs are a level, a rate by the years, a walk and the noise of a maker's own
        costing. The level is unknown, so that one costing says nothing of the rate, and many far
        apart say nearly all: the rate is shrunk to that of its class by their noise.

        Parameters
        ----------
        costings : DataFrame, optional
            Dated costings of this very product, any number: date, bom_usd.
        device_class : str
            "console", or anything else for phones and tablets.

        Returns
        -------
        NormalMixture
            Logs a year.
        """
        of_class = self.class_rate(device_class)
        variances = of_class.sds**2 + self.spreads["products"].to_numpy() ** 2
        if costings is None or len(costings) < 2:
            return NormalMixture(self.weights, of_class.means, np.sqrt(variances))

        ordered = costings.sort_values("date")
        days = (ordered["date"] - ordered["date"].iloc[0]).dt.days
        years = days.to_numpy(float) / DAYS_A_YEAR
        steps, change = np.diff(years), np.diff(np.log(ordered["bom_usd"].to_numpy(float)))
        covariance = self._errors_of_own_changes(steps)
        covariance = covariance + variances[:, None, None] * np.outer(steps, steps)
        residual = change - of_class.means[:, None] * steps
        solved, log_likelihood = _solve(covariance, residual)
        gain = variances * (solved @ steps)
        along_steps, _ = _solve(covariance, np.broadcast_to(steps, residual.shape))
        left = variances - variances**2 * (along_steps @ steps)
        return NormalMixture(
            weights=_normalise(log_likelihood, self.weights),
            means=of_class.means + gain,
            sds=np.sqrt(np.maximum(left, 0)),
        )

    def _errors_of_own_changes(self, steps: np.ndarray) -> np.ndarray:
        """Covariance of the errors of changes between own costings in a row, a matrix a point.

        Such changes are free of the level of the cost; neighbours share a costing.
        """
        neighbours = np.eye(len(steps), k=1) + np.eye(len(steps), k=-1)
        noise = self.spreads["own_costing"].to_numpy()[:, None, None] ** 2
        walk = self.spreads["product_walk"].to_numpy()[:, None, None] ** 2
        errors = noise * (2 * np.eye(len(steps)) - neighbours) + walk * np.diag(steps)
        return errors + JITTER * np.eye(len(steps))

    def predict(self, rows: pd.DataFrame) -> list[NormalMixture]:
        """Foretell the log changes of rows of evidence that were not used.

        Parameters
        ----------
        rows : DataFrame
            As from `gather_evidence`; each is foretold by itself.

        Returns
        -------
        list of NormalMixture
            One a row.
        """
        matrix = model_matrix(rows, self.shares, self.priors)
        own_sds = _own_sds(error_structure(rows, self.priors), self.spreads)
        changes = [self.combine(row) for row in matrix.to_dict("records")]
        return [
            replace(change, sds=np.hypot(change.sds, own_sd))
            for change, own_sd in zip(changes, own_sds.T, strict=True)
        ]

    @property
    def parts(self) -> pd.DataFrame:
        """How memory and display move against the phone, one row a part, for `forecast_bom`.

        Columns part, share, rate_gap (logs a year above the phone's rate), its standard error se,
        and wander (log a root year).
        """
        walk_of = {"memory": "memory_walk", "display": "part_walk"}
        rows = []
        for part, walk in walk_of.items():
            gap = self.part_gap(part)
            wander = float(self.weights @ self.spreads[walk])
            rows.append((part, self.shares[part], gap.mean, gap.sd, wander))
        return pd.DataFrame(rows, columns=["part", "share", "rate_gap", "se", "wander"])

    def table(self) -> pd.DataFrame:
        """Return one row a term: term, estimate, low, high, unit."""
        quantities = {
            "yearly rate of the average phone": self.class_rate(),
            "the next phone": self.product(),
            **{prior.label: self.combine({prior.key: 1.0}) for prior in self.priors.means},
        }
        units = ["log a year"] * 2 + [prior.unit for prior in self.priors.means]
        rows = []
        for (term, quantity), unit in zip(quantities.items(), units, strict=True):
            low, mid, high = quantity.interval(self.level)
            rows.append({"term": term, "estimate": mid, "low": low, "high": high, "unit": unit})
        return pd.DataFrame(rows)


def fit_decline(
    pairs: pd.DataFrame,
    components: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    devices: pd.DataFrame | None = None,
    teardowns: pd.DataFrame | None = None,
    priors: Priors = PRIORS,
    level: float = 0.95,
) -> Decline:
    """Estimate how fast the cost of one product falls, from every kind of evidence on file.

    The rate of a product is the sum of shares times the rates of its parts. Products differ, costs
    wander, first estimates are revised, and houses differ in method; each has a prior with a stated
    range in `decline_priors`, and so has how often a rise is published.

    Parameters
    ----------
    pairs, components, prices : DataFrame
        As in recosted_pairs.csv, bom_components.csv and component_prices.csv.
    devices, teardowns : DataFrame, optional
        As in devices.csv and bom_teardowns.csv, read where not given.
    priors : Priors
        What is assumed before any evidence.
    level : float
        Level of the intervals shown.

    Returns
    -------
    Decline
        `.rate` and `.next_product` in logs a year (low, mid, high).

    Raises
    ------
    ValueError
        If a cost is not above zero.
    """
    devices = load_table("devices") if devices is None else devices
    teardowns = load_table("bom_teardowns") if teardowns is None else teardowns
    evidence = gather_evidence(pairs, prices, devices)
    return fit_evidence(evidence, part_shares(components, teardowns, devices), priors, level)


def fit_evidence(
    evidence: pd.DataFrame, shares: pd.Series, priors: Priors = PRIORS, level: float = 0.95
) -> Decline:
    """Fit the regression to rows of evidence; without any row it returns the priors.

    Parameters
    ----------
    evidence : DataFrame
        As from `gather_evidence`.
    shares : Series
        Share of a product's cost by part, `PARTS`; they sum to one.
    priors, level
        As in `fit_decline`.

    Returns
    -------
    Decline
    """
    design = model_matrix(evidence, shares, priors).to_numpy()
    structure = error_structure(evidence, priors)
    rows = _Rows(
        design=design,
        structure=structure,
        log_change=evidence["log_change"].to_numpy(float),
        is_news=evidence["source"].isin(NEWS).to_numpy(),
    )
    base = _normal_points(len(priors.spreads))
    normals, log_density_ratio = base, np.zeros(POINTS)
    posterior = _condition(rows, priors, normals, log_density_ratio)
    for _ in range(MOVES):
        normals, log_density_ratio = _move_points(base, normals, posterior.weights)
        posterior = _condition(rows, priors, normals, log_density_ratio)
    return Decline(
        evidence=evidence,
        shares=shares,
        priors=priors,
        weights=posterior.weights,
        spreads=posterior.spreads,
        means=posterior.means,
        covariances=posterior.covariances,
        level=level,
    )


@dataclass(frozen=True)
class _Rows:
    """Rows of evidence as arrays: see `model_matrix` and `error_structure`."""

    design: np.ndarray
    structure: np.ndarray
    log_change: np.ndarray
    is_news: np.ndarray


class _Posterior(NamedTuple):
    """What `Decline` holds, for one collection of sets of spreads."""

    weights: np.ndarray
    spreads: pd.DataFrame
    means: np.ndarray
    covariances: np.ndarray


def _condition(
    rows: _Rows, priors: Priors, normals: np.ndarray, log_density_ratio: np.ndarray
) -> _Posterior:
    """Condition the joint normal of unknowns and rows on the rows, for each set of spreads.

    Parameters
    ----------
    rows : _Rows
    priors : Priors
    normals : array of shape (points, spreads)
        Sets of spreads as standard normals of their priors.
    log_density_ratio : array of shape (points,)
        Log of the density of a set under the priors over that by which it was drawn.

    Returns
    -------
    _Posterior
    """
    probabilities = zip(priors.spreads, ndtr(normals).T, strict=True)
    spreads = pd.DataFrame({prior.key: prior.quantile(share) for prior, share in probabilities})
    own_keys = [prior.key for prior in SPREADS]
    spreads[own_keys] = spreads[own_keys].mul(spreads[SCATTER.key], axis=0)
    centre = np.array([prior.centre for prior in priors.means])
    prior_covariance = np.diag([prior.width**2 for prior in priors.means])

    # Given the spreads: covariance of the unknowns with the rows, and of the rows.
    doubt = spreads[DOUBT.key].to_numpy()[:, None, None] ** 2
    unknowns_with_rows = doubt * (prior_covariance @ rows.design.T)
    errors = np.tensordot(spreads.to_numpy() ** 2, rows.structure, axes=1)
    rows_covariance = rows.design @ unknowns_with_rows + errors + JITTER * np.eye(len(rows.design))
    residual = rows.log_change - rows.design @ centre

    # Posterior of the unknowns, and the likelihood of the rows.
    residuals = np.tile(residual[:, None], (len(spreads), 1, 1))
    right_sides = np.concatenate([residuals, unknowns_with_rows.swapaxes(1, 2)], axis=2)
    solved = np.linalg.solve(rows_covariance, right_sides)
    log_determinants = np.linalg.slogdet(rows_covariance)[1]
    log_likelihood = -(solved[..., 0] @ residual + log_determinants) / 2
    means = centre + np.einsum("pij,pj->pi", unknowns_with_rows, solved[..., 0])
    covariances = doubt * prior_covariance - unknowns_with_rows @ solved[..., 1:]

    shift, log_selection = _weigh_publication(
        means @ rows.design[rows.is_news].T,
        _own_sds(rows.structure, spreads)[:, rows.is_news],
        spreads[RISES.key].to_numpy()[:, None],
        rows.design[rows.is_news],
        covariances,
    )
    weights = _normalise(log_likelihood + log_selection + log_density_ratio)
    return _Posterior(weights, spreads, means + shift, covariances)


@cache
def _normal_points(dimensions: int) -> np.ndarray:
    """Sobol points as standard normals, (points, dimensions), the same in every fit."""
    return ndtri(qmc.Sobol(dimensions, seed=1).random(POINTS))


def _move_points(
    base: np.ndarray, normals: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Move points to where the weights are, so that more of them count (adaptive sampling).

    The new points are normal with the weighted mean and variance of each spread, and never much
    narrower than the prior, so that no tail is missed.

    Returns
    -------
    normals : array of shape (points, spreads)
    log_density_ratio : array of shape (points,)
        Log density of a point under the priors less that by which it was drawn.
    """
    centre = weights @ normals
    sd = np.sqrt(np.maximum(weights @ (normals - centre) ** 2, LEAST_WIDTH**2))
    moved = centre + sd * base
    log_ratio = (base**2 - moved**2).sum(axis=1) / 2 + np.log(sd).sum()
    return moved, log_ratio


def _weigh_publication(
    expected: np.ndarray,
    sds: np.ndarray,
    rises_published: np.ndarray,
    design: np.ndarray,
    covariances: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Move the unknowns by the chance that the published changes had of being published.

    A published change has the density of the model times its chance of being published, over the
    mean of that chance, 1 - (1 - r) P(rise). One over the product of these means multiplies the
    posterior. Its logarithm is taken as linear about the mean of the unknowns, so that the
    posterior stays normal: it moves by covariance times slope.

    Returns
    -------
    shift : array of shape (points, unknowns)
    log_weight : array of shape (points,)
        Mean of that factor over the posterior, in logs.
    """
    standard = expected / sds
    published = 1 - (1 - rises_published) * ndtr(standard)
    density = np.exp(-(standard**2) / 2) / np.sqrt(2 * np.pi)
    slope = ((1 - rises_published) * density / (sds * published)) @ design
    shift = np.einsum("pij,pj->pi", covariances, slope)
    return shift, (slope * shift).sum(axis=1) / 2 - np.log(published).sum(axis=1)


def _own_sds(structure: np.ndarray, spreads: pd.DataFrame) -> np.ndarray:
    """Return the standard deviation of each row about its mean, (points, rows)."""
    own = np.diagonal(structure, axis1=1, axis2=2)
    return np.sqrt(spreads.to_numpy() ** 2 @ own + JITTER)


def _solve(covariances: np.ndarray, residuals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve for the residuals under each covariance, with their log-likelihood but a constant."""
    solved = np.linalg.solve(covariances, residuals[..., None])[..., 0]
    squares = (solved * residuals).sum(axis=-1)
    return solved, -(squares + np.linalg.slogdet(covariances)[1]) / 2


def _normalise(log_likelihood: np.ndarray, weights: np.ndarray | float = 1.0) -> np.ndarray:
    """Weigh by the likelihood, so that the weights sum to one."""
    weighed = weights * np.exp(log_likelihood - log_likelihood.max())
    return weighed / weighed.sum()

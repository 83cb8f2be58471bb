"""How the unknowns and the errors of the regression enter a row of evidence.

The equation stands in `hierarchy`, which solves it; this is its left and its right side as arrays.
"""

import numpy as np
import pandas as pd

from .decline_priors import PARTS, Priors
from .pairs import DAYS_A_YEAR

OTHER_MOVES = {"revision": "revision", "volume_prices": "volume_prices", "house": "other_house"}


def phone_coefficients(shares: pd.Series) -> dict[str, float]:
    """Return by how much each unknown enters the rate of the average phone: shares times parts."""
    return {"common": 1.0, "shares": 1.0, **shares}


def model_matrix(evidence: pd.DataFrame, shares: pd.Series, priors: Priors) -> pd.DataFrame:
    """Tell by how much each unknown enters each row.

    Parameters
    ----------
    evidence : DataFrame
        As from `gather_evidence`.
    shares : Series
        Share of a product's cost by part.
    priors : Priors
        Names of the unknowns, in order.

    Returns
    -------
    DataFrame
        Rows of evidence x unknowns.
    """
    design = pd.DataFrame(0.0, index=evidence.index, columns=[prior.key for prior in priors.means])
    years = evidence["years"].astype(float)
    is_product = evidence["part"] == "product"
    for part in PARTS:
        weight = shares[part] * is_product + (evidence["part"] == part)
        design[part] = weight * years
    design["common"] = years
    design["shares"] = is_product * years
    design["console"] = (is_product & evidence["is_console"].astype(bool)) * years
    for unknown, column in OTHER_MOVES.items():
        design[unknown] = evidence[column].astype(float)
    return design


def error_structure(evidence: pd.DataFrame, priors: Priors) -> np.ndarray:
    """Tell which errors rows share: their covariance for each spread, were it one.

    Parameters
    ----------
    evidence : DataFrame
        As from `gather_evidence`.
    priors : Priors
        Names of the spreads, in order; a name that is no error has a covariance of zero.

    Returns
    -------
    array of shape (spreads, rows, rows)
        The covariance of the rows is the sum of these times the spreads squared.
    """
    years = evidence["years"].to_numpy(float)
    part, source = evidence["part"].to_numpy(), evidence["source"].to_numpy()
    is_product, is_price = part == "product", source == "price series"
    is_line = ~is_product & ~is_price

    # Rows that share a costing share its error, with a sign; rows of one product share its walk
    # over the years that they have in common, and its deviation from the mean rate.
    first, second = evidence["first_costing"].to_numpy(), evidence["second_costing"].to_numpy()
    shared_costing = (
        1.0 * _same(first, first)
        + _same(second, second)
        - _same(first, second)
        - _same(second, first)
    )
    same_product = _same(evidence["product"].to_numpy(), evidence["product"].to_numpy())
    common_years = same_product * _overlap_years(evidence["start"], evidence["end"])
    common_rate = same_product * np.outer(years, years)
    is_near = is_product & (source == "near specification")
    same_twin = _same(evidence["twin"].to_numpy(), evidence["twin"].to_numpy())
    other_house = np.abs(evidence["other_house"].to_numpy(float))
    structure = {
        "costing": shared_costing * np.outer(is_product, is_product),
        "line": shared_costing * np.outer(is_line, is_line),
        "price": shared_costing * np.outer(is_price, is_price),
        "product_walk": common_years * is_product,
        "memory_walk": common_years * (part == "memory"),
        "part_walk": common_years * np.isin(part, ["display", "processor", "rest"]),
        "products": common_rate * is_product,
        "parts": common_rate * ~is_product,
        "specification": same_twin * np.outer(is_near, is_near),
        "house_noise": np.diag(other_house),
    }
    no_error = np.zeros((len(evidence), len(evidence)))
    return np.stack([structure.get(prior.key, no_error) for prior in priors.spreads])


def _same(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Which of the left names equal which of the right ones, (left, right)."""
    return left[:, None] == right


def _overlap_years(start: pd.Series, end: pd.Series) -> np.ndarray:
    """Years that two rows have in common, (rows, rows)."""
    first, last = (day.to_numpy().astype("datetime64[D]").astype(float) for day in (start, end))
    days = np.minimum.outer(last, last) - np.maximum.outer(first, first)
    return np.clip(days, 0, None) / DAYS_A_YEAR

"""A launch that supply may hold back: who buys, who waits and who leaves, step by step.

The Bass curve under limited supply (after Ho, Savin & Terwiesch 2002, Management Science
48:187-206): only owners spread the word, buyers who find no stock wait, and some of those leave.
Without a limit it is the closed form of `bass.bass_share`; where nobody waits it is the model of
lost sales (Kumar & Swaminathan 2003). What is known of a launch, and so which parameters it may
have, is the business of `prior` and `forecast`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike

from .checks import check_numbers


@dataclass(frozen=True)
class LaunchPaths:
    """Launches by draw and step: people and phones at the end of each step.

    Of `potential` people each owns a phone (`sold`), is `waiting`, has `left` or is `untouched`;
    what was supplied is `sold` or in `stock`. Arrays are (draws, steps) unless said otherwise.

    Attributes
    ----------
    sold : array
        Units sold so far.
    waiting : array
        People who wait for a phone.
    left : array
        People who gave up waiting so far.
    untouched : array
        People who have not wanted one yet.
    stock : array
        Units in stock.
    stockout_share : array
        Share of the step with nothing in stock, 0 to 1.
    potential : array (draws,)
        People who would ever buy.
    initial_share : array (draws,)
        Share of the potential that waits when sales open.
    reneging_rate : array (draws,)
        Rate a week at which people who wait leave.
    supply_units : array
        Units that arrive as each step starts.
    step_weeks : float
        Length of a step in weeks.
    steady_supply : bool
        Whether units came over the whole step, so that within it sales rise on a straight line;
        else they came as it started.
    """

    sold: np.ndarray
    waiting: np.ndarray
    left: np.ndarray
    untouched: np.ndarray
    stock: np.ndarray
    stockout_share: np.ndarray
    potential: np.ndarray
    initial_share: np.ndarray
    reneging_rate: np.ndarray
    supply_units: np.ndarray
    step_weeks: float
    steady_supply: bool = False

    def select(self, rows: np.ndarray) -> LaunchPaths:
        """Return the launches of some draws, by their numbers; one may come more than once."""
        arrays = {
            one.name: getattr(self, one.name)[rows]
            for one in fields(self)
            if one.name not in ("step_weeks", "steady_supply")
        }
        return replace(self, **arrays)


@dataclass(frozen=True)
class LaunchStep:
    """What one step does to a launch; arrays of one shape, in people or phones.

    Attributes
    ----------
    sold : array
        Units sold in the step.
    owners : array
        People who own a phone at its end.
    waiting : array
        People who wait for one at its end.
    untouched : array
        People who have not wanted one by its end.
    stockout_share : array
        Share of the step with nothing in stock, 0 to 1.
    """

    sold: np.ndarray
    owners: np.ndarray
    waiting: np.ndarray
    untouched: np.ndarray
    stockout_share: np.ndarray


def advance_one_step(
    available_units: np.ndarray,
    owners: np.ndarray,
    waiting: np.ndarray,
    untouched: np.ndarray,
    p: np.ndarray,
    q: np.ndarray,
    reneging_rate: np.ndarray,
) -> LaunchStep:
    """Advance launches by one step, exactly.

    People who wait are served first. While there is stock, people who want a phone buy it, with
    hazard p + q owners; once it is gone they wait, and those who wait leave at `reneging_rate`.
    Both phases have closed forms, so a step may have any length.

    Parameters
    ----------
    available_units : array
        Phones to sell in the step.
    owners, waiting, untouched : array
        People at the start of the step.
    p : array
        Rate a step of those who decide alone.
    q : array
        Rate a step and owner of those who follow owners.
    reneging_rate : array
        Rate a step at which people who wait leave.

    Returns
    -------
    LaunchStep
    """
    served = np.minimum(waiting, available_units)
    owners = owners + served
    waiting = waiting - served
    stock = available_units - served
    stockout_share = 1.0 * (stock <= 0)
    hazard = p + q * owners

    if not stockout_share.all():
        bought, stockout_share = _sell_from_stock(stock, untouched, hazard, q, stockout_share)
        served = served + bought
        owners = owners + bought
        untouched = untouched - bought
        if not stockout_share.any():
            return LaunchStep(served, owners, waiting, untouched, stockout_share)
        hazard = p + q * owners

    # Only where stock ran out does anybody begin to wait, or leave: the rest stays as it is.
    is_short = stockout_share > 0
    short_for = stockout_share[is_short]
    reneging_rate = np.broadcast_to(np.fmin(reneging_rate, 1e300), is_short.shape)
    waiting, untouched = waiting.copy(), untouched.copy()
    waiting[is_short], untouched[is_short] = _wait_out_of_stock(
        waiting[is_short],
        untouched[is_short],
        hazard[is_short] * short_for,
        reneging_rate[is_short] * short_for,
    )
    return LaunchStep(served, owners, waiting, untouched, stockout_share)


def _sell_from_stock(
    stock: np.ndarray,
    untouched: np.ndarray,
    hazard: np.ndarray,
    q: np.ndarray,
    stockout_share: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return units bought while stock lasts and the share of the step without stock.

    With U untouched people and h = p + q owners, the Bass equation solved over a step of length
    one sells  U h (1 - e^-(h + qU)) / (h + qU e^-(h + qU)).  Where that exceeds the stock S, the
    share of the step after which U - S are left comes from the same solution:
    log((h + qU (1 - k)) / (h k)) / (h + qU)  with  k = 1 - S / U.
    """
    pull = q * untouched
    decay = np.exp(-hazard - pull)
    bought = untouched * hazard * (1 - decay) / (hazard + pull * decay + 1e-300)

    runs_out = (bought > stock) & (stockout_share == 0)
    if runs_out.any():
        h, s = hazard[runs_out], pull[runs_out]
        unsold = (1 - stock / untouched)[runs_out]
        in_stock_share = np.log((h + s * (1 - unsold)) / (h * unsold)) / (h + s)
        stockout_share = stockout_share.copy()
        stockout_share[runs_out] = np.fmax(1 - in_stock_share, 1e-12)
    return np.minimum(bought, stock), stockout_share


def _wait_out_of_stock(
    waiting: np.ndarray, untouched: np.ndarray, hazard: np.ndarray, reneging: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return people waiting and untouched after a time without stock, in which nobody buys.

    With hazard h and reneging r over that time, dU = -h U and dW = h U - r W give
    W e^-r + U h (e^-h - e^-r) / (r - h); the fraction tends to e^-h where r nears h.
    """
    share_still_untouched = np.exp(-hazard)
    share_still_waiting = np.exp(-reneging)
    difference = reneging - hazard
    is_nearly_zero = np.abs(difference) < 1e-6

    # (e^-h - e^-r) / (r - h): those still waiting at the end, over those untouched and the hazard.
    newly_waiting_ratio = np.where(
        is_nearly_zero,
        share_still_untouched * (1 - difference / 2),
        (share_still_untouched - share_still_waiting) / np.where(is_nearly_zero, 1, difference),
    )
    newly_waiting = untouched * hazard * newly_waiting_ratio
    return waiting * share_still_waiting + newly_waiting, untouched * share_still_untouched


def simulate_launch(
    supply_units: ArrayLike,
    *,
    potential: ArrayLike,
    p: ArrayLike,
    q: ArrayLike,
    initial_share: ArrayLike = 0.0,
    reneging_rate: ArrayLike = 0.0,
    step_weeks: float = 1.0,
    steady_supply: bool = False,
) -> LaunchPaths:
    """Simulate launches under limited supply.

    Parameters
    ----------
    supply_units : array_like (steps,) or (draws, steps)
        Units that arrive as each step starts; what is not sold is kept.
    potential : array_like, one or (draws,)
        People who would ever buy.
    p, q : array_like, one or (draws,)
        Rates a week: of people who decide alone, and of those who follow owners.
    initial_share : array_like, one or (draws,)
        Share of the potential that waits when sales open.
    reneging_rate : array_like, one or (draws,)
        Rate a week at which people who wait leave.
    step_weeks : float
        Length of a step in weeks.
    steady_supply : bool
        Whether units come over the whole step. Steps end alike; it says what `sold_at` draws
        between their ends.

    Returns
    -------
    LaunchPaths

    Raises
    ------
    ValueError
        If something is below 0, a gap or text; if there is no supply; if a share is above 1.

    Examples
    --------
    >>> paths = simulate_launch([100, 0, 50], potential=1000, p=0.1, q=0.3)
    >>> paths.sold.round().tolist()
    [[100.0, 100.0, 150.0]]
    """
    supply, people = _check_launch(
        supply_units,
        {
            "potential": potential,
            "p": p,
            "q": q,
            "initial_share": initial_share,
            "reneging_rate": reneging_rate,
        },
        step_weeks,
    )
    potential, initial_share = people["potential"], people["initial_share"]

    # Rates a step; the pull of owners is spread over the potential.
    p_step = people["p"] * step_weeks
    q_step = people["q"] * step_weeks / np.fmax(potential, 1e-300)
    reneging_step = people["reneging_rate"] * step_weeks

    owners = 0 * potential
    waiting = potential * initial_share
    untouched = potential * (1 - initial_share)
    stock = 0 * potential
    ends_of_steps = []
    for arrived in supply.T:
        step = advance_one_step(
            stock + arrived, owners, waiting, untouched, p_step, q_step, reneging_step
        )
        owners, waiting, untouched = step.owners, step.waiting, step.untouched
        stock = np.fmax(stock + arrived - step.sold, 0)
        left = np.fmax(potential - owners - waiting - untouched, 0)
        ends_of_steps.append((owners, waiting, left, untouched, stock, step.stockout_share))

    sold, waiting, left, untouched, stock, stockout_share = np.moveaxis(ends_of_steps, 0, 2)
    return LaunchPaths(
        sold=sold,
        waiting=waiting,
        left=left,
        untouched=untouched,
        stock=stock,
        stockout_share=stockout_share,
        potential=potential,
        initial_share=initial_share,
        reneging_rate=people["reneging_rate"],
        supply_units=supply,
        step_weeks=step_weeks,
        steady_supply=steady_supply,
    )


def _check_launch(
    supply_units: ArrayLike, people: dict[str, ArrayLike], step_weeks: float
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return supply (draws, steps) and parameters (draws,) of launches that can be."""
    supply = check_numbers("supply_units", supply_units)
    people = {name: check_numbers(name, value) for name, value in people.items()}
    largest_share = people["initial_share"].max()
    if not supply.sum() > 0 or largest_share > 1 or not step_weeks > 0:
        raise ValueError(
            f"supply {supply.sum():g}, initial_share {largest_share:g}, "
            f"step_weeks {step_weeks:g}; expected above 0, 0 to 1, above 0"
        )
    # One row a draw: whatever came as one number or one row is repeated.
    columns = [value.reshape(-1, 1) for value in people.values()]
    supply, *columns = np.broadcast_arrays(np.atleast_2d(supply), *columns)
    return supply, {name: column[:, 0] for name, column in zip(people, columns, strict=True)}


def wait_weeks(paths: LaunchPaths) -> np.ndarray:
    """Return how long the last person in line has to wait, at the end of each step.

    First come, first served. As some of those ahead leave, a later phone goes further: e^(r k)
    people of now are served by a phone that comes k steps later.

    Returns
    -------
    array (draws, steps)
        Weeks from the end of the step until supply that serves the last in line comes; 0 where
        nobody waits, infinite where it does not come in the steps simulated.
    """
    steps = paths.sold.shape[1]
    step = np.arange(steps)
    reneging_step = np.minimum(paths.reneging_rate * paths.step_weeks, 700 / steps)[:, None]
    supplied = np.cumsum(paths.supply_units * np.exp(reneging_step * step), axis=1)
    in_line = paths.waiting * np.exp(reneging_step * (step + 1))
    needed = (supplied + in_line) * (1 - 1e-12)

    # (draws, step of the wait, later step): whether supply by the later step serves the line.
    served = supplied[:, None, :] >= needed[:, :, None]
    steps_later = np.where(served.any(2), served.argmax(2) - step - 1, np.inf)
    return np.where(paths.waiting < 1, 0.0, np.fmax(steps_later, 0) * paths.step_weeks)


def sold_at(paths: LaunchPaths, weeks: ArrayLike) -> np.ndarray:
    """Return the units sold by each of some weeks.

    Where units come as a step starts, sales rise on a straight line until the stock is gone. Where
    they come over the whole step, sales rise on a straight line to its end; what the first step has
    above the second is stock made before the opening. At week 0 the people who waited for the
    opening have theirs, as far as the stock goes.

    Parameters
    ----------
    paths : LaunchPaths
        The launches.
    weeks : array_like (weeks,)
        Weeks since the first sale.

    Returns
    -------
    array (draws, weeks)
    """
    opening_stock = paths.supply_units[:, 0]
    if paths.steady_supply and paths.supply_units.shape[1] > 1:
        is_limited = np.isfinite(opening_stock)
        a_weeks_output = np.where(is_limited, paths.supply_units[:, 1], 0)
        opening_stock = np.fmax(opening_stock - a_weeks_output, 0)
    at_opening = np.minimum(paths.potential * paths.initial_share, opening_stock)
    sold = np.concatenate([at_opening[:, None], paths.sold], axis=1)
    place = np.divide(weeks, paths.step_weeks)
    step = np.clip(np.ceil(place).astype(int), 1, paths.sold.shape[1])
    part_of_step = place - step + 1
    if not paths.steady_supply:
        in_stock_share = np.fmax(1 - paths.stockout_share[:, step - 1], 1e-9)
        part_of_step = part_of_step / in_stock_share
    part_of_sales = np.minimum(part_of_step, 1)
    return sold[:, step - 1] + (sold[:, step] - sold[:, step - 1]) * part_of_sales

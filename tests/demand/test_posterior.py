"""What counts, flags and registrations say of a launch: rejection and simulation as oracles."""

import numpy as np
import pandas as pd
import pytest
from demand_cases import PRIOR
from scipy import stats

from analysis.demand import LaunchPrior, SupplyLaw, fit_launch, simulate_launch, sold_at
from analysis.demand.counts import COUNT_NOISE
from analysis.demand.posterior import count_log_likelihood
from analysis.demand.prior import PARAMETER_UNITS


@pytest.mark.oracle("slow version")
def test_a_launch_bound_throughout_has_the_prior_conditioned_on_its_flags():
    """The oracle is rejection: draws of the prior kept with the chance of the flags seen."""
    supply, flags = np.full(16, 6e4), np.append(np.ones(12), np.full(4, np.nan))
    fit = fit_launch(supply, PRIOR, sold_out=flags, draws=4000, target=2000)
    rng = np.random.default_rng(1)
    z = rng.standard_normal((100_000, 5))
    paths = simulate_launch(supply, **PRIOR.parameters(z))
    short = paths.stockout_share[:, :12] > 0
    accepted = rng.random(len(z)) < np.where(short, 0.95, 0.05).prod(1) / 0.95**12
    for term in PARAMETER_UNITS:
        for share in (0.1, 0.5, 0.9):
            true = np.quantile(PRIOR.parameters(z[accepted])[term], share)
            monte_carlo_sd = np.sqrt(share * (1 - share) / fit.effective_draws)
            assert np.mean(fit.parameters[term] <= true) == pytest.approx(
                share, abs=4 * monte_carlo_sd
            )
    prior_mean = np.mean(PRIOR.parameters(z)["potential"])
    assert np.mean(fit.parameters["potential"]) > 1.3 * prior_mean, "not the prior itself"


def test_what_a_bound_week_sold_says_nothing_beyond_its_flag():
    supply, flags = np.full(12, 2e4), np.ones(12)
    counts = pd.DataFrame({"week": [4.0, 8.0, 12.0], "units": np.cumsum([8e4] * 3)})
    settings = {"sold_out": flags, "draws": 4000, "target": 2000}
    with_counts = fit_launch(supply, PRIOR, counts=counts, **settings)
    without = fit_launch(supply, PRIOR, **settings)
    for share in (0.1, 0.5, 0.9):
        cut = np.quantile(without.parameters["potential"], share)
        assert np.mean(with_counts.parameters["potential"] <= cut) == pytest.approx(share, abs=0.05)


def test_one_wrong_flag_does_not_empty_the_posterior():
    flags = np.zeros(12)
    flags[6] = 1
    fit = fit_launch(np.full(12, 1e9), PRIOR, sold_out=flags)
    assert fit.effective_draws >= 400


def test_counts_of_a_bound_launch_differ_from_supply_by_their_noise_alone():
    weeks = np.array([2.0, 4.0, 8.0])
    bound = simulate_launch(np.full(8, 10.0), potential=1e6, p=0.01, q=0.1, initial_share=0.5)
    units = np.array([21.0, 38.0, 82.0])
    noise_alone = stats.norm.logpdf(np.log(units / (10 * weeks)), 0, COUNT_NOISE).sum()
    expected = noise_alone + 1.5 * np.log(2 * np.pi)
    assert count_log_likelihood(bound, weeks, units, 0.3)[0] == pytest.approx(expected)


@pytest.mark.oracle("slow version")
def test_counts_of_a_free_launch_have_the_likelihood_of_simulated_ones():
    weeks, rng = np.array([2.0, 4.0, 8.0]), np.random.default_rng(3)
    free = simulate_launch(np.full(8, np.inf), potential=1e6, p=0.01, q=0.3, initial_share=0.02)
    increments = np.diff(sold_at(free, weeks)[0], prepend=0)
    simulated = increments * np.exp(0.3 * rng.standard_normal((200_000, 3)))
    noise = COUNT_NOISE * rng.standard_normal((200_000, 3))
    logs = np.log(simulated.cumsum(1)) + noise
    law = stats.multivariate_normal(logs.mean(0), np.cov(logs.T))
    for log_counts in (logs[0], logs[1], logs.mean(0)):
        expected = law.logpdf(log_counts) + 1.5 * np.log(2 * np.pi)
        log_likelihood = count_log_likelihood(free, weeks, np.exp(log_counts), 0.3)[0]
        assert log_likelihood == pytest.approx(expected, abs=0.25)


def test_counts_that_ask_for_much_supply_pick_the_draws_that_have_it():
    supply = 5e4 * np.exp(0.5 * np.random.default_rng(1).standard_normal((2000, 1))) * np.ones(12)
    counts = pd.DataFrame({"week": [6.0], "units": [4.5e5]})
    flags = np.append(np.ones(6), np.full(6, np.nan))
    fit = fit_launch(supply, PRIOR, counts=counts, sold_out=flags)
    assert np.median(fit.paths.supply_units[:, 0]) > 6e4


def _steady_supply(sd: float) -> SupplyLaw:
    """Return a law of the same supply in each of 12 weeks, log-normal about 50,000."""
    return SupplyLaw(
        figures=1,
        steps=12,
        units=lambda z, steps: 5e4 * np.exp(sd * z[:, :1]) * np.ones(steps),
    )


@pytest.mark.oracle("closed form")
def test_a_count_moves_the_figures_of_a_law_of_supply_as_a_normal_moves():
    """All that is made sells, so a count is supply with noise: normal times normal, in logs."""
    crowded = LaunchPrior(
        mean=np.array([23.0, -4.0, -2.5, -2.0, -2.6]),
        sd=np.full(5, 0.3),
        model_error=0.2,
        sequences=16,
    )
    sd, counted = 0.5, 7.2e5
    counts = pd.DataFrame({"week": [10.0], "units": [counted]})
    fit = fit_launch(_steady_supply(sd), crowded, counts=counts, draws=4000, target=3600)
    assert (fit.paths.stockout_share[:, :10] > 0).all()

    share_of_count = sd**2 / (sd**2 + COUNT_NOISE**2)
    expected_mean = np.log(5e4) + share_of_count * np.log(counted / 5e5)
    expected_sd = np.sqrt(share_of_count) * COUNT_NOISE
    log_supply = np.log(fit.paths.supply_units[:, 0])
    assert log_supply.mean() == pytest.approx(expected_mean, abs=5 * expected_sd / 60)
    assert log_supply.std() == pytest.approx(expected_sd, rel=0.06)


@pytest.mark.oracle("slow version")
def test_a_law_of_supply_and_many_draws_of_it_give_one_posterior():
    law = _steady_supply(0.5)
    counts = pd.DataFrame({"week": [6.0, 12.0], "units": [2.5e5, 4.5e5]})
    settings = {"counts": counts, "draws": 4000, "target": 3000}
    by_law = fit_launch(law, PRIOR, **settings)
    by_draws = fit_launch(law.draw(20_000), PRIOR, **settings)
    for term in PARAMETER_UNITS:
        for share in (0.1, 0.5, 0.9):
            cut = np.quantile(by_draws.parameters[term], share)
            assert np.mean(by_law.parameters[term] <= cut) == pytest.approx(share, abs=0.05)


def test_precise_counts_leave_a_law_as_many_supplies_as_draws():
    """Of a few hundred supplies only some agree with such counts, and stand for all others."""
    ramp = SupplyLaw(
        figures=3,
        steps=26,
        units=lambda z, steps: (
            1e5
            * np.exp(0.5 * z[:, :1])
            * np.exp(0.5 * z[:, 1:2] * np.clip(np.arange(steps) / (8 * np.exp(z[:, 2:3])), 0, 1))
        ),
    )
    weeks = np.array([2.0, 5.0, 9.0, 14.0, 20.0, 26.0])
    counts = pd.DataFrame({"week": weeks, "units": 1.7e5 * weeks})
    settings = {"counts": counts, "draws": 800, "target": 700}
    by_law = fit_launch(ramp, PRIOR, **settings)
    by_draws = fit_launch(ramp.draw(800), PRIOR, **settings)
    supplies = [len(np.unique(fit.paths.supply_units[:, -1])) for fit in (by_law, by_draws)]
    assert supplies[0] > 750 > 5 * supplies[1]


def test_registrations_pull_the_opening_crowd_towards_their_show_up():
    """Two thirds of those registered come, give or take a factor e: the crowd moves with them."""
    prior = LaunchPrior(
        mean=np.array([14.0, -4.0, -2.5, -2.0, -2.6]),
        sd=np.array([1.0, 1.0, 0.5, 1.0, 1.0]),
        model_error=0.2,
        sequences=16,
    )
    crowds = []
    for registered in (3e4, 3e6):
        fit = fit_launch(np.full(8, np.inf), prior, registrations=registered, seed=3)
        crowds.append(np.median(fit.parameters["potential"] * fit.parameters["initial_share"]))
    assert crowds[0] < 0.67 * 3e6 > crowds[1] > 5 * crowds[0]

"""Release plans of a launch: what each earns over the life by draws, the best of many, and what explains a shortage."""

import os
from collections import namedtuple
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config

from ..data.launches import Figure, Launch
from ..data.tables import load_table
from ..demand.forecast import sell
from ..margin.margin import DAYS_A_MONTH, MarginPath, draw_figure, ends

SCHEDULER = "LAUNCH_SCHEDULER"  # environment variable: address of a Dask scheduler
NEVER = 9999
RELEASE_ALL = {
    "price": 1.0,
    "release": 1.0,
    "volume_week": 0,
    "store": 0,
    "cut": 0.0,
    "cut_week": NEVER,
    "s_week": NEVER,
}
NOT_SOLD = RELEASE_ALL | {"release": 0.0, "volume_week": NEVER}
RIVALS = {
    "all at launch": {},
    "half throughout": {"release": 0.5, "volume_week": NEVER},
    "a fifth dearer": {"price": 1.2},
}
RIVALS |= {
    "wait half a year": {"release": 0.25, "volume_week": 26},
    "stock up": {"release": 0, "volume_week": 13, "store": 1},
}
MEASURES = ["profit", "revenue", "units", "waited"]  # dollars, discounted; phones; weeks of people
DRAWS, GROUP = (
    64,
    320,
)  # draws and policies of a block: fixed by the problem, so that sums are the same on any workers
RAMP = ["supply.start_units_per_month", "supply.full_units_per_month", "supply.ramp_weeks"]
ASSUMED = [
    "discount_rate",
    "market_price_erosion",
    "interest_fade",
    "price_elasticity",
    "upgrade_share",
]
ASSUMED += ["s_version_price_ratio", "s_version_cost_ratio", "s_version_fixed_usd"]
# What a plan meets, arrays (draws,), rates a week: erosion of the price the market bears, fading of interest, elasticity of people and
# hazards to price, `upgrade` the share of owners who come back for an S version; (draws, weeks): supply, net price, cost of a unit.
FIELDS = "discount erosion fade elasticity upgrade s_price s_cost s_fixed_usd potential p q opening leave supply_units net_usd cost_usd"
Market = namedtuple("Market", FIELDS)
Plan = namedtuple(
    "Plan", "table told as_good"
)  # best, runners-up, rivals on fresh draws; every policy; how many are within 1 %


def supply_ramp(launch: Launch, weeks: int, z: np.ndarray) -> np.ndarray:
    """The file's supply in phones a week, growing at one rate from start to full volume, for standard normals z (draws, 3)."""
    start, full, ramp = (
        draw_figure(launch.figure(path), x, path)[:, None]
        for path, x in zip(RAMP, z.T, strict=True)
    )
    return start * (full / start) ** np.clip(np.arange(weeks) / ramp, 0, 1) * 7 / DAYS_A_MONTH


def draw_items(items: list[str], draws: int, seed: int) -> np.ndarray:
    """Items x draws of what economics.csv assumes; rates a year become rates a week."""
    rng, table = np.random.default_rng(seed), load_table("economics").set_index("item").loc[items]
    rows = (Figure(row.value, "assumed", row.low, row.high) for row in table.itertuples())
    drawn = [draw_figure(figure, rng.standard_normal(draws)) for figure in rows]
    return np.array(drawn) * np.where(table["unit"].str.endswith("per_year"), 7 / 365, 1)[:, None]


def launch_market(path: MarginPath, people: dict, supply_units: np.ndarray, seed: int) -> Market:
    """The market of a launch by draws: unit margins, `people` (potential, p, q, opening, leave), supply, and what is assumed."""
    column = np.abs(
        path.months - np.arange(supply_units.shape[1])[:, None] * 7 / DAYS_A_MONTH
    ).argmin(1)
    net = path.net_usd - path.items["royalty"] - path.items["channel"]
    money = {
        "supply_units": supply_units,
        "net_usd": net[:, column],
        "cost_usd": (net - path.margin_usd)[:, column],
    }
    return Market(*draw_items(ASSUMED, len(net), seed), **people, **money)


def actual_policy(launch: Launch) -> dict:
    """What the firm is assumed to have done: all it could make at the list price, and the S version of the file."""
    s_version = launch.figure("s_version.first_sale")
    return (
        {"s_week": round((s_version.value - launch.figure("first_sale").value).days / 7)}
        if s_version.known
        else {}
    )


def make_policies(**choices) -> pd.DataFrame:
    """Every combination of choices and not selling, each once: before `volume_week` the share `release` is sold, the rest not made or
    (`store`) put by; from `cut_week` the price is lower by `cut`; from `s_week` an S version sells."""
    rows = product(*({name: [value] for name, value in RELEASE_ALL.items()} | choices).values())
    table = pd.DataFrame([*rows, NOT_SOLD.values()], columns=[*RELEASE_ALL])
    table.loc[
        (table["release"] == 1) | (table["volume_week"] == 0), ["release", "volume_week", "store"]
    ] = [1.0, 0, 0]
    table.loc[(table["cut"] == 0) | (table["cut_week"] >= NEVER), ["cut", "cut_week"]] = [
        0.0,
        NEVER,
    ]
    return table.drop_duplicates().reset_index(drop=True)


def grow_tree(policies: pd.DataFrame, weeks: int) -> tuple[list, np.ndarray]:
    """Policies as a tree of what differs so far: by week, parents of the nodes, release, store, S version new, kinds of product
    (first price, price, week from which interest counts) and each node's; and the last node of each policy."""
    price, release, volume, store, cut, cut_week, s_week = (
        policies[list(RELEASE_ALL)].to_numpy(float).T
    )
    node, steps, nodes = np.zeros(len(policies), int), [], 0
    for week in range(weeks):
        now = [
            price,
            price * np.where(week >= cut_week, 1 - cut, 1),
            np.where(week >= s_week, s_week, 0),
        ]
        now += [np.where(week < volume, release, 1), store * (week < volume), week == s_week]
        told, node = np.unique([node, *now], axis=1, return_inverse=True)
        kinds, kind = np.unique(told[1:4], axis=1, return_inverse=True)
        parents = slice(None) if told.shape[1] == nodes or week == 0 else told[0].astype(int)
        steps.append(
            (
                parents,
                *told[4:, :, None],
                kinds[:, :, None],
                kind if kinds.shape[1] > 1 else slice(None),
            )
        )
        nodes = told.shape[1]
    return steps, node


def simulate(steps: list, m: Market) -> np.ndarray:
    """`MEASURES` x last nodes x draws of a tree: `sell` with hazards moved by price (Bass, Krishnan & Jain 1994), falling market prices
    and fading interest; made to order up to the ceiling. An S version starts afresh, some owners come back (after Jiang & Jain 2012)."""
    e, nodes = m.elasticity, len(steps[0][1])
    people = np.broadcast_to((m.potential * steps[0][-2][0] ** -e)[steps[0][-1]], (nodes, len(e)))
    state = [
        0 * people,
        people * m.opening,
        people * (1 - m.opening),
        *np.zeros((5, nodes, len(e))),
    ]
    for week, (parents, release, storing, new, (first, price, since), kind) in enumerate(steps):
        owners, waiting, rest, stock, *sums = (x[parents] for x in state)
        worth, can, paid = (
            np.exp(-m.discount * week),
            m.supply_units[:, week],
            price * np.where(since > 0, m.s_price, 1),
        )
        scale = paid**-e * np.exp(-(e * m.erosion + m.fade) * (week - since))
        cost = worth * np.where(since > 0, m.s_cost, 1) * m.cost_usd[:, week]
        p, q, gain = (
            m.p * scale,
            m.q * scale / (m.potential * first**-e),
            worth * paid * m.net_usd[:, week],
        )
        p, q, gain, cost = (x[kind] for x in (p, q, gain, cost))
        if new.any():
            back = new * m.upgrade * owners
            owners, rest, sums[0] = (
                owners - back,
                rest + back,
                sums[0] - new * worth * m.s_fixed_usd,
            )
        stocked = storing.any() or stock.any()
        sold, owners, waiting, rest, _ = sell(
            release * can + stock * (storing == 0), owners, waiting, rest, p, q, m.leave
        )
        made = np.where(storing > 0, can, np.clip(sold - stock, 0, can)) if stocked else sold
        earned, stock = gain * sold, stock + made - sold if stocked else stock
        added = earned - cost * made, earned, sold, waiting
        state = [
            owners,
            waiting,
            rest,
            stock,
            *(total + more for total, more in zip(sums, added, strict=True)),
        ]
    return np.array(state[4:])


def by_draw(policies: pd.DataFrame, market: Market, means: bool = False) -> np.ndarray:
    """`MEASURES` x policies x draws (see `simulate`), or the `means` over draws; computed in blocks of `DRAWS`."""
    steps, leaf = grow_tree(policies, market.supply_units.shape[1])
    parts = (Market(*(x[at : at + DRAWS] for x in market)) for at in range(0, len(market.p), DRAWS))
    drawn = np.concatenate([simulate(steps, part)[:, leaf] for part in parts], axis=2)
    return drawn.mean(2) if means else drawn


def evaluate(
    policies: pd.DataFrame, market: Market, jobs: int = 1, verbose: int = 0
) -> pd.DataFrame:
    """Policies with means of `MEASURES` and margin, by `jobs` processes (joblib) or the Dask scheduler named in `SCHEDULER`."""
    order = np.argsort(
        market.supply_units.sum(1) / market.potential, kind="stable"
    )  # draws that are alike into one block
    market, starts = Market(*(x[order] for x in market)), range(0, len(policies), GROUP)
    # data travel inside the task (partial): what joblib scatters over Dask is lost with its worker
    tasks = [
        delayed(partial(by_draw, policies.iloc[at : at + GROUP], market, means=True))()
        for at in starts
    ]
    address = os.environ.get(SCHEDULER)
    with (
        parallel_config("dask", scheduler_host=address)
        if address
        else parallel_config("loky", n_jobs=jobs)
    ):
        sums = np.hstack(Parallel(verbose=verbose)(tasks))
    told = policies.reset_index(drop=True).assign(**dict(zip(MEASURES, sums, strict=True)))
    return told.assign(margin=told["profit"] / told["revenue"])


def best_policy(told: pd.DataFrame, tolerance: float = 1e-9) -> int:
    """Row of the policy with the most profit; ties (relative) go to the earliest and fullest release at the price nearest the list."""
    ties = told[told["profit"] >= (top := told["profit"].max()) - tolerance * abs(top)]
    ties = ties.assign(held=(1 - ties["release"]) * ties["volume_week"], off=abs(ties["price"] - 1))
    return ties.sort_values(["held", "off", "cut", "s_week"], kind="stable").index[0]


def choose_plan(
    policies: pd.DataFrame, rivals: dict, market: Market, fresh: Market, jobs: int = 1
) -> Plan:
    """Best policy by mean profit, runners-up and rivals, on fresh draws: `MEASURES`, margin, paired gain of the first over each (80 %)."""
    told = evaluate(policies, market, jobs).sort_values("profit", ascending=False, kind="stable")
    others = told.drop(index=(best := best_policy(told)))
    chosen = {"recommended": told.loc[best]} | {
        f"runner-up {i + 1}": others.iloc[i] for i in range(min(3, len(others)))
    }
    chosen["best at list price"] = told.loc[best_policy(told[told["price"] == 1])]
    chosen |= {label: RELEASE_ALL | change for label, change in rivals.items()}
    table = pd.DataFrame(chosen).T[[*RELEASE_ALL]].astype(float)
    drawn = by_draw(table, fresh)
    table[MEASURES], gain = drawn.mean(2).T, drawn[0, 0] - drawn[0]
    table = table.assign(
        margin=table["profit"] / table["revenue"],
        gain=gain.mean(1),
        gain_se=gain.std(1) / len(gain.T) ** 0.5,
    )
    for name, values in (("profit", drawn[0]), ("gain", gain)):
        table[[f"{name}_low", f"{name}_high"]] = ends(values.T)[::2].T
    good = told["profit"] >= told["profit"].max() - 0.01 * abs(told["profit"].max())
    return Plan(table.rename_axis("label").reset_index(), told, int(good.sum()))


def find_swings(policies: pd.DataFrame, market: Market) -> pd.DataFrame:
    """Change of the best mean profit of these policies, and of its gain over the first's, as an input goes from its 10 to its 90 % point."""
    rows = []
    for name, values in market._asdict().items():
        ends_of = (
            np.broadcast_to(np.quantile(values, level, axis=0), values.shape)
            for level in (0.1, 0.9)
        )
        low, high = (
            by_draw(policies, market._replace(**{name: end}), means=True)[0] for end in ends_of
        )
        rows.append((name, high.max() - low.max(), high.max() - high[0] - low.max() + low[0]))
    told = pd.DataFrame(rows, columns=["input", "profit_change_usd", "gain_change_usd"])
    return told.sort_values("profit_change_usd", key=abs, ascending=False)


def explain_shortage(
    now, later, weeks, leave, discount, marketing_usd, ceiling, inputs: dict
) -> pd.DataFrame:
    """Explanations by draws (80 %; shares: of simulation), share undefined, what moved it most; margins now, `weeks` later; one cohort."""
    kept, both, sells = (
        np.exp(-(leave + discount) * weeks),
        (now > 0) & (later > 0),
        np.where(later > 0, later, np.nan),
    )
    pays, lost = (later > 0) & (now < kept * later), np.fmax(now - kept * np.fmax(later, 0), 0)
    stops = np.maximum(np.log(sells / np.where(now > 0, now, np.nan)) / weeks - discount, 0)
    draws = {
        ("ceiling: output stood at what could be made", "probability"): ceiling,
        ("waiting for the BOM: a later unit earns more", "share, ± simulation error"): pays,
        ("of these: both margins positive", "share, ± simulation error"): pays & both,
        ("both margins negative: not selling", "share, ± simulation error"): (now <= 0)
        & (later <= 0),
        ("leave rate at which waiting stops paying (0: never pays)", "per week"): stops,
        ("hype: sales a withheld unit must create", "phones"): lost
        / sells
        * np.exp(discount * weeks),
        ("hype: what its cost buys as marketing", "phones"): lost / marketing_usd,
    }
    draws = pd.DataFrame(draws, dtype=float)
    told = draws.quantile([0.1, 0.5, 0.9]).T.set_axis(["low", "estimate", "high"], axis=1)
    mean, reach = (
        draws.mean(),
        1.28 * draws.std() / np.sqrt(len(draws)),
    )  # of the shares: how far drawing alone moves them
    told.iloc[1:4] = np.transpose([mean - reach, mean, mean + reach])[1:4]
    ranks = (
        pd.DataFrame(
            {name: draws.rank().corrwith(pd.Series(x).rank()) for name, x in inputs.items()}
        )
        .abs()
        .fillna(0)
    )
    moved = ranks.idxmax(axis=1).where(ranks.max(axis=1) > 0.1, "its prior")
    return (
        told.assign(undefined=draws.isna().mean(), moved_most=moved)
        .rename_axis(["label", "unit"])
        .reset_index()
    )


def compare_bodies(
    launch: Launch, path: MarginPath, units: float, marketing_usd: float, seed: int
) -> dict:
    """Ceramic against metal (80 %): yields that pay at all (infinite: none) and as much as metal; what is left at the launch's own yield;
    loss. Empty where its bottleneck is no ceramic body, or the yield unknown."""
    yield_share = launch.figure("supply.yield_share").number
    if launch.figure("supply.bottleneck").value != "ceramic_body" or not yield_share > 0:
        return {}
    started, metal = draw_items(
        ["body_ceramic_started_usd", "body_metal_usd"], len(path.net_usd), seed
    )
    spare = path.margin_usd[:, 0] + metal
    pays = np.where(spare > 0, started / np.fmax(spare, 1e-9), np.inf)
    told = {
        "zero": ends(pays),
        "metal": ends(started / metal),
        "loss": ends(spare - started / yield_share),
    }
    return told | {
        "own": yield_share,
        "units": units,
        "spent": max(-told["loss"][1], 0) * units / marketing_usd,
    }

"""The plan written the slow, plain way: one policy at a time, arrays of draws.

It is the oracle of the tests and the rival of the bench.
"""

import numpy as np


def plain_policy(policy, market) -> dict[str, np.ndarray]:
    """Return `MEASURES` by draw of one policy (a row of `make_policies`), week after week."""
    e = market.elasticity
    paid_before = policy.price * (1 - policy.cut * (policy.cut_week <= 0)) + 0 * e
    people = market.potential * paid_before**-e
    waiting, rest = people * market.initial_share, people * (1 - market.initial_share)
    owners = revenue = units = waited = np.zeros(len(people))
    stock, profit = market.opening_stock, -market.opening_stock * market.cost_usd[:, 0]
    with np.errstate(all="ignore"):
        for week in range(market.weeks):
            now = np.exp(-market.discount * week)
            new_after_the_cut = policy.cut_week < policy.s_week <= week
            is_cut = week >= policy.cut_week and not new_after_the_cut
            price = policy.price * (1 - policy.cut if is_cut else 1)
            cost, since = now * market.cost_usd[:, week], 0
            come_back = 0.0 * e
            if week == policy.s_week:
                come_back = market.upgrade * owners
                profit = profit - now * market.s_fixed_usd
            if week >= policy.s_week:
                price, cost = price * market.s_price, cost * market.s_cost
                since = market.s_reset * policy.s_week
            scale = np.exp(-(e * market.erosion + market.fade) * (week - since))
            leave = market.reneging_rate * price**market.leave_price

            # A lower price lets people in who were priced out; a higher one loses its share.
            before, people = market.potential * paid_before**-e, market.potential * price**-e
            rest = np.where(price <= paid_before, rest + people - before, rest * people / before)
            paid_before = price + 0 * e
            owners, rest = owners - come_back, rest + come_back  # who know the price

            # Those who wait are served first.
            can, early = market.supply_units[:, week], week < policy.volume_week
            room = policy.release * can + stock * (not policy.store) if early else can + stock
            served = np.minimum(waiting, room)
            waiting, owners, room = waiting - served, owners + served, room - served

            # Then those who come buy until the stock is gone.
            p, q = market.p * scale, market.q / people * scale
            hazard, push = p + q * owners, q * rest
            speed = hazard + push
            bought = np.minimum(
                rest * hazard * -np.expm1(-speed) / (hazard + push * np.exp(-speed)), room
            )
            left = 1 - bought / rest
            runs_out_at = np.log((speed - push * left) / (hazard * left)) / speed
            time = np.where(bought < room, 1, np.where(room > 0, runs_out_at, 0))
            rest, owners = rest - bought, owners + bought

            # For the rest of the week they wait, and some of them leave.
            slow, dry = p + q * owners, 1 - time
            turned = rest * -np.expm1(-slow * dry)
            lag = (leave - slow) * dry
            share = np.where(np.abs(lag) > 1e-9, -np.expm1(-lag) / lag, 1)
            come_to_wait = rest * slow * dry * np.exp(-slow * dry) * share
            waiting = waiting * np.exp(-leave * dry) + come_to_wait
            rest, sold = rest - turned, served + bought

            made = can if early and policy.store else np.clip(sold - stock, 0, can)
            stock = stock + made - sold
            earned = now * price * market.net_usd[:, week] * sold
            profit, revenue = profit + earned - cost * made, revenue + earned
            units, waited = units + sold, waited + waiting
    return {"profit_usd": profit, "revenue_usd": revenue, "units": units, "waited_weeks": waited}

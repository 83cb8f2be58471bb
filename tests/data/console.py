"""A launch of one's own without a fault, in which tests put faults one by one."""

RIGHT = """\
name: My console
device: my_console
market: DE
currency: EUR
studies: [capacity, margin, release_plan]
summary: Four web drops.
announced: {value: 2019-09-01, source: "own records, press release"}
first_sale: {value: 2019-11-01, source: own records}
life_months: {assumed: 36, low: 24, high: 48, reason: our plan}
price:
  list_local: {value: 399, source: https://example.org/price}
  list_tax_share: {value: 0.19, source: https://example.org/tax}
  local_per_usd: {assumed: 0.9, low: 0.88, high: 0.92, reason: the year}
  cuts:
    - {date: 2020-11-01, list_local: 349, source: own records}
drops:
  - date: 2019-11-01
    units: 5000
    sellout_s: 120
    sold_out: "yes"
    source: own records
  - date: 2019-11-29
    units: 20000
    sellout_s: unknown
    sold_out: "no"
    units_sold: 15000
    window_s: 86400
    source: own records
sales:
  - {date: 2019-11-08, units: 6000, kind: sold, scope: model, source: own records}
  - {date: 2019-12-06, units: 27304, kind: sold, scope: model, source: own records}
supply:
  bottleneck: unknown
  reports:
    - period_start: 2019-11-01
      period_end: 2019-11-30
      units: 20000
      per: month
      kind: capacity
      reported: 2019-11-15
      source: own records
  sources:
    - component: assembly
      maker: one assembler
      known_on: 2019-10-01
      starts_low: 2019-09-01
      starts_high: 2019-09-21
      units_low: 20000
      units_high: 40000
      doubling_days_low: 20
      doubling_days_high: 40
      yield_low: 0.9
      yield_high: 0.99
      basis: assumed
      reason: our guess
  start_units_per_month: {assumed: 20000, low: 15000, high: 25000, reason: plan}
  full_units_per_month: {assumed: 90000, low: 80000, high: 100000, reason: plan}
  ramp_weeks: {assumed: 26, low: 20, high: 30, reason: plan}
  second_source:
    manufacturer: another
    announced: {value: 2020-01-10, source: own records}
    volume_from: {value: 2020-03-01, source: own records}
costs:
  bom_usd: {value: 268, source: "own records, first costing"}
  assembly_usd: {assumed: 9, low: 7, high: 12, reason: quote}
  royalty_share: {assumed: 0.02, low: 0.01, high: 0.04, reason: licence}
  channel_share: {assumed: 0.1, low: 0.08, high: 0.12, reason: shops}
  freight_warranty_usd: {assumed: 6, low: 4, high: 9, reason: quote}
"""

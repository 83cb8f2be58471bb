"""All data that the studies read: market tables, launch files, histories and order logs.

Nothing else in the project opens a data file. What a user calls:

    load_table("sale_rounds")          a market table as a DataFrame, checked cell by cell
    load_launch("mi_9")                a launch: its figures with their sources, its tables
    list_launches()                    the launches that have a file
    describe_launches()                the same with product, market, first sale and studies
    as_known_on(launch, "2019-03-03")  the launch without what was not yet known on that day
    read_orders("my_log.parquet")      an order log, cleaned and counted; `order_times(log)`
    read_history("Sales history", p)   sales or costings by date from a file of one's own
    check_launch("my_phone")           all that is wrong or odd in a launch file and its data

data/README.md is the dictionary of all of it, and the schema that it is held against. Whatever is
wrong in a file is one `DataError` that lists all of it: file, line, value, what was expected.
Nothing in a data file runs, and a launch file names files below data/ alone.

How the room is laid out. errors.py and text_files.py: quoting and reading what anybody may have
written. dictionary.py and cells.py: the schema, and the types of its cells; causes.py, codes.py:
why a cell is wrong, codes of countries and currencies. tables.py: the market tables.
launch_yaml.py, launch_fields.py, launch_studies.py, launch_file.py: a launch file as YAML, as
fields, and as a `Launch` of launch.py; products.py: the noun of what is sold. launches.py: those
together, and what a report needs; report_list.py: which reports there are. histories.py,
orders.py: data of one's own, opened by duckdb_files.py and history_cells.py;
order_status.py, order_clock.py, order_times.py and order_people.py: what statuses mean, openings,
when orders came, and who ordered. shared_results.py: results that studies share, kept on disk.
inputs.py, inputs_units.py, inputs_log.py: inputs held against each other; check.py: all of that at
once. claims.py: statements to be checked. new_launch.py: writes a launch file. uncertainty.py:
draws and intervals that every study uses. lengths.py: of a week, a month, a year. scheduler.py:
tasks of any room on many machines. `python -m analysis.data` checks all.
"""

from .check import LaunchCheck, check_launch
from .dictionary import read_dictionary, read_fields
from .errors import DataError, suggest
from .histories import read_history
from .inputs_log import with_odd_log
from .launches import (
    Launch,
    SourcedValue,
    as_day,
    as_known_on,
    describe_launches,
    list_launches,
    load_launch,
    prepare_report,
    refused_launch_files,
)
from .order_clock import names_zone
from .order_people import OrderPeople, people_of_log
from .order_times import counts_per_second, order_counts, order_times
from .orders import ROW_STATUS, OrderLog, read_orders
from .products import Product, product_of
from .shared_results import shared
from .tables import data_checksum, list_files, load_table
from .text_files import DATA, path_below
from .uncertainty import Z_90, draw_log_normal_between, draw_split_normal, interval

__all__ = [
    "DATA",
    "ROW_STATUS",
    "Z_90",
    "DataError",
    "Launch",
    "LaunchCheck",
    "OrderLog",
    "OrderPeople",
    "Product",
    "SourcedValue",
    "as_day",
    "as_known_on",
    "check_launch",
    "counts_per_second",
    "data_checksum",
    "describe_launches",
    "draw_log_normal_between",
    "draw_split_normal",
    "interval",
    "list_files",
    "list_launches",
    "load_launch",
    "load_table",
    "names_zone",
    "order_counts",
    "order_times",
    "path_below",
    "people_of_log",
    "prepare_report",
    "product_of",
    "read_dictionary",
    "read_fields",
    "read_history",
    "read_orders",
    "refused_launch_files",
    "shared",
    "suggest",
    "with_odd_log",
]


def __dir__() -> list[str]:
    """List what a notebook or a user may call: what Tab shows."""
    return __all__

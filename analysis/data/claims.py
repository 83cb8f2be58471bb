"""The statements of data/market/claims.csv in the form that the page of statements takes.

What its page makes of them, and what each key of a statement means, is for report.statements.
"""

from .tables import load_table

TITLE_OF_TEXT = {
    "mi_mix_capacity": "Mi MIX: ten thousand a month",
    "mi_9_out_of_stock": "Mi 9: out of stock",
    "mi_5_supply": "Mi 5: supply",
    "falling_bom_model": "The model of the falling BOM",
}


def list_statements() -> list[dict]:
    """Return the statements in the order of the table.

    Returns
    -------
    list of dict
        The columns of claims.csv, None where a cell is empty, and: group (title of the source
        text), added (whether we added the check), quantity (name of the published figure), reports
        (those that publish it, as launch/study), limit, sources_for and sources_against (lists of
        addresses).
    """
    table = load_table("claims").astype(object)
    rows = table.where(table.notna(), None).to_dict("records")
    return [_statement(row) for row in rows]


def _statement(row: dict) -> dict:
    """Return one row of the table as a statement."""
    launches = [row["figure_launch"], row["figure_also"]]
    return {
        **row,
        "group": TITLE_OF_TEXT[row["source_text"]],
        "added": row["added_check"],
        "quantity": row["figure_name"],
        "reports": [f"{launch}/{row['figure_study']}" for launch in launches if launch],
        "limit": row["figure_limit"],
        "sources_for": (row["source_for"] or "").split(),
        "sources_against": (row["source_against"] or "").split(),
    }

"""The statements of data/market/claims.csv, in the form that the page of statements takes."""

from .tables import load_table

SOURCE_TEXTS = {
    "mi_mix_capacity": "Mi MIX: ten thousand a month",
    "mi_9_out_of_stock": "Mi 9: out of stock",
    "mi_5_supply": "Mi 5: supply",
    "falling_bom_model": "The model of the falling BOM",
}


def list_statements() -> list[dict]:
    """List the statements, in the order of the table.

    Returns
    -------
    list of dict
        The columns of the table (None where a cell is empty), and what the page of statements asks
        for: group, added, quantity, limit, reports ("launch/study"), sources_for, sources_against.
    """
    table = load_table("claims").astype(object)
    rows = table.where(table.notna(), None).to_dict("records")
    return [row | _for_the_page(row) for row in rows]


def _for_the_page(row: dict) -> dict:
    """Give what the page of statements asks for, from one row of the table."""
    launches = [row[column] for column in ("figure_launch", "figure_also") if row[column]]
    return {
        "group": SOURCE_TEXTS[row["source_text"]],
        "added": row["added_check"],
        "quantity": row["figure_name"],
        "limit": row["figure_limit"],
        "reports": [f"{launch}/{row['figure_study']}" for launch in launches],
        "sources_for": (row["source_for"] or "").split(),
        "sources_against": (row["source_against"] or "").split(),
    }

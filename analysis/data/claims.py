"""The statements of data/market/claims.csv in the form that the report runner's page of statements takes."""

from .tables import load_table

TEXTS = {
    "mi_mix_capacity": "Mi MIX: ten thousand a month",
    "mi_9_out_of_stock": "Mi 9: out of stock",
    "mi_5_supply": "Mi 5: supply",
    "falling_bom_model": "The model of the falling BOM",
}


def list_statements() -> list[dict]:
    """One dictionary a statement, in the order of the table; see report.statements for what its keys mean."""
    table = load_table("claims").astype(object)
    rows = table.where(table.notna(), None).to_dict("records")
    for row in rows:
        row |= {
            "group": TEXTS[row["source_text"]],
            "added": row["added_check"],
            "quantity": row["figure_name"],
        }
        row["reports"] = [
            f"{row[name]}/{row['figure_study']}"
            for name in ("figure_launch", "figure_also")
            if row[name]
        ]
        row["limit"] = row["figure_limit"]
        row |= {
            f"sources_{side}": (row[f"source_{side}"] or "").split() for side in ("for", "against")
        }
    return rows

"""A section without anything to show for a subject is left out of its page, heading and all."""

import pytest
from nbformat import v4

from analysis.report.page import headings_of, leave_out_empty_sections


def shown(text):
    return v4.new_output("display_data", {"text/html": f"<p>{text}</p>" if text else ""})


def published():
    data = {
        "text/html": "",
        "text/plain": "",
        "application/vnd.research-report.quantities+json": {},
    }
    return v4.new_output("display_data", {**data, "application/vnd.x+json": {"a": 1}})


@pytest.fixture
def notebook():
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# Question?"),
            v4.new_code_cell("setup"),
            v4.new_markdown_cell("## Full\n\nWords."),
            v4.new_code_cell("a", outputs=[]),
            v4.new_code_cell("b", outputs=[shown("found")]),
            v4.new_markdown_cell("## Empty\n\nWords."),
            v4.new_code_cell("c", outputs=[]),
            v4.new_code_cell("d", outputs=[published(), shown("")]),
            v4.new_markdown_cell("## Words alone\n\nWords."),
            v4.new_markdown_cell("## How this was made"),
            v4.new_code_cell("e", outputs=[]),
        ]
    )


def test_a_section_that_shows_nothing_is_left_out_with_its_heading(notebook):
    page = leave_out_empty_sections(notebook)
    assert headings_of(page) == ["Full", "Words alone", "How this was made"]
    assert [cell.source for cell in page.cells if cell.cell_type == "code"] == [
        *("setup", "a", "b", "e")
    ]


def test_the_notebook_itself_keeps_its_cells(notebook):
    leave_out_empty_sections(notebook)
    assert len(notebook.cells) == 11


def test_a_section_that_only_failed_stays_to_be_seen(notebook):
    notebook.cells[6].outputs = [v4.new_output("error", ename="E", evalue="v", traceback=[])]
    assert "Empty" in headings_of(leave_out_empty_sections(notebook))

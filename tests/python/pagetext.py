"""Prints as JSON the text of two pages of one notebook, cell by cell: python pagetext.py OURS NBCONVERTS

Each page is a list with the id and the text of each cell that shows anything, without white space, prompts and labels. A
picture becomes [picture], a formula its TeX.
"""

import copy
import json
import sys
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag, TemplateString

# The elements that a page adds to the notebook's contents.
OURS = ".prompt, .anchor, .label, .where, .back, .rest > summary, .hidden > summary, style, script"
THEIRS = ".jp-InputPrompt, .jp-OutputPrompt, .anchor-link, style, script"


def main(ours: str, theirs: str) -> None:
    json.dump({"ours": ours_by_cell(ours), "nbconvert": theirs_by_cell(theirs)}, sys.stdout)


def ours_by_cell(path: str) -> list[tuple[str, str]]:
    page = read(path)
    for formula in page.select("math"):
        formula.replace_with(formula.annotation.get_text())
    for picture in page.select(".missing .alt"):
        picture.string = "[picture]"
    return shown(page.select("main > .cell"), OURS)


def theirs_by_cell(path: str) -> list[tuple[str, str]]:
    """Raw cells have no elements of their own: they are the nodes between the other cells."""
    page = read(path)
    # Their page contains `\r` and backspaces literally. Ours applies them, so apply them here, too.
    for block in page.select(".jp-RenderedText pre"):
        block.string = "\n".join(map(line_of_terminal, block.get_text().split("\n")))
    cells, raw = [], None
    for node in page.select_one("main").contents:
        if isinstance(node, Tag) and "jp-Cell" in node.get("class", []):
            cells.append(node)
            raw = None
            continue
        if raw is None:
            raw = page.new_tag("div")
            cells.append(raw)
        raw.append(copy.copy(node))
    return shown(cells, THEIRS)


def read(path: str) -> BeautifulSoup:
    return BeautifulSoup(Path(path).read_bytes().decode(), "html.parser")


def line_of_terminal(line: str) -> str:
    cells: list[str] = []
    column = 0
    for character in line:
        if character == "\r":
            column = 0
        elif character == "\b":
            column = max(column - 1, 0)
        else:
            cells[column : column + 1] = [character]
            column += 1
    return "".join(cells)


def shown(cells: list[Tag], additions: str) -> list[tuple[str, str]]:
    shown = []
    for cell in cells:
        for addition in cell.select(additions):
            addition.decompose()
        # `select` does not look into the shadow trees of HTML outputs.
        for picture in cell.find_all("img"):
            picture.replace_with("[picture]")
        pieces = (node for node in cell.descendants if type(node) in (NavigableString, TemplateString))
        # Only one of the pages has dollar signs around formulas.
        text = "".join("".join(pieces).replace("$", "").split())
        if text:
            shown.append((cell.get("id", ""), text))
    return shown


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Plays a user's actions in JupyterLab: lab.py SCENARIO NOTEBOOK FILES SCREENSHOTS [ARGUMENT].

JupyterLab serves the directory of NOTEBOOK. FILES is a directory for JupyterLab's own files, SCREENSHOTS one for
screenshots. Prints as JSON what the page showed, the browser's errors, and the requests that would leave this machine.
"""

import json
import pathlib
import sys

from browser.chromium import Tab, browser
from browser.jupyterlab import jupyterlab
from browser.notebook import NAME, Notebook, await_kernel


# The steps of an order that can be seen in its box.
VISIBLE = """box => {
    const { top, bottom } = box.getBoundingClientRect();
    const isInside = at => at.top >= top - 1 && at.bottom <= bottom + 1;
    return [...box.querySelectorAll('summary')]
        .filter(summary => summary.checkVisibility({ contentVisibilityAuto: true }) && isInside(summary.getBoundingClientRect()))
        .map(summary => summary.textContent);
}"""


class Scenario:
    def __init__(self, tab, address, path, screenshots, argument):
        self.tab = tab
        self.page = tab.page
        self.address = address
        self.path = path
        self.screenshots = pathlib.Path(screenshots)
        self.argument = argument

    def open(self):
        return Notebook(self.page, self.address, self.path)

    def picture(self, what):
        self.page.screenshot(path=self.screenshots / f"lab-{pathlib.Path(self.path).stem}-{what}.png")

    def step(self):
        """Runs every cell with Shift-Enter, from the top."""
        notebook = self.open()
        dialogs = notebook.dialogs()
        self.picture("opened")
        notebook.select(0)
        for index, cell in enumerate(notebook.cells):
            notebook.step(index)
            if cell.cell_type == "code" and cell.id != "setup":
                notebook.cell(index).scroll_into_view_if_needed()
                self.picture(cell.id)
        return {"dialogs": dialogs, "cells": notebook.read_all()}

    def interrupt(self):
        """Clicks the toolbar's stop button once the second of three cells has printed the argument."""
        notebook = self.open()
        notebook.select(0)
        notebook.step(0)
        notebook.start(1)
        notebook.await_text(1, self.argument)
        self.picture("running")
        notebook.button("notebook:interrupt-kernel")
        notebook.await_end(1)
        self.picture("stopped")
        notebook.step(2)
        return {"cells": notebook.read_all()}

    def restart(self):
        """Runs all cells; restarts and runs only the last one; then restarts and runs all."""
        notebook = self.open()
        last = len(notebook.cells) - 1
        notebook.select(0)
        for index in range(last + 1):
            notebook.step(index)
        first = notebook.read_all()
        notebook.restart("Restart Kernel…")
        notebook.select(last)
        notebook.start(last)
        notebook.wait("cell => cell.querySelector('.jp-InputPrompt').textContent === '[1]:'", last)
        alone = notebook.read(last)
        notebook.restart("Restart Kernel and Run All Cells…")
        notebook.wait(f"cell => cell.querySelector('.jp-InputPrompt').textContent === '[{last + 1}]:'", last)
        self.picture("run-again")
        return {"first": first, "alone": alone, "again": notebook.read_all()}

    def help(self):
        """Presses Tab after the common prefix of two names, then Shift-Tab after the chosen one."""
        notebook = self.open()
        notebook.select(0)
        for index in range(len(notebook.cells) - 1):
            notebook.step(index)
        self.page.keyboard.press("Enter")
        self.page.keyboard.type(self.argument)
        self.page.keyboard.press("Tab")
        items = self.page.locator(".jp-Completer:not(.lm-mod-hidden) .jp-Completer-match")
        items.first.wait_for()
        self.picture("completion")
        offered = items.all_inner_texts()
        self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")
        chosen = self.page.locator(".jp-mod-active .cm-content").inner_text()
        self.page.keyboard.press("Shift+Tab")
        tooltip = self.page.locator(".jp-Tooltip")
        tooltip.wait_for()
        self.picture("tooltip")
        return {"offered": offered, "chosen": chosen, "tooltip": tooltip.inner_text()}

    def unfold(self):
        """Goes through the last order of an explored cell that did not run here, three steps forwards and one back."""
        self.open()
        trust = self.page.locator("[title^='Notebook not trusted']")
        trust.wait_for()
        order = self.page.locator(".jp-OutputArea-output > details, .jp-RenderedHTML > details").last
        if order.get_attribute("open") is None:
            order.locator("> summary").click()
        order.locator("> details > summary", has_text="Step by step").click()
        box = order.locator("> details > div")
        seen = [box.evaluate(VISIBLE)]
        for click in (0, 1, 1):
            box.get_by_text(seen[-1][click], exact=True).click()
            seen.append(box.evaluate(VISIBLE))
        self.picture("unfolded")
        box.get_by_text(seen[-1][0], exact=True).click()
        seen.append(box.evaluate(VISIBLE))
        graph = order.locator("> details > summary", has_text="Progress graph")
        graph.click()
        width = order.locator("> details > img").evaluate("img => img.naturalWidth")
        return {"seen": seen, "width": width}

    def launcher(self):
        """Opens a new notebook from the launcher and types a line of Rust."""
        self.page.goto(self.address.format("lab"))
        card = self.page.locator(".jp-LauncherCard[data-category='Notebook']", has_text=NAME)
        icon = card.locator("img")
        icon.wait_for()
        self.page.wait_for_function("icon => icon.complete", arg=icon.element_handle())
        self.picture("launcher")
        width = icon.evaluate("icon => icon.naturalWidth")
        card.click()
        self.page.locator(".jp-Notebook .jp-CodeCell").wait_for()
        await_kernel(self.page)
        self.page.keyboard.type(self.argument)
        keyword = self.page.locator(".cm-line span", has_text="let").first
        keyword.wait_for()
        self.picture("highlighted")
        colours = keyword.evaluate(
            "keyword => [keyword, keyword.parentElement].map(element => getComputedStyle(element).color)"
        )
        return {"icon": width, "keyword": colours[0], "plain": colours[1]}

    def export(self):
        """Runs the cells and exports the notebook as HTML with the menu, into the file that the argument names."""
        notebook = self.open()
        notebook.select(0)
        for index in range(len(notebook.cells)):
            notebook.step(index)
        notebook.menu("File", "Save and Export Notebook As", "HTML")
        with self.page.expect_download() as download:
            notebook.agree()
        download.value.save_as(self.argument)
        return {"name": download.value.suggested_filename}


def main(scenario, path, files, screenshots, argument=None):
    with jupyterlab(pathlib.Path(path).parent, files) as address, browser() as chromium:
        tab = Tab(chromium)
        chosen = Scenario(tab, address, path, screenshots, argument)
        try:
            result = getattr(chosen, scenario)()
        except Exception:
            chosen.picture("failed")
            raise
        print(json.dumps({**result, **tab.report()}))


if __name__ == "__main__":
    main(*sys.argv[1:])

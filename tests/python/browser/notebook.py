"""A notebook open in JupyterLab: reads its page and presses its keys and buttons."""

import pathlib

import nbformat

NAME = "Threadbook (Rust)"
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'

# Records each change of a code cell's prompt and outputs, by the cell's index from 0, and the kernel's states.
OBSERVE = """() => {
    const [seen, states] = [{}, []];
    const note = cell => {
        const outputs = [...cell.querySelectorAll('.jp-OutputArea-output')];
        const shown = outputs.map(output => output.textContent).join('\\n');
        const prompt = cell.querySelector('.jp-InputPrompt').textContent;
        const entries = seen[cell.dataset.windowedListIndex] ??= [];
        const last = entries.at(-1);
        if (last?.prompt !== prompt || last.shown !== shown) entries.push({ prompt, shown });
    };
    new MutationObserver(mutations => {
        const elements = mutations.map(({ target }) => target instanceof Element ? target : target.parentElement);
        for (const cell of new Set(elements.map(element => element?.closest('.jp-CodeCell')))) if (cell) note(cell);
    }).observe(document.querySelector('.jp-Notebook'), { subtree: true, childList: true, characterData: true });
    const indicator = document.querySelector('.jp-Notebook-ExecutionIndicator');
    new MutationObserver(() => states.push(indicator.dataset.status))
        .observe(indicator, { attributeFilter: ['data-status'] });
    window.observed = { seen, states };
}"""

READ = """cell => ({
    prompt: cell.querySelector('.jp-InputPrompt')?.textContent,
    outputs: [...cell.querySelectorAll('.jp-OutputArea-child')].map(child => {
        const output = child.querySelector('.jp-OutputArea-output');
        return {
            is_result: child.classList.contains('jp-OutputArea-executeResult'),
            mime: output.dataset.mimeType,
            text: output.textContent,
            html: output.dataset.mimeType === 'text/html' ? output.innerHTML : '',
            height: output.getBoundingClientRect().height,
        };
    }),
    pictures: [...cell.querySelectorAll('.jp-RenderedMarkdown img')].map(img => img.naturalWidth),
})"""

# A code cell is done when it has a number, another cell when it and its pictures are rendered.
IS_DONE = """cell => cell.matches('.jp-CodeCell')
    ? /\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').textContent)
    : cell.matches('.jp-mod-rendered') && [...cell.querySelectorAll('img')].every(img => img.complete)"""

# Resolves when nothing is left to draw.
SETTLED = "() => new Promise(done => requestIdleCallback(() => requestAnimationFrame(() => requestIdleCallback(done))))"


def await_kernel(page):
    """Waits until the notebook has its kernel. The indicator alone shows idle even without a kernel."""
    page.locator(".jp-Toolbar-kernelName", has_text=NAME).wait_for()
    page.locator(IDLE).wait_for()


class Notebook:
    """The notebook at this path, opened in a tab as by a click in the file browser."""

    def __init__(self, page, address, path):
        self.page = page
        self.cells = nbformat.read(path, as_version=4).cells
        page.goto(address.format("lab/tree/" + pathlib.Path(path).name))
        await_kernel(page)
        page.evaluate(OBSERVE)

    def dialogs(self):
        return self.page.locator(".jp-Dialog").all_inner_texts()

    def cell(self, index):
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')

    def select(self, index):
        """Makes this the active cell, in command mode."""
        self.cell(index).click()
        self.page.keyboard.press("Escape")

    def step(self, index):
        """Runs this cell, which must be the active one, and waits until it is done."""
        self.start(index)
        self.await_end(index)

    def start(self, index):
        assert "jp-mod-active" in self.cell(index).get_attribute("class"), f"cell {index} is not the active one"
        self.page.keyboard.press("Shift+Enter")

    def await_end(self, index):
        self.wait(f"cell => ({IS_DONE})(cell)", index)

    def await_text(self, index, text):
        self.page.locator(".jp-OutputArea-output", has_text=text).and_(
            self.cell(index).locator(".jp-OutputArea-output")
        ).wait_for()

    def wait(self, condition, index):
        """Waits until the condition, a JavaScript function, holds for the cell."""
        self.page.wait_for_function(condition, arg=self.cell(index).element_handle())

    def read(self, index):
        """Returns what the page shows of a cell."""
        self.cell(index).scroll_into_view_if_needed()
        return self.cell(index).evaluate(READ)

    def read_all(self):
        """Returns what the page shows of each cell, with the cell's id and everything that it showed before."""
        self.page.evaluate(SETTLED)
        seen = self.page.evaluate("observed.seen")
        return [
            {"id": cell.id, "type": cell.cell_type, "seen": seen.get(str(index), []), **self.read(index)}
            for index, cell in enumerate(self.cells)
        ]

    def button(self, command):
        """Clicks a button of the notebook's toolbar."""
        self.page.locator(f'.jp-NotebookPanel-toolbar [data-command="{command}"]').click()

    def menu(self, *names):
        """Chooses an item of the menu bar."""
        first, *others = names
        self.page.locator(".lm-MenuBar-item", has_text=first).click()
        for name in others:
            item = self.page.locator(".lm-Menu-item", has=self.page.get_by_text(name, exact=True)).last
            item.hover()
        item.click()

    def agree(self):
        """Clicks the dialog's button to continue."""
        self.page.locator(".jp-Dialog .jp-mod-accept").click()

    def restart(self, item):
        """Restarts the kernel with an item of its menu, confirms, and waits until the kernel is idle again."""
        self.page.evaluate("observed.states.length = 0")
        self.menu("Kernel", item)
        self.agree()
        self.page.wait_for_function(
            "observed.states.includes('restarting') || observed.states.includes('starting')"
        )
        self.page.locator(IDLE).wait_for()

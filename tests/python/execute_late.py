"""Executes a notebook in a kernel that may send a cell's lines after the cell's end: execute_late.py KERNEL NOTEBOOK RESULT.

Stock evcxr_jupyter forwards lines from a thread of its own, and says that a cell is idle without asking that thread. nbclient
takes nothing after that, so lines get lost. Here, each cell is followed by one that prints a last line to both streams: each
stream keeps its order, so what comes before its last line is the cell's.
"""

import nbformat
from execute import execute
from nbclient import NotebookClient

LAST = "-- the last line --\n"
PRINT_LAST = f"println!({LAST.strip()!a}); eprintln!({LAST.strip()!a});".replace("'", '"')


class LateClient(NotebookClient):
    async def async_execute_cell(self, cell, *args, **kwargs):
        cell = await super().async_execute_cell(cell, *args, **kwargs)
        if cell.cell_type == "code":
            await self.take_late_lines(cell)
        return cell

    async def take_late_lines(self, cell):
        self.kc.execute(PRINT_LAST, store_history=False)
        open_streams = {"stdout", "stderr"}
        while open_streams:
            message = await self.kc.get_iopub_msg(timeout=None)
            if message["msg_type"] != "stream":
                continue
            stream = message["content"]
            if stream["text"].endswith(LAST):
                open_streams.remove(stream["name"])
                stream["text"] = stream["text"].removesuffix(LAST)
            if stream["text"]:
                cell.outputs.append(nbformat.v4.output_from_msg(message))


execute(LateClient)

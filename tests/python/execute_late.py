"""Executes a notebook in a kernel that may send output after a cell's end: execute_late.py KERNEL NOTEBOOK RESULT.

Stock evcxr_jupyter forwards lines from a separate thread, and reports idle without waiting for that thread. nbclient ignores
output after idle, so lines get lost. Here, a further cell after each cell prints a last line to both streams. Each stream
keeps its order, so everything before its last line belongs to the cell.
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

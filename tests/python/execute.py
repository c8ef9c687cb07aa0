"""Executes a notebook with nbclient: execute.py KERNEL NOTEBOOK RESULT. Cells are executed in the notebook's folder."""

import pathlib
import sys

import nbformat
from nbclient import NotebookClient

kernel, source, result = sys.argv[1:]
notebook = nbformat.read(source, as_version=4)
folder = pathlib.Path(source).parent
# No bound for a cell here: the test has one for the whole.
client = NotebookClient(
    notebook, kernel_name=kernel, timeout=None, startup_timeout=300, resources={"metadata": {"path": folder}}
)
client.execute()
nbformat.validate(notebook)
nbformat.write(notebook, result)

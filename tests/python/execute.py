"""Executes a notebook with nbclient: execute.py KERNEL NOTEBOOK RESULT. Cells are executed in the notebook's folder."""

import pathlib
import sys

import nbformat
from nbclient import NotebookClient


def execute(client_class):
    kernel, source, result = sys.argv[1:]
    notebook = nbformat.read(source, as_version=4)
    folder = pathlib.Path(source).parent
    # No bound for a cell here: the test has one for the whole.
    client = client_class(
        notebook, kernel_name=kernel, timeout=None, startup_timeout=300, resources={"metadata": {"path": folder}}
    )
    client.execute()
    nbformat.validate(notebook)
    nbformat.write(notebook, result)


if __name__ == "__main__":
    execute(NotebookClient)

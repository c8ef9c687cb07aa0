"""Executes a notebook with nbclient: execute.py KERNEL NOTEBOOK RESULT. Cells run in the notebook's directory."""

import pathlib
import sys

import nbformat
import ports
from nbclient import NotebookClient


def execute(client_class):
    kernel, source, result = sys.argv[1:]
    notebook = nbformat.read(source, as_version=4)
    folder = pathlib.Path(source).parent
    # No timeout for a cell: the test has one for the whole run.
    client = client_class(
        notebook, kernel_name=kernel, timeout=None, startup_timeout=300, resources={"metadata": {"path": folder}}
    )
    client.create_kernel_manager()
    with ports.reserve(client.km):
        client.execute()
    nbformat.validate(notebook)
    nbformat.write(notebook, result)


if __name__ == "__main__":
    execute(NotebookClient)

"""Writes written_by_python.ipynb, with what is easily lost or written differently. Needs `pip install nbformat`."""

import nbformat

cells = [
    {
        "cell_type": "markdown",
        "id": "with-attachment",
        "metadata": {"tags": ["a", "b"], "other-program": {"z": 1, "a": [None, True]}},
        "source": "# Title\nline two ![x](attachment:x.png)\n",
        "attachments": {"x.png": {"image/png": "iVBORw0KGgo=\n", "text/plain": "a\nb"}},
    },
    {
        "cell_type": "raw",
        "id": "raw-attachment",
        "metadata": {"format": "text/html"},
        "source": "",
        "attachments": {"y.txt": {"text/plain": "y"}},
    },
    {
        "cell_type": "code",
        "id": "outputs",
        "execution_count": 7,
        "metadata": {"scrolled": "auto", "collapsed": False, "jupyter": {"source_hidden": True}},
        "source": "first\r\nsecond\rthird\x0bfourth\u2028fifth\u0085\x00 \x7f \u00e9 \U0001f600 \\ \" \t",
        "outputs": [
            {"output_type": "stream", "name": "stdout", "text": " 10%\r 20%\rdone\n"},
            {"output_type": "stream", "name": "stderr", "text": ""},
            {
                "output_type": "display_data",
                "metadata": {"image/png": {"width": 10}, "isolated": True},
                "data": {
                    "text/plain": "<Figure>",
                    "text/html": "<b>\n</b>\n",
                    "text/x-unknown": "one\ntwo",
                    "image/png": "AAAA\nBBBB\n",
                    "image/svg+xml": "<svg>\n</svg>",
                    "application/javascript": "a\nb",
                    "application/pdf": "c\nd",
                    "application/json": ["not\n", "lines"],
                    "application/vnd.dataresource+json": {"no": "table"},
                    "application/vnd.other.v1+json": {"list": ["a", "b"], "n": 1e-7},
                },
            },
            {
                "output_type": "execute_result",
                "execution_count": 7,
                "metadata": {},
                "data": {"text/plain": "1"},
            },
            {
                "output_type": "error",
                "ename": "Error",
                "evalue": "",
                "traceback": ["\x1b[31mred\x1b[0m\nmore", "lines"],
            },
        ],
    },
    {
        "cell_type": "code",
        "id": "empty",
        "execution_count": None,
        "metadata": {},
        "source": "",
        "outputs": [],
    },
]

notebook = nbformat.from_dict(
    {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"display_name": "Rust", "name": "rust"},
            "language_info": {"name": "rust", "version": "1", "codemirror_mode": {"name": "rust", "version": 3}},
            "authors": [{"name": "A", "more": 1}],
            "numbers": [31.245270191439438, 683872519914037.25, 0.1, 1.0, -0.0, 1e16, 1e-5, 123456789012345680.0, 2**63, -(2**63), 3.5e300],
            "B": "sorts before a",
            "": {},
            "\u00e9": "\U0001f600",
            "z": [[], [[]], {}],
        },
        "cells": cells,
    }
)

with open("written_by_python.ipynb", "w", encoding="utf-8") as file:
    nbformat.write(notebook, file)

#!/usr/bin/env python3
"""Makes a wheel of a built program: the program itself and its kernelspec, which pip puts where Jupyter looks.

    python3 packaging/make_wheel.py target/release/threadbook dist

The formats are those of the Python Packaging User Guide: "Binary distribution format", "Core metadata specifications",
"Recording installed projects" and "Platform compatibility tags". The same program gives the same wheel.
"""

import argparse
import base64
import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
NAME = "threadbook"

# Jupyter replaces the braces by the directory of the kernelspec, PREFIX/share/jupyter/kernels/threadbook (jupyter_client,
# "Making kernels for Jupyter"). pip installs the program in PREFIX/bin, which need not be on the PATH.
PROGRAM = "{resource_dir}/../../../../bin/" + NAME

# The earliest time that a zip archive can store, for every file.
TIME = (1980, 1, 1, 0, 0, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("program", type=Path, help="the program, built with `cargo build --release`")
    parser.add_argument("folder", type=Path, help="the directory for the wheel")
    arguments = parser.parse_args()
    if not arguments.program.is_file():
        sys.exit(f"{arguments.program} does not exist; run `cargo build --release --package threadbook-kernel` first")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    print(make(arguments.program.resolve(), arguments.folder))


def make(program, folder):
    """Writes the wheel of `program` into `folder` and returns its path."""
    version = run(program, "--version").split()[1]
    tag = f"py3-none-{platform_tag(program)}"
    wheel = folder / f"{NAME}-{version}-{tag}.whl"
    files = contents(program, version, tag)
    record = f"{NAME}-{version}.dist-info/RECORD"
    lines = [f"{path},sha256={digest(data)},{len(data)}" for path, data, _ in files]
    files.append((record, "\n".join([*lines, f"{record},,", ""]).encode(), 0o644))
    unfinished = wheel.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, data, mode in files:
            entry = zipfile.ZipInfo(path, TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # A regular file with this mode, as stat(2) has it.
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, data)
    unfinished.replace(wheel)
    return wheel


def contents(program, version, tag):
    """Returns the files of the wheel except for the record: path, content and mode of each."""
    data, info = f"{NAME}-{version}.data", f"{NAME}-{version}.dist-info"
    files = [(f"{data}/scripts/{NAME}", stripped(program), 0o755)]
    for name, content in kernelspec(program):
        files.append((f"{data}/data/share/jupyter/kernels/{NAME}/{name}", content, 0o644))
    for name in ("LICENSE-APACHE", "LICENSE-MIT"):
        files.append((f"{info}/licenses/{name}", (PROJECT / name).read_bytes(), 0o644))
    about = (
        f"Wheel-Version: 1.0\nGenerator: {NAME} make_wheel\nRoot-Is-Purelib: false\nTag: {tag}\n"
    )
    return [*files, (f"{info}/METADATA", metadata(version), 0o644), (f"{info}/WHEEL", about.encode(), 0o644)]


def metadata(version):
    fields = [
        "Metadata-Version: 2.4",
        f"Name: {NAME}",
        f"Version: {version}",
        "Summary: A Jupyter kernel and notebook runner for Rust, for lessons about threads and processes",
        "License-Expression: MIT OR Apache-2.0",
        "License-File: LICENSE-APACHE",
        "License-File: LICENSE-MIT",
        "Requires-Python: >=3.8",
        "Description-Content-Type: text/markdown",
    ]
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    return ("\n".join(fields) + "\n\n" + readme).encode()


def kernelspec(program):
    """Returns the files of the kernelspec that the program installs, with a path to it that holds in any environment."""
    with tempfile.TemporaryDirectory() as prefix:
        folder = Path(run(program, "install", "--prefix", prefix).strip())
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
    spec = json.loads(files["kernel.json"])
    spec["argv"][0] = PROGRAM
    files["kernel.json"] = (json.dumps(spec, indent=2) + "\n").encode()
    return sorted(files.items())


def stripped(program):
    """Returns the program without the names of its functions, which are a quarter of it."""
    if shutil.which("strip") is None:
        print("no program `strip` on the PATH, so the wheel is larger; it is in the package binutils", file=sys.stderr)
        return program.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, NAME)
        run("strip", "-o", copy, program)
        return copy.read_bytes()


def platform_tag(program):
    """Returns the tag for the system that the program runs on: the newest version of glibc whose symbols it uses."""
    machine = platform.machine()
    if sys.platform != "linux":
        sys.exit("a wheel can be made on Linux only")
    versions = re.findall(rb"\bGLIBC_(\d+)\.(\d+)\b", program.read_bytes())
    if not versions:
        sys.exit(f"{program} is not linked with glibc, so no tag fits")
    major, minor = max((int(major), int(minor)) for major, minor in versions)
    return f"manylinux_{major}_{minor}_{machine}"


def run(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    main()

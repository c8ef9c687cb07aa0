"""A round of nbgrader: an assignment is made, released, fetched, submitted by three students, collected, graded, and returned.

Arguments: the configuration that teachers copy, and the time limit of a cell in seconds. Prints the points of each student and what
the pages for them contain, as JSON.
"""

import json
import multiprocessing
import os
import re
import sqlite3
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.apps import NbGraderApp

CONFIG, TIMEOUT = Path(sys.argv[1]), int(sys.argv[2])
COURSE, EXCHANGE, DESK, LOG = (Path.cwd() / name for name in ("course", "exchange", "desk", "nbgrader.log"))
ASSIGNMENT = "week1"
NOTEBOOK = "threads.ipynb"

OVERRIDES = f"""
load_subconfig({str(CONFIG)!r})
c = get_config()
c.CourseDirectory.root = {str(COURSE)!r}
c.Exchange.root = {str(EXCHANGE)!r}
c.Execute.timeout = {TIMEOUT}
# All students of the test are one user of the machine.
c.ExchangeCollect.check_owner = False
"""


def solution(name, signature, body):
    """A cell that students complete: the body of a function."""
    lines = [f"fn {signature} {{", "    // BEGIN SOLUTION", f"    {body}", "    // END SOLUTION", "}"]
    return cell(name, "\n".join(lines), solution=True)


def test(name, points, source):
    return cell(name, source, grade=True, locked=True, points=points)


def cell(name, source, **properties):
    metadata = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return new_code_cell(source, metadata={"nbgrader": metadata | {"grade_id": name} | properties})


def assignment():
    kernel = {"name": "threadbook", "display_name": "Threadbook (Rust)", "language": "rust"}
    hidden = "// BEGIN HIDDEN TESTS\nassert_eq!(sum(&[]), 0);\n// END HIDDEN TESTS"
    cells = [
        new_code_cell("use threadbook::prelude::*;"),
        solution("sum", "sum(numbers: &[i64]) -> i64", "numbers.iter().sum()"),
        test("sum-test", 2, f"assert_eq!(sum(&[1, 2, 3]), 6);\n{hidden}"),
        solution("square", "square(n: i64) -> i64", "n * n"),
        test("square-test", 1, "assert_eq!(square(3), 9);"),
        solution("even", "is_even(n: i64) -> bool", "n % 2 == 0"),
        test("even-test", 3, "[(0, true), (3, false), (-1, false)].iter().filter(|(n, even)| is_even(*n) == *even).count()"),
        solution("shout", "shout(word: &str) -> String", "word.to_uppercase()"),
        test("shout-test", 1, 'assert_eq!(shout("no"), "NO");'),
        solution("last", "last(numbers: &[i64]) -> i64", "numbers[numbers.len() - 1]"),
        test("last-test", 1, "assert_eq!(last(&[1, 2]), 2);"),
        solution("first", "first(numbers: &[i64]) -> i64", "numbers[0]"),
        test("first-test", 1, "assert_eq!(first(&[1, 2]), 1);"),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "rust"}})


# What students write in the place of the stubs.
RIGHT = {
    "sum": 'eprintln!("{}", numbers.len()); dbg!(numbers.iter().sum())',
    "square": "n.pow(2)",
    "even": "n % 2 == 0",
    "shout": "word.to_uppercase()",
    "last": "*numbers.last().unwrap()",
    "first": "numbers[0]",
}
WRONG = RIGHT | {
    "sum": "numbers.iter().copied().reduce(|a, b| a + b).unwrap()",
    "square": None,
    "even": "n >= 0",
    "shout": "word.to_uppercase",
    "last": "std::process::exit(0)",
}
BROKEN = {
    "sum": "loop { std::hint::spin_loop(); }",
    "square": "std::process::abort()",
    "even": 'loop { println!("{n}"); }',
    "shout": 'if word.is_empty() { String::new() } else { shout(word) + "!" }',
    "last": "unsafe { *(8 as *const i64) }",
    "first": "numbers[0]",
}


def complete(notebook, answers):
    for one in notebook.cells:
        name = one.metadata.get("nbgrader", {}).get("grade_id")
        if answers.get(name):
            one.source = one.source.replace("// YOUR CODE HERE\n    todo!();", answers[name])


def nbgrader(command, folder, *arguments):
    """Runs a command of nbgrader in a process of its own. A fork has its modules, which take seconds to load."""
    process = multiprocessing.get_context("fork").Process(target=run_nbgrader, args=(command, folder, arguments))
    process.start()
    process.join()
    if process.exitcode != 0:
        sys.exit(f"nbgrader {command} ends with {process.exitcode}:\n{LOG.read_text()}")


def run_nbgrader(command, folder, arguments):
    with LOG.open("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.chdir(folder)
    NbGraderApp.launch_instance([command, *arguments])


def submit(student, answers, change=lambda notebook: None):
    """Submits the released notebook with these answers."""
    path = DESK / ASSIGNMENT / NOTEBOOK
    released = path.read_text()
    notebook = nbformat.reads(released, 4)
    complete(notebook, answers)
    change(notebook)
    nbformat.write(notebook, path)
    nbgrader("submit", DESK, ASSIGNMENT, f"--student={student}")
    path.write_text(released)


def cheat(notebook):
    """Makes one test harmless and deletes another."""
    one = next(one for one in notebook.cells if one.metadata.get("nbgrader", {}).get("grade_id") == "sum-test")
    one.source = "assert!(true);"
    notebook.cells = [one for one in notebook.cells if one.metadata.get("nbgrader", {}).get("grade_id") != "square-test"]


def points():
    """Returns the points of each student by question."""
    query = """
        SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score
        FROM grade
        JOIN base_cell ON base_cell.id = grade.cell_id
        JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id"""
    found = {}
    with sqlite3.connect(COURSE / "gradebook.db") as gradebook:
        for student, question, score in gradebook.execute(query):
            found.setdefault(student, {})[question.removesuffix("-test")] = score
    return found


def main():
    source = COURSE / "source" / ASSIGNMENT
    for folder in (source, EXCHANGE, DESK):
        folder.mkdir(parents=True)
    # The exchange is a directory of all users.
    EXCHANGE.chmod(0o777)
    for folder in (COURSE, DESK):
        (folder / "nbgrader_config.py").write_text(OVERRIDES)
    nbformat.write(assignment(), source / NOTEBOOK)

    nbgrader("generate_assignment", COURSE, ASSIGNMENT)
    nbgrader("release_assignment", COURSE, ASSIGNMENT)
    nbgrader("fetch_assignment", DESK, ASSIGNMENT)
    released = (DESK / ASSIGNMENT / NOTEBOOK).read_text()
    submit("kim", RIGHT)
    submit("sam", WRONG, cheat)
    submit("alex", BROKEN)
    nbgrader("collect", COURSE, ASSIGNMENT)
    nbgrader("autograde", COURSE, ASSIGNMENT)
    nbgrader("generate_feedback", COURSE, ASSIGNMENT)
    nbgrader("release_feedback", COURSE, ASSIGNMENT)

    pages = {}
    for student in ("kim", "sam", "alex"):
        page = (COURSE / "feedback" / student / ASSIGNMENT / "threads.html").read_text()
        pages[student] = re.sub(r"<[^>]*>", "", page)
    returned = len(list((EXCHANGE / "threads" / "feedback").glob("*.html")))
    print(json.dumps({"released": released, "points": points(), "pages": pages, "returned": returned}))


main()

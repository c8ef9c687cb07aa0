"""nbgrader for notebooks in Rust.

Copy this file into the directory of the course and name the course in it. Before you grade, build what the notebooks need, so that
the time limit below is for the cells alone:

    threadbook fetch source
"""

import os

c = get_config()  # noqa: F821, nbgrader defines it

c.CourseDirectory.course_id = "threads"

# The marks are nbgrader's own, in Rust's comments: `// BEGIN SOLUTION` and `// END SOLUTION`, `// BEGIN HIDDEN TESTS` and
# `// END HIDDEN TESTS`. With the semicolon, the stub compiles at the end of a function and in the middle of one.
c.ClearSolutions.code_stub = {
    "rust": "// YOUR CODE HERE\ntodo!();",
    "python": "# YOUR CODE HERE\nraise NotImplementedError()",
}

# A cell that takes longer, in seconds, is interrupted and fails, and the next one runs with the variables as they were before.
c.Execute.timeout = 30
c.Execute.interrupt_on_timeout = True
# How long the output of an interrupted cell may take to arrive, in seconds. What is later is left out.
c.Execute.iopub_timeout = 30
c.Execute.raise_on_iopub_timeout = False

# nbgrader gives no points for a cell that has written to stderr. In Rust that is no failure: `dbg!`, `eprintln!` and progress bars
# write there, and a cell that fails has an error besides. So what is there is ignored.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = "(?s).*"

# Tests that a student has deleted are put back. nbgrader writes `# ` before this text, so that Python takes it for a comment; Rust
# takes it for the documentation of a constant without a name.
c.OverwriteCells.add_missing_cells = True
c.OverwriteCells.missing_cell_notification = '[doc = "{cell_id} was missing and has been put back."] const _: () = ();\n\n'

# What a cell of a student may take. A variable that is set already counts.
for name, value in {
    "THREADBOOK_MEMORY_LIMIT": "500M",
    "THREADBOOK_OUTPUT_LIMIT": "100K",
    "THREADBOOK_HISTORY": "0",
}.items():
    os.environ.setdefault(name, value)

//! `threadbook check` finds every kind of difference.

use super::*;

#[test]
fn each_kind_of_difference_is_found() {
    need!(python);
    let exact = || json!({ "class": "exact" });
    let lines = || json!({ "class": "lines", "masks": ["ids"] });
    let race = |property: Value| json!({ "class": "race", "property": property });
    let final_result =
        || race(json!({ "lines": ["Final result: {n}"], "numbers": { "n": { "below": 500000 } } }));
    let two_pids = "import os\nprint('PID:', os.getpid())\nprint('PID:', os.getpid())";
    let out = |text: &str| vec![stream("stdout", text)];
    let cells = [
        cell("text", exact(), "print('a\\nb')", out("a\nc\n")),
        cell("order", exact(), "print('a\\nb')", out("b\na\n")),
        cell("newline", exact(), "print('a', end='')", out("a\n")),
        cell("blanks", exact(), "print('a  b')", out("a b\n")),
        cell("nothing-now", exact(), "pass", out("a\n")),
        cell("nothing-then", exact(), "print('a')", vec![]),
        cell(
            "stderr",
            exact(),
            "import sys\nprint('a', file=sys.stderr)",
            vec![stream("stderr", "b\n")],
        ),
        cell(
            "stream",
            exact(),
            "import sys\nprint('a', file=sys.stderr)",
            out("a\n"),
        ),
        cell("overwritten", exact(), "print('10%\\r20%')", out("10%\n")),
        cell("result", exact(), "1 + 1", vec![result("3")]),
        cell("no-result", exact(), "x = 1 + 1", vec![result("2")]),
        cell(
            "display",
            exact(),
            "from IPython.display import display\ndisplay({'text/html': '<b>1</b>'}, raw=True)",
            vec![display("text/html", "<b>2</b>")],
        ),
        cell(
            "format",
            exact(),
            "from IPython.display import display\ndisplay({'text/html': 'x'}, raw=True)",
            vec![display("text/markdown", "x")],
        ),
        cell(
            "picture",
            exact(),
            "from IPython.display import display\ndisplay({'image/png': 'AAAA'}, raw=True)",
            vec![display("image/png", "AAAB")],
        ),
        cell(
            "evalue",
            exact(),
            "raise ValueError('a')",
            vec![error("ValueError", "b")],
        ),
        cell(
            "ename",
            exact(),
            "raise ValueError('a')",
            vec![error("TypeError", "a")],
        ),
        cell("error-now", exact(), "1 / 0", vec![]),
        cell(
            "error-then",
            exact(),
            "1",
            vec![result("1"), error("ValueError", "b")],
        ),
        cell("line-missing", lines(), "print('a')", out("a\nb\n")),
        cell("line-twice", lines(), "print('a\\nb\\nb')", out("b\na\n")),
        cell(
            "values-swapped",
            lines(),
            "print('a 1\\nb 2')",
            out("a 2\nb 1\n"),
        ),
        cell(
            "ids-were-different",
            lines(),
            two_pids,
            out("PID: 7\nPID: 8\n"),
        ),
        cell(
            "ids-were-different-exact",
            json!({ "masks": ["ids"] }),
            two_pids,
            out("PID: 7\nPID: 8\n"),
        ),
        cell(
            "ids-were-equal",
            lines(),
            "import os\nprint('PID:', os.getpid())\nprint('PID:', os.getppid())",
            out("PID: 7\nPID: 7\n"),
        ),
        cell(
            "ids-not-masked",
            exact(),
            "import os\nprint('PID:', os.getpid())",
            out("PID: 7\n"),
        ),
        cell(
            "time-not-masked",
            exact(),
            "print('took 3 s')",
            out("took 4 s\n"),
        ),
        cell(
            "race",
            final_result(),
            "print('Final result: 500000')",
            out("Final result: 5\n"),
        ),
        cell(
            "race-lines",
            final_result(),
            "print('Final result: 5\\nmore')",
            out("Final result: 5\n"),
        ),
        cell(
            "race-error",
            final_result(),
            "print('Final result: 5')\n1 / 0",
            out("Final result: 5\n"),
        ),
        cell(
            "race-undeclared",
            json!({ "class": "race" }),
            "print('n is 5')",
            out("m is 7\n"),
        ),
        cell(
            "error-of-any",
            json!({ "class": "any" }),
            "1 / 0",
            out("a\n"),
        ),
        cell("foreign", Value::Null, "print('a')", out("b\n")),
        cell("foreign-id", Value::Null, two_pids, out("PID: 7\nPID: 8\n")),
        cell(
            "foreign-time",
            Value::Null,
            "print('took 3 s')",
            out("took 4 s\n"),
        ),
        cell(
            "foreign-order",
            Value::Null,
            "print('a\\nb')",
            out("b\na\n"),
        ),
    ];
    let (ended, report) = check(&cells, &[]);
    let ended = ended.expect_code(1);
    let all: Vec<&str> = cells.iter().map(|cell| cell.id).collect();
    assert_eq!(ids_of_different(&report), all, "{ended}");
    assert_eq!(report["ok"], false);

    // The readable report names notebook, cell and class, and shows the lines.
    for part in [
        "checked.ipynb, cell text (exact)\nstdout differs\n--- stored\n+++ now\n@@ -1,2 +1,2 @@\n a\n-c\n+b\n",
        "checked.ipynb, cell line-missing (lines, ids)\n",
        "the property does not hold: n must be below 500000, but is 500000",
        "cell ids-were-different (lines, ids)\nthe lines match, but not which of their ids are equal",
        "cell ids-were-different-exact (exact, ids)\nstdout differs\n",
        "-PID: <id 2>\n+PID: <id 1>\n",
        "-ValueError: b\n",
        "+ValueError: a\n",
        "hint: the outputs match with --mask times,rates\n",
        "hint: the outputs match with --class lines\n",
    ] {
        assert!(ended.stdout.contains(part), "{part} is missing: {ended}");
    }
    assert!(
        !ended.stdout.contains('\u{1b}'),
        "colours without a terminal: {ended}"
    );
    let summary = format!("{} differ: text, order", all.len());
    assert!(ended.stderr.contains(&summary), "{ended}");
}

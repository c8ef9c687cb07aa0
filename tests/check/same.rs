//! `threadbook check` does not report what may differ from run to run.

use super::*;

#[test]
fn permitted_differences_are_not_reported() {
    need!(python);
    let lines = || json!({ "class": "lines", "masks": ["ids", "times"] });
    let out = |text: &str| vec![stream("stdout", text)];
    let cells = [
        cell(
            "same",
            json!({}),
            "print('a')\n1 + 1",
            vec![stream("stdout", "a\n"), result("2")],
        ),
        cell("order", lines(), "print('a\\nb\\nb')", out("b\na\nb\n")),
        cell(
            "ids",
            json!({ "masks": ["ids"] }),
            "import os\nprint('PID:', os.getpid())\nprint('PID:', os.getppid())\nprint('by process', os.getpid())",
            out("PID: 7\nPID: 8\nby process 7\n"),
        ),
        cell(
            "ids-and-order",
            lines(),
            "import os\nprint('PID:', os.getpid(), 'begins')\nprint('PID:', os.getppid(), 'begins')\n\
             print('PID:', os.getpid(), 'ends')",
            out("PID: 7 ends\nPID: 8 begins\nPID: 7 begins\n"),
        ),
        cell(
            "times",
            lines(),
            "import time\nt = time.time()\ntime.sleep(0.01)\nprint('execution time :', time.time() - t)\nprint('took 3 s')",
            out("took 99 ms\nexecution time : 1.0047\n"),
        ),
        cell(
            "bar",
            json!({ "class": "times" }),
            "import sys\nfor n in (0, 50, 100):\n    print(f'\\r{n:3}%|...| {n}/100 [00:0{n // 50}<00:01, {n + 1}.5it/s]', \
             end='', file=sys.stderr)",
            vec![stream(
                "stderr",
                "\r  0%|...| 0/100 [00:00<?, ?it/s]\r100%|...| 100/100 [00:09<00:00, 11.1it/s]",
            )],
        ),
        cell(
            "shared-line",
            json!({ "class": "lines" }),
            "print('Square: 100Cube: 1000\\n\\nDone!')",
            out("Cube: 1000\nSquare: 100\nDone!\n"),
        ),
        cell(
            "pieces",
            json!({}),
            "import sys\nprint('a', end='', flush=True)\nprint('!', file=sys.stderr)\nprint('b')",
            vec![stream("stdout", "ab\n"), stream("stderr", "!\n")],
        ),
        cell(
            "overwritten",
            json!({}),
            "print('10%\\r20%\\rab\\x08c')",
            out("ac%\n"),
        ),
        cell(
            "race",
            json!({
                "class": "race",
                "property": { "lines": [{ "times": 3, "line": "balance = {n}" }], "numbers": { "n": { "not": 100, "at_least": 2 } } },
            }),
            "print('balance = 1\\nbalance = 100\\nbalance = -3')",
            out("balance = 7\nbalance = 8\nbalance = 9\n"),
        ),
        cell(
            "race-undeclared",
            json!({ "class": "race" }),
            "print('n is 5')",
            out("n is 7\n"),
        ),
        cell("any", json!({ "class": "any" }), "print('a')", out("b\n")),
        cell(
            "path",
            json!({ "masks": ["paths"] }),
            "'/opt/somewhere/notebooks'",
            vec![result("'/a/notebooks'")],
        ),
        cell(
            "error",
            json!({}),
            "raise ValueError('a')",
            vec![
                json!({ "output_type": "error", "ename": "ValueError", "evalue": "a", "traceback": ["elsewhere"] }),
            ],
        ),
        cell(
            "foreign",
            Value::Null,
            "import os\nprint('PID:', os.getpid(), object())",
            out("PID: 7 <object object at 0x7fe1c0ffee00>\n"),
        ),
        cell(
            "foreign-picture",
            Value::Null,
            "from IPython.display import display\ndisplay({'image/png': 'AAAA'}, raw=True)",
            vec![display("image/png", "AAAB")],
        ),
        cell(
            "widget",
            Value::Null,
            "from IPython.display import display\n\
             display({'application/vnd.jupyter.widget-view+json': {'model_id': 'a'}}, raw=True)",
            vec![json!({
                "output_type": "display_data", "metadata": {},
                "data": { "application/vnd.jupyter.widget-view+json": { "model_id": "b" } },
            })],
        ),
    ];
    let (ended, report) = check(&cells, &[]);
    let ended = ended.expect_code(0);
    assert_eq!(ids_of_different(&report), [""; 0], "{ended}");
    assert_eq!(report["ok"], true);
    assert_eq!(ended.stdout, "");
    let summary = format!("checked.ipynb: {} cells, ", cells.len());
    assert!(
        ended.stderr.starts_with(&summary) && ended.stderr.ends_with("s, as stored\n"),
        "{ended}"
    );
}

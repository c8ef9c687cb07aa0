//! The options of `threadbook run`: several notebooks at once, limits, parameters, chosen cells; and Ctrl-C.

mod common;

use common::process;
use common::sandbox::{BOUND, Sandbox};
use common::venv::Venv;
use common::{notebook, python};
use serde_json::{Value, json};
use std::os::unix::net::UnixListener;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Writes a notebook of these Python cells.
fn write(sandbox: &Sandbox, name: &str, cells: &[(&str, &str)]) {
    notebook::write(
        &sandbox.work().join(name),
        &python::of(cells.iter().copied()),
    );
}

fn read(sandbox: &Sandbox, name: &str) -> Value {
    notebook::read(&sandbox.work().join(name))
}

/// What a cell has written to stdout.
#[track_caller]
fn printed(executed: &Value, id: &str) -> String {
    notebook::cell(executed, id).stream("stdout")
}

#[track_caller]
fn tag(notebook: &mut Value, cell: usize, tag: &str) {
    notebook["cells"][cell]["metadata"]["tags"] = json!([tag]);
}

/// Each of two notebooks waits for the other, so neither ends unless both run at once. The one that is named first ends
/// last, and is told of first.
#[test]
fn several_notebooks_at_once() {
    let sandbox = Sandbox::new();
    let wait = |name: &str| {
        format!(
            "import os, time\nwhile not os.path.exists('{name}'):\n    time.sleep(0.01)\nprint('{name}')"
        )
    };
    write(
        &sandbox,
        "a.ipynb",
        &[("begin", "open('a', 'w').close()"), ("end", &wait("b"))],
    );
    write(
        &sandbox,
        "b.ipynb",
        &[
            ("wait", &wait("a")),
            ("end", "open('b', 'w').close()\nprint('ends')"),
        ],
    );
    let arguments = [
        "run",
        "a.ipynb",
        "b.ipynb",
        "--in-place",
        "--jobs",
        "2",
        "--timeout",
        "120",
    ];
    let ended = python::threadbook(&sandbox, &arguments).expect_code(0);
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert!(
        lines.len() == 2
            && lines[0].starts_with("a.ipynb: 2 cells")
            && lines[1].starts_with("b.ipynb: 2 cells"),
        "{ended}"
    );
    assert_eq!(printed(&read(&sandbox, "a.ipynb"), "end"), "b\n");
    assert_eq!(printed(&read(&sandbox, "b.ipynb"), "end"), "ends\n");
}

#[test]
fn one_notebook_that_fails_does_not_stop_the_others() {
    let sandbox = Sandbox::new();
    write(&sandbox, "a.ipynb", &[("fails", "1 / 0")]);
    write(&sandbox, "b.ipynb", &[("good", "print('b')")]);
    let arguments = ["run", "a.ipynb", "b.ipynb", "--in-place", "-j2"];
    let ended = python::threadbook(&sandbox, &arguments).expect_code(1);
    assert!(
        ended.stderr.contains("cell fails: ZeroDivisionError"),
        "{ended}"
    );
    assert_eq!(printed(&read(&sandbox, "b.ipynb"), "good"), "b\n");
}

#[test]
fn a_notebook_that_takes_too_long_keeps_what_ran() {
    let sandbox = Sandbox::new();
    let cells = [
        ("first", "print('first')"),
        (
            "endless",
            "print('begins', flush=True)\nimport time\nwhile True:\n    time.sleep(1)",
        ),
        ("last", "print('last')"),
    ];
    write(&sandbox, "long.ipynb", &cells);
    let arguments = [
        "run",
        "long.ipynb",
        "--in-place",
        "--notebook-timeout",
        "20",
    ];
    let begin = Instant::now();
    let ended = python::threadbook(&sandbox, &arguments).expect_code(1);
    assert!(begin.elapsed() >= Duration::from_secs(20), "{ended}");
    assert!(
        ended
            .stderr
            .contains("cell endless: NotebookTimeoutError: the notebook took longer than 20 s"),
        "{ended}"
    );
    let executed = read(&sandbox, "long.ipynb");
    assert_eq!(printed(&executed, "first"), "first\n");
    assert_eq!(printed(&executed, "endless"), "begins\n");
    let error = notebook::cell(&executed, "endless")
        .error()
        .expect("an error");
    assert!(error.traceback.contains("KeyboardInterrupt"), "{error:?}");
    let last = notebook::cell(&executed, "last");
    assert_eq!(
        (last.outputs().len(), &last.0["execution_count"]),
        (0, &Value::Null)
    );
}

#[test]
fn a_kernel_that_dies_is_noticed_at_once() {
    let sandbox = Sandbox::new();
    let cells = [
        ("first", "print('first')"),
        (
            "dies",
            "import os, sys\nprint('before', flush=True)\nos.kill(os.getpid(), 9)",
        ),
    ];
    write(&sandbox, "dies.ipynb", &cells);
    let ended = python::threadbook(&sandbox, &["run", "dies.ipynb", "--in-place"]).expect_code(1);
    assert!(
        ended
            .stderr
            .contains("the kernel died (signal: 9 (SIGKILL))"),
        "{ended}"
    );
    let executed = read(&sandbox, "dies.ipynb");
    assert_eq!(printed(&executed, "first"), "first\n");
    assert_eq!(
        notebook::cell(&executed, "dies")
            .error()
            .expect("an error")
            .ename,
        "DeadKernelError"
    );
}

#[test]
fn tags_let_cells_fail_or_leave_them_out() {
    let sandbox = Sandbox::new();
    let mut made = python::of([
        ("fails", "1 / 0"),
        ("skipped", "print('new')"),
        ("last", "print('last')"),
    ]);
    tag(&mut made, 0, "raises-exception");
    tag(&mut made, 1, "skip-execution");
    made["cells"][1]["outputs"] = json!([python::stream("stdout", "old\n")]);
    notebook::write(&sandbox.work().join("tags.ipynb"), &made);
    python::threadbook(&sandbox, &["run", "tags.ipynb", "--in-place"]).expect_code(0);
    let executed = read(&sandbox, "tags.ipynb");
    let error = notebook::cell(&executed, "fails")
        .error()
        .expect("an error");
    assert_eq!(error.ename, "ZeroDivisionError");
    assert_eq!(printed(&executed, "skipped"), "old\n");
    assert_eq!(printed(&executed, "last"), "last\n");
}

#[test]
fn chosen_cells_are_run_after_the_setup() {
    let cells = [
        ("setup", "ran = ['setup']"),
        ("A1", "ran.append('A1')\nprint(ran)"),
        ("A2", "ran.append('A2')\nprint(ran)"),
        ("A3", "ran.append('A3')\nprint(ran)"),
    ];
    for (only, expected) in [
        ("A2", ["", "['setup', 'A2']\n", ""]),
        (
            "A2..A3",
            ["", "['setup', 'A2']\n", "['setup', 'A2', 'A3']\n"],
        ),
        ("2,4", ["['setup', 'A1']\n", "", "['setup', 'A1', 'A3']\n"]),
        ("..2", ["['setup', 'A1']\n", "", ""]),
    ] {
        let sandbox = Sandbox::new();
        write(&sandbox, "some.ipynb", &cells);
        let arguments = ["run", "some.ipynb", "--in-place", "--only", only];
        python::threadbook(&sandbox, &arguments).expect_code(0);
        let executed = read(&sandbox, "some.ipynb");
        let ran = ["A1", "A2", "A3"].map(|id| printed(&executed, id));
        assert_eq!(ran, expected, "{only}");
    }
}

/// As papermill does it, which makes the same notebook.
#[test]
fn parameters_are_injected_as_papermill_does_it() {
    let sandbox = Sandbox::new();
    let mut made = python::of([
        ("first", "import os"),
        ("defaults", "n = 1\nname = 'x'"),
        ("show", "print(n, name, x, on)"),
    ]);
    let without_defaults = made.clone();
    tag(&mut made, 1, "parameters");
    let mut injected = made.clone();
    injected["cells"][0] = notebook::code_cell("old", "n = 9");
    tag(&mut injected, 0, "injected-parameters");
    let parameters = [
        ("n", "4"),
        ("name", "a \"b\" c"),
        ("x", "0.5"),
        ("on", "True"),
    ];
    for (name, made) in [
        ("with", made),
        ("without", without_defaults),
        ("again", injected),
    ] {
        let file = format!("{name}.ipynb");
        notebook::write(&sandbox.work().join(&file), &made);
        let mut papermill = vec![
            "--prepare-only",
            "--log-level",
            "ERROR",
            &file,
            "theirs.ipynb",
        ];
        for (name, value) in parameters {
            papermill.extend(["-p", name, value]);
        }
        Venv::open()
            .run(&sandbox, "papermill", &papermill, BOUND)
            .expect_code(0);

        let given = parameters.map(|(name, value)| format!("{name}={value}"));
        let mut arguments = vec!["run", &file, "--output-dir", "ours", "--allow-errors"];
        for parameter in &given {
            arguments.extend(["-p", parameter]);
        }
        let ended = python::threadbook(&sandbox, &arguments).expect_code(0);
        assert_eq!(
            ended.stderr.contains("no cell has the tag `parameters`"),
            name == "without",
            "{ended}"
        );
        let cells = |notebook: &Value| -> Vec<(String, Value)> {
            let cells = notebook::code_cells(notebook).into_iter();
            cells
                .map(|cell| {
                    (
                        cell.source().trim_end().to_owned(),
                        cell.0["metadata"]["tags"].clone(),
                    )
                })
                .collect()
        };
        // papermill gives each cell an empty list of tags.
        let mut theirs = cells(&read(&sandbox, "theirs.ipynb"));
        for (_, tags) in &mut theirs {
            if *tags == json!([]) {
                *tags = Value::Null;
            }
        }
        let executed = notebook::read(&sandbox.work().join("ours").join(&file));
        assert_eq!(cells(&executed), theirs, "{name}");
        if name == "with" {
            assert_eq!(printed(&executed, "show"), "4 a \"b\" c 0.5 True\n");
        }
    }
}

#[test]
fn parameters_of_a_rust_notebook() {
    let sandbox = Sandbox::new();
    let mut made = notebook::of([
        (
            "defaults",
            "let threads: u64 = 1;\nlet name: String = String::from(\"x\");\nlet mut rate = 1.0_f32;",
        ),
        (
            "show",
            "rate += 1.0;\nprintln!(\"{threads} {name} {rate} {on}\");\nlet total: u64 = threads * 2;\ntotal",
        ),
    ]);
    tag(&mut made, 0, "parameters");
    notebook::write(&sandbox.work().join("rust.ipynb"), &made);
    let arguments = [
        "run",
        "rust.ipynb",
        "--output-dir",
        "out",
        "-p",
        "threads=4",
        "-p",
        "name=a \"b\"",
        "-p",
        "rate=3",
    ];
    sandbox
        .run(arguments.into_iter().chain(["--parameter", "on=true"]))
        .expect_code(0);
    let executed = notebook::read(&sandbox.work().join("out/rust.ipynb"));
    let show = notebook::cell(&executed, "show");
    assert_eq!(show.stream("stdout"), "4 a \"b\" 4 true\n");
    assert_eq!(show.result().as_deref(), Some("8"));
}

#[test]
fn what_cannot_be_chosen_or_given_is_refused() {
    let sandbox = Sandbox::new();
    write(&sandbox, "good.ipynb", &[("a", "print('a')")]);
    for (arguments, words) in [
        (
            ["--only", "b"].as_slice(),
            "good.ipynb: there is no code cell with the id `b`",
        ),
        (
            &["--only", "2"],
            "good.ipynb: there is no code cell number 2",
        ),
        (
            &["-p", "lambda=1"],
            "good.ipynb: `lambda` is a keyword of Python",
        ),
    ] {
        let arguments = [&["run", "good.ipynb", "--in-place"], arguments].concat();
        let ended = python::threadbook(&sandbox, &arguments).expect_code(2);
        assert!(
            ended.stderr.contains(words) && ended.stderr.lines().count() == 1,
            "{ended}"
        );
    }
    for arguments in [
        ["-p", "n"],
        ["-p", "1n=2"],
        ["--only", ".."],
        ["--jobs", "0"],
        ["--notebook-timeout", "0"],
    ] {
        let arguments = [&["run", "good.ipynb", "--in-place"], &arguments[..]].concat();
        let ended = python::threadbook(&sandbox, &arguments).expect_code(2);
        assert!(ended.stderr.contains("--help"), "{ended}");
    }
    assert_eq!(
        notebook::cell(&read(&sandbox, "good.ipynb"), "a")
            .outputs()
            .len(),
        0
    );
}

/// A runner of two notebooks, the second of which waits for the first; the cell `endless` of the first has begun.
struct Endless {
    sandbox: Sandbox,
    runner: Child,
    calls: mpsc::Receiver<()>,
}

impl Endless {
    /// The cell begins with this; it can `call()` the test.
    fn start(cell: &str) -> Self {
        let sandbox = Sandbox::new();
        let socket = sandbox.path("calls");
        let listener = UnixListener::bind(&socket).expect("a socket");
        let cell = format!(
            "import signal, socket, time\n\
             call = lambda: socket.socket(socket.AF_UNIX).connect('{}')\n\
             print('begins', flush=True)\n{cell}\ncall()\nwhile True:\n    time.sleep(1)",
            socket.display()
        );
        write(
            &sandbox,
            "a.ipynb",
            &[
                ("first", "print('first')"),
                ("endless", &cell),
                ("last", "1"),
            ],
        );
        write(&sandbox, "b.ipynb", &[("other", "print('other')")]);
        let mut command = sandbox.threadbook();
        command
            .env("PATH", Venv::open().search_path())
            .args([
                "run",
                "a.ipynb",
                "b.ipynb",
                "--in-place",
                "--kernel",
                "python3",
            ])
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        let runner = command.spawn().expect("threadbook starts");
        let (sender, calls) = mpsc::channel();
        // Ends with the test program at the latest.
        std::thread::spawn(
            move || while listener.accept().is_ok_and(|_| sender.send(()).is_ok()) {},
        );
        let endless = Self {
            sandbox,
            runner,
            calls,
        };
        endless.wait_for_call();
        endless
    }

    fn wait_for_call(&self) {
        self.calls.recv_timeout(BOUND).expect("a call of the cell");
    }

    fn interrupt(&self) {
        process::signal(self.runner.id(), libc::SIGINT);
    }

    /// How it ended, and how long that took from now.
    fn end(&mut self) -> (Option<i32>, Duration) {
        let begin = Instant::now();
        let code = self.runner.wait().expect("a status").code();
        self.sandbox.expect_nothing_left();
        (code, begin.elapsed())
    }

    fn check_kept(&self) {
        let executed = read(&self.sandbox, "a.ipynb");
        assert_eq!(printed(&executed, "first"), "first\n");
        assert_eq!(printed(&executed, "endless"), "begins\n");
        let last = notebook::cell(&executed, "last");
        assert_eq!(
            (last.outputs().len(), &last.0["execution_count"]),
            (0, &Value::Null)
        );
        let other = notebook::cell(&read(&self.sandbox, "b.ipynb"), "other");
        assert_eq!(other.outputs().len(), 0, "it was not begun");
    }
}

#[test]
fn ctrl_c_interrupts_and_keeps_what_ran() {
    let mut endless = Endless::start("");
    endless.interrupt();
    let (code, _) = endless.end();
    assert_eq!(code, Some(130));
    endless.check_kept();
    let executed = read(&endless.sandbox, "a.ipynb");
    let error = notebook::cell(&executed, "endless")
        .error()
        .expect("an error");
    assert_eq!(error.ename, "KeyboardInterrupt");
}

/// The cell does not listen, so the first Ctrl-C would take its time.
#[test]
fn the_second_ctrl_c_ends_at_once() {
    let mut endless = Endless::start("signal.signal(signal.SIGINT, lambda *_: call())");
    endless.interrupt();
    // Signals of one kind that wait at the same time are one, so the first must have been passed on.
    endless.wait_for_call();
    endless.interrupt();
    let (code, took) = endless.end();
    assert_eq!(code, Some(130));
    // A kernel is given 5 seconds to be interrupted and 5 to end.
    assert!(took < Duration::from_secs(5), "{took:?}");
    endless.check_kept();
}

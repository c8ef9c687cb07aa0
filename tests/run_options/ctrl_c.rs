//! Runs that the user stops.

use super::*;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use support::process;

/// A run of two notebooks: the cell `endless` of the first is running, and the second waits for the first.
struct Endless {
    sandbox: Sandbox,
    runner: Child,
    calls: mpsc::Receiver<()>,
}

impl Endless {
    /// Starts a run whose endless cell begins with `cell`, which can `call()` the test.
    fn start(cell: &str) -> Self {
        let sandbox = Sandbox::new();
        let socket = sandbox.path("calls");
        let listener = UnixListener::bind(&socket).expect("a socket");
        // The cell keeps its sockets: Python drops a KeyboardInterrupt that arrives while it destroys an open one.
        let cell = format!(
            "import signal, socket, time\n\
             sockets = []\n\
             def call():\n    sockets.append(socket.socket(socket.AF_UNIX))\n    sockets[-1].connect('{}')\n\
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
        let listen = || {
            // SAFETY: restores the default action of a signal, which the tests may have inherited as ignored.
            unsafe { libc::signal(libc::SIGHUP, libc::SIG_DFL) };
            Ok(())
        };
        // SAFETY: `signal` may be called between fork and exec (signal-safety(7)).
        unsafe { command.pre_exec(listen) };
        let runner = command.spawn().expect("threadbook starts");
        let (sender, calls) = mpsc::channel();
        // This thread ends with the test program at the latest.
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
        self.calls
            .recv_timeout(BOUND)
            .expect("a call from the cell");
    }

    fn interrupt(&self) {
        process::signal(self.runner.id(), libc::SIGINT);
    }

    /// Waits until the run ends. Returns its exit code and how long it took.
    fn end(&mut self) -> (Option<i32>, Duration) {
        let begin = Instant::now();
        let code = self.runner.wait().expect("a status").code();
        self.sandbox.expect_nothing_left();
        (code, begin.elapsed())
    }

    fn check_saved(&self) {
        let executed = read(&self.sandbox, "a.ipynb");
        assert_eq!(printed(&executed, "first"), "first\n");
        assert_eq!(printed(&executed, "endless"), "begins\n");
        let last = notebook::cell(&executed, "last");
        assert_eq!(
            (last.outputs().len(), &last.0["execution_count"]),
            (0, &Value::Null)
        );
        let other = notebook::cell(&read(&self.sandbox, "b.ipynb"), "other");
        assert_eq!(other.outputs().len(), 0, "b.ipynb ran");
    }
}

#[test]
fn ctrl_c_interrupts_the_cell_and_keeps_the_outputs() {
    need!(python);
    let mut endless = Endless::start("");
    endless.interrupt();
    let (code, _) = endless.end();
    assert_eq!(code, Some(130));
    endless.check_saved();
    let executed = read(&endless.sandbox, "a.ipynb");
    let error = notebook::cell(&executed, "endless")
        .error()
        .expect("an error");
    assert_eq!(error.ename, "KeyboardInterrupt");
}

/// The cell ignores interrupts, so the first Ctrl-C alone would take long.
#[test]
fn a_second_ctrl_c_stops_the_run_at_once() {
    need!(python);
    let mut endless = Endless::start("signal.signal(signal.SIGINT, lambda *_: call())");
    endless.interrupt();
    // Pending signals of one kind merge, so wait until the first has been passed on.
    endless.wait_for_call();
    endless.interrupt();
    let (code, took) = endless.end();
    assert_eq!(code, Some(130));
    // A kernel has 5 seconds to stop its cell and 5 to exit.
    assert!(took < Duration::from_secs(5), "{took:?}");
    endless.check_saved();
}

/// SIGHUP arrives when the terminal is closed.
#[test]
fn a_hangup_keeps_the_outputs() {
    need!(python);
    let mut endless = Endless::start("");
    process::signal(endless.runner.id(), libc::SIGHUP);
    let (code, _) = endless.end();
    assert_eq!(code, Some(130));
    endless.check_saved();
}

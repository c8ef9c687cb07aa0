//! A run that the user stops.

use super::*;
use common::process;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::sync::mpsc;

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
        // The sockets are kept: Python drops a KeyboardInterrupt that comes while it destroys an open one.
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
            // SAFETY: the default action of a signal; who runs the tests may have it ignored.
            unsafe { libc::signal(libc::SIGHUP, libc::SIG_DFL) };
            Ok(())
        };
        // SAFETY: `signal` may be called between fork and exec (signal-safety(7)).
        unsafe { command.pre_exec(listen) };
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

/// As when its terminal is closed.
#[test]
fn a_hangup_keeps_what_ran() {
    let mut endless = Endless::start("");
    process::signal(endless.runner.id(), libc::SIGHUP);
    let (code, _) = endless.end();
    assert_eq!(code, Some(130));
    endless.check_kept();
}

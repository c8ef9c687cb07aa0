//! A cell whose threads or processes wait for each other in vain ends with the error `Deadlock`; one that only waits long does not.

mod kinds;
mod look_alikes;

use std::time::{Duration, Instant};
use support::kernel::{Kernel, setup};
use support::sandbox::Sandbox;
use support::venv::Venv;

/// What the cells name.
const IMPORTS: &str = "use std::sync::{Arc, Barrier, Condvar, Mutex, OnceLock, RwLock, mpsc};\nuse std::thread;\nuse std::time::Duration;\n";

/// How often each look-alike runs; more by `THREADBOOK_ROUNDS`.
fn rounds() -> u32 {
    let rounds = std::env::var("THREADBOOK_ROUNDS").ok();
    rounds.map_or(2, |rounds| rounds.parse().expect("a number"))
}

fn start(venv: &Venv, sandbox: &Sandbox) -> Kernel {
    let mut kernel = Kernel::start(venv, sandbox);
    kernel.execute(&setup()).ok();
    kernel.execute(IMPORTS).ok();
    kernel.execute("let kept = vec![1, 2];").ok();
    kernel
}

/// Returns the traceback without colours.
fn plain(error: &serde_json::Value) -> String {
    let lines = error["traceback"].as_array().expect("a traceback");
    let lines: Vec<&str> = lines.iter().filter_map(|line| line.as_str()).collect();
    let colours = regex::Regex::new("\x1b\\[[0-9;]*m").expect("a pattern");
    colours.replace_all(&lines.join("\n"), "").into_owned()
}

/// How many kernels share the cells of a test, which mostly wait.
const KERNELS: usize = 3;

/// Starts kernels, and calls `check` for each of the cases with one of them. Returns what is wrong.
fn check_all<T: Sync>(
    cases: &[T],
    check: impl Fn(&mut Kernel, &T) -> Result<(), String> + Sync,
) -> Vec<String> {
    let venv = Venv::open();
    std::thread::scope(|scope| {
        let shares = (0..KERNELS).map(|first| {
            let (venv, check) = (&venv, &check);
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                let mut kernel = start(venv, &sandbox);
                let own = cases.iter().skip(first).step_by(KERNELS);
                own.filter_map(|case| check(&mut kernel, case).err())
                    .collect::<Vec<_>>()
            })
        });
        let shares: Vec<_> = shares.collect();
        let wrong = shares.into_iter().map(|share| {
            share
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        wrong.flatten().collect()
    })
}

#[test]
fn each_kind_of_deadlock_is_an_error_that_shows_the_lines() {
    let wrong = check_all(&kinds::KINDS, |kernel, kind| {
        for cell in kind.before {
            kernel.execute(cell).ok();
        }
        let begin = Instant::now();
        let executed = kernel.execute(kind.cell);
        let took = begin.elapsed();
        let error = executed.error();
        let shown = format!("{} after {took:?}: {error:#}", kind.name);
        if error["ename"] != "Deadlock" {
            return Err(format!("no deadlock: {shown}"));
        }
        let traceback = plain(error);
        let missing = kind.shows.iter().find(|text| !traceback.contains(*text));
        if let Some(missing) = missing {
            return Err(format!("{}: no {missing:?} in\n{traceback}", kind.name));
        }
        // A second from when all wait; the cell waits for that first, is compiled, and its lines are found afterwards.
        if took > Duration::from_secs(30) {
            return Err(format!("late: {shown}"));
        }
        match kernel.execute("kept").ok().result() {
            Some("[1, 2]") => Ok(()),
            _ => Err(format!("{}: a variable is lost", kind.name)),
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_cell_that_only_waits_long_is_no_deadlock() {
    let wrong = check_all(&look_alikes::LOOK_ALIKES, |kernel, look_alike| {
        for round in 0..rounds() {
            for cell in look_alike.before {
                kernel.execute(cell).ok();
            }
            // Every other time watched, where a cycle of locks is told at once.
            let watch = ["", "//: watch\n"][round as usize % 2];
            let executed = kernel.execute(&format!("{watch}{}", look_alike.cell));
            if executed.reply().content["status"] != "ok" || executed.stream("stdout") != "done\n" {
                let name = look_alike.name;
                return Err(format!("{name} in round {round}: {executed:#?}"));
            }
        }
        Ok(())
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_cell_that_asks_the_user_is_no_deadlock() {
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = start(&venv, &sandbox);
    let cell = "let mut line = String::new();\nstd::io::stdin().read_line(&mut line).unwrap();\nprintln!(\"{line}\");";
    let request = kernel.begin_with_stdin(cell);
    std::thread::sleep(Duration::from_secs(2));
    kernel.answer("yes");
    let executed = kernel.finish(&request, Duration::from_secs(30)).ok();
    assert!(executed.stream("stdout").contains("yes"));
}

#[test]
fn the_detection_can_be_switched_off() {
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start_with(&venv, &sandbox, &[("THREADBOOK_DEADLOCKS", "off")]);
    let request = kernel.begin("let lock = std::sync::Mutex::new(1);\nlet one = lock.lock().unwrap();\nprintln!(\"started\");\nlet other = lock.lock().unwrap();");
    kernel.until_shown(&request, "started\n");
    std::thread::sleep(Duration::from_secs(2));
    kernel.interrupt();
    let executed = kernel.finish(&request, Duration::from_secs(30));
    let error = executed.error();
    assert_eq!(error["ename"], "Interrupted");
    let shown = plain(error);
    for text in [
        "`main` waits for a `Mutex`",
        "--> cell, line 4",
        "let other = lock.lock().unwrap();",
    ] {
        assert!(shown.contains(text), "{shown}");
    }
}

#[test]
fn an_interrupt_tells_what_each_thread_waits_for() {
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = start(&venv, &sandbox);
    let cell = "use std::io::Read;\nlet listener = std::net::TcpListener::bind(\"127.0.0.1:0\").unwrap();\n\
                let address = listener.local_addr().unwrap();\n\
                let reader = thread::Builder::new().name(\"reader\".into()).spawn(move || {\n    let mut stream = std::net::TcpStream::connect(address).unwrap();\n    stream.read_exact(&mut [0]).unwrap();\n}).unwrap();\n\
                let silent = listener.accept().unwrap();\n\
                let runner = thread::Builder::new().name(\"runner\".into()).spawn(|| {\n    std::process::Command::new(\"sleep\").arg(\"600\").status().unwrap();\n}).unwrap();\n\
                let sleeper = thread::Builder::new().name(\"sleeper\".into()).spawn(|| {\n    thread::sleep(Duration::from_secs(600));\n}).unwrap();\n\
                let busy = thread::Builder::new().name(\"busy\".into()).spawn(|| loop {}).unwrap();\n\
                println!(\"started\");\n\
                sleeper.join().unwrap();";
    let request = kernel.begin(cell);
    kernel.until_shown(&request, "started\n");
    // Until all three are where they stay; the interrupt could come before.
    std::thread::sleep(Duration::from_millis(1500));
    kernel.interrupt();
    let executed = kernel.finish(&request, Duration::from_secs(30));
    let shown = plain(executed.error());
    for text in [
        "`main` waits for the end of `sleeper`",
        "sleeper.join().unwrap();",
        "`sleeper` waits for time to pass (`sleep`)",
        "thread::sleep(Duration::from_secs(600));",
        "`busy` runs",
        "`reader` waits for something to arrive at a socket",
        "stream.read_exact(&mut [0]).unwrap();",
        "`runner` waits for a child process to end",
        ".arg(\"600\").status().unwrap();",
    ] {
        assert!(shown.contains(text), "no {text:?} in\n{shown}");
    }
}

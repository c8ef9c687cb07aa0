//! Measures what it costs to watch cells: those that are watched, and all others.

mod unwatched;

use std::fs;
use std::time::Duration;
use support::kernel::Kernel;
use support::run;
use support::sandbox::Sandbox;
use support::venv::Venv;

/// How often each is measured; the table shows medians.
const ROUNDS: usize = 9;

const TIMEOUT: Duration = Duration::from_secs(60);

/// A function that is timed; `name` is what it does.
struct Work {
    name: &'static str,
    code: &'static str,
    /// What the watched function may take, as a multiple of the other.
    limit: Option<f64>,
}

const WORKS: [Work; 4] = [
    Work {
        name: "A5: two threads, a lock, 500000 steps",
        code: "fn work() {\n    let balance = std::sync::Arc::new(std::sync::Mutex::new(0));\n    let threads = [1, 1].map(|step| {\n        let balance = balance.clone();\n        \
               std::thread::spawn(move || for _ in 0..250_000 { let mut balance = balance.lock().unwrap(); *balance += step; })\n    });\n    \
               for thread in threads { thread.join().unwrap(); }\n    assert_eq!(*balance.lock().unwrap(), 500_000);\n}",
        limit: Some(3.0),
    },
    Work {
        name: "a lock that is always free, 500000 times",
        code: "fn work() {\n    let count = std::sync::Mutex::new(0);\n    for _ in 0..500_000 { *count.lock().unwrap() += 1; }\n}",
        limit: None,
    },
    Work {
        name: "20000 messages, each answered",
        code: "fn work() {\n    let ((sender, questions), (answers, receiver)) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());\n    \
               let other = std::thread::spawn(move || for question in questions { answers.send(question + 1).unwrap(); });\n    \
               for number in 0..20_000 { sender.send(number).unwrap(); assert_eq!(receiver.recv(), Ok(number + 1)); }\n    \
               drop(sender);\n    other.join().unwrap();\n}",
        limit: None,
    },
    Work {
        name: "atomics, 500000 loads and stores",
        code: "fn work() {\n    use std::sync::atomic::{AtomicI32, Ordering::SeqCst};\n    let count = AtomicI32::new(0);\n    \
               for _ in 0..500_000 { count.store(count.load(SeqCst) + 1, SeqCst); }\n}",
        limit: None,
    },
];

/// Prints a row for each function: in a program, in a cell, and in a watched cell. Then what a million events take.
pub fn compare(venv: &Venv) {
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(venv, &sandbox);
    println!(
        "{:46}{:>12}{:>10}{:>8}{:>12}{:>8}",
        "milliseconds, and ratios", "a program", "a cell", "", "watched", ""
    );
    for work in &WORKS {
        let program = timed_program(&sandbox, work);
        kernel.execute(work.code).ok();
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            times[0].push(number(
                &run::to_end(&mut sandbox.command(&program), TIMEOUT)
                    .expect_code(0)
                    .stdout,
            ));
            for (watch, index) in [("", 1), ("//: watch\n", 2)] {
                let timed = format!(
                    "{watch}let begin = std::time::Instant::now();\nwork();\nbegin.elapsed().as_secs_f64() * 1000.0"
                );
                let executed = kernel.execute(&timed).ok();
                times[index].push(number(executed.result().expect("a time")));
            }
        }
        let [program, cell, watched] = times.map(median);
        let limit = work
            .limit
            .map_or(String::new(), |limit| format!("  (at most {limit})"));
        println!(
            "{:46}{program:>12.1}{cell:>10.1}{:>8.2}{watched:>12.1}{:>8.2}{limit}",
            work.name,
            cell / program,
            watched / cell
        );
    }
    million(&mut Kernel::start(venv, &sandbox));
    unwatched::compare(&mut Kernel::start(venv, &sandbox));
}

/// Compiles the function, as cells are compiled, into a program that prints how long it took.
fn timed_program(sandbox: &Sandbox, work: &Work) -> String {
    let main = "fn main() {\n    let begin = std::time::Instant::now();\n    work();\n    println!(\"{}\", begin.elapsed().as_secs_f64() * 1000.0);\n}";
    let source = format!("{}\n{main}\n", work.code);
    let (file, program) = (sandbox.work().join("work.rs"), sandbox.work().join("work"));
    fs::write(&file, source).expect("a source");
    let mut rustc = sandbox.command("rustc");
    rustc
        .args([
            "--edition=2024",
            "-Cdebug-assertions=on",
            "-Coverflow-checks=on",
        ])
        .args(["-Ccodegen-units=1", "-Cprefer-dynamic", "-Crpath"])
        .arg("-o")
        .args([&program, &file]);
    run::to_end(&mut rustc, TIMEOUT).expect_code(0);
    program.display().to_string()
}

/// Prints how long a cell with a million events takes from its end to its picture, and how much memory its processes need for that.
fn million(kernel: &mut Kernel) {
    let peak = "std::fs::read_to_string(\"/proc/self/status\").unwrap().lines().find_map(|line| line.strip_prefix(\"VmHWM:\")).unwrap().trim().trim_end_matches(\" kB\").parse::<f64>().unwrap() / 1000.0";
    let before = number(kernel.execute(peak).ok().result().expect("memory"));
    let server = |kernel: &Kernel| {
        let status =
            fs::read_to_string(format!("/proc/{}/status", kernel.pid)).expect("its status");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .expect("its memory");
        number(line.trim().trim_end_matches(" kB")) / 1000.0
    };
    let server_before = server(kernel);
    let cell = "//: watch\nlet count = std::sync::Mutex::new(0);\nlet begin = std::time::Instant::now();\nfor _ in 0..500_000 { *count.lock().unwrap() += 1; }\nbegin.elapsed().as_secs_f64()";
    // The second time it is compiled already.
    kernel.execute(cell).ok();
    let begin = std::time::Instant::now();
    let executed = kernel.execute(cell).ok();
    let all = begin.elapsed().as_secs_f64();
    let running = number(executed.result().expect("a time"));
    let after = number(kernel.execute(peak).ok().result().expect("memory"));
    println!(
        "a million events: {running:.2} s while the cell runs, {:.2} s until the picture is there (at most 1); the runtime grows by {:.0} MB, \
         the kernel by {:.0} MB (at most 100)",
        all - running,
        after - before,
        server(kernel) - server_before
    );
}

fn number(text: &str) -> f64 {
    text.trim()
        .parse()
        .unwrap_or_else(|_| panic!("no number: {text:?}"))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

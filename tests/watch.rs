//! A cell that begins with `//: watch` shows a picture of what its threads and processes did.

mod picture;
mod programs;
mod runner;

use picture::{Titles, bars, count, picture, shown};
use std::sync::{Arc, Mutex};
use support::kernel::{Kernel, setup};
use support::sandbox::{BOUND, Sandbox};
use support::tools::need;
use support::turn;
use support::venv::Venv;

fn start(venv: &Venv, sandbox: &Sandbox) -> Kernel {
    let mut kernel = Kernel::start(venv, sandbox);
    kernel.execute(&setup()).ok();
    // What the cells name. The helper's barrier and lock have other names.
    let imports = "use std::sync::{Arc, Barrier, Condvar, Mutex, RwLock, mpsc};\nuse std::sync::atomic::{AtomicBool, AtomicI32, Ordering::SeqCst};\n\
                   use std::thread;\nuse std::time::Duration;\n\
                   fn named<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {\n    \
                   thread::Builder::new().name(name.to_owned()).spawn(work).unwrap()\n}";
    kernel.execute(imports).ok();
    kernel
}

/// What takes the time that it takes on a machine with nothing else to do. One kernel runs all these cells: its start takes longest.
#[test]
fn a_watched_cell_has_a_picture_of_what_happened() {
    need!(python);
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = start(&venv, &sandbox);
    a_long_sleep_is_shortened(&mut kernel);
    sleeps_of_threads_overlap(&mut kernel);
    a_lock_and_processes_have_lanes_too(&mut kernel);
    small_programs_are_drawn_as_they_ran(&mut kernel);
    what_happens_half_a_million_times_is_drawn_once(&mut kernel);
}

#[test]
fn a_watched_cell_does_what_others_do() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = start(&venv, &sandbox);
    a_cell_that_fails_is_drawn_and_one_that_is_not_watched_is_not(&mut kernel);
    variables_are_the_same_in_watched_cells_and_others(&mut kernel);
    a_cell_that_cannot_be_watched_runs_plain_and_says_why(&mut kernel);
    a_cycle_of_locks_ends_a_watched_cell_although_others_go_on(&mut kernel);
    an_interrupted_cell_is_drawn(&mut kernel);
}

fn a_long_sleep_is_shortened(kernel: &mut Kernel) {
    let cell = "//: watch\nlet lazy = thread::Builder::new().name(\"lazy\".to_owned()).spawn(|| thread::sleep(Duration::from_millis(30))).unwrap();\n\
                lazy.join().unwrap();\nthread::sleep(Duration::from_secs(2));\nprintln!(\"awake\");";
    let executed = kernel.execute(cell).ok();
    let text = shown(&executed, "text/plain");
    assert!(text.contains("shortened: 2.0 s, from "), "{text}");
    // In proportion it would be one character.
    let joins = count(&bars(&executed)["main"], 'j');
    assert!((15..=46).contains(&joins), "{text}");
    assert!(picture(&executed).contains("class=\"gap\""));
}

fn sleeps_of_threads_overlap(kernel: &mut Kernel) {
    let cell = "//: watch\nlet threads: Vec<_> = (1..=3).map(|n| {\n    let sleep = move || thread::sleep(Duration::from_millis(200 * n));\n    \
                thread::Builder::new().name(format!(\"t{n}\")).spawn(sleep).unwrap()\n}).collect();\nfor thread in threads { thread.join().unwrap(); }\n41 + 1";
    let executed = kernel.execute(cell).ok();
    assert_eq!(executed.result(), Some("42"));
    let bars = bars(&executed);
    let sleeps = ["t1", "t2", "t3"].map(|name| count(&bars[name], '·'));
    assert!(
        sleeps[0] >= 3 && sleeps.is_sorted_by(|one, other| one < other),
        "{bars:#?}"
    );
    let svg = picture(&executed);
    assert!(svg.contains("<svg") && !svg.contains("<script"), "{svg}");
    for text in [
        "t3 waits for time to pass",
        "line 3: let sleep",
        "started by main in line 4",
    ] {
        assert!(svg.contains(text), "no {text:?} in {svg}");
    }
    let html = shown(&executed, "text/html");
    assert!(
        html.contains(
            "<td>t3</td><td>time to pass (<code>sleep</code>)</td><td>3: <code>let sleep"
        ),
        "{html}"
    );
}

fn a_lock_and_processes_have_lanes_too(kernel: &mut Kernel) {
    let cell = "//: watch\nlet (lock, holds) = (Lock::new(), Event::new());\nlet (in_child, told) = (lock.clone(), holds.clone());\n\
                let mut child = Process::new(move || {\n    let guard = in_child.lock();\n    told.set();\n    thread::sleep(Duration::from_millis(400));\n    println!(\"child\");\n});\n\
                child.start().unwrap();\nholds.wait();\nlet guard = lock.lock();\nchild.join().unwrap();";
    let executed = kernel.execute(cell).ok();
    let bars = bars(&executed);
    assert!(count(&bars["Process-1"], '·') > 20, "{bars:#?}");
    let text = shown(&executed, "text/plain");
    let main = text.lines().next().expect("a lane");
    assert!(count(main, 'L') > 20, "{text}");
    let html = shown(&executed, "text/html");
    assert!(html.contains("<td>main</td><td><code>lock</code>, which Process-1 holds</td><td>12: <code>let guard = lock.lock();</code></td><td>1</td>"), "{html}");
}

fn a_cell_that_fails_is_drawn_and_one_that_is_not_watched_is_not(kernel: &mut Kernel) {
    let executed =
        kernel.execute("//: watch\nthread::sleep(Duration::from_millis(50));\npanic!(\"over\");");
    assert_eq!(executed.error()["ename"], "panic");
    assert!(shown(&executed, "text/plain").starts_with("main "));
    let executed = kernel
        .execute(":watch\nthread::sleep(Duration::from_millis(50));")
        .ok();
    assert!(shown(&executed, "text/plain").contains("sleeps"));
    let executed = kernel
        .execute("// : watch\nthread::sleep(Duration::from_millis(50));")
        .ok();
    assert!(
        executed
            .0
            .iter()
            .all(|message| message.kind != "display_data")
    );
}

fn small_programs_are_drawn_as_they_ran(kernel: &mut Kernel) {
    let mut wrong = Vec::new();
    for program in &programs::PROGRAMS {
        let executed = kernel.execute(&format!("//: watch\n{}", program.cell)).ok();
        assert!(
            !executed.stream("stderr").contains("watched without"),
            "{}: {executed:?}",
            program.name
        );
        let (svg, text) = (picture(&executed), shown(&executed, "text/plain"));
        let titles = Titles::of(&svg);
        let mut missing: Vec<String> = Vec::new();
        for (lane, what) in program.lanes {
            if !titles.does(lane, what) {
                missing.push(format!("{lane} does not: {what:?}"));
            }
        }
        for arrow in program.arrows {
            if !titles.all.iter().any(|title| title.starts_with(arrow)) {
                missing.push(format!("no arrow: {arrow}"));
            }
        }
        if let Some(note) = program.note
            && !text.lines().any(|line| line.starts_with(note))
        {
            missing.push(format!("no note: {note}"));
        }
        for absent in program.absent {
            if svg.contains(absent) || text.contains(absent) {
                missing.push(format!("there is: {absent}"));
            }
        }
        if !missing.is_empty() {
            let all = titles.all.join("\n");
            wrong.push(format!(
                "{}:\n{}\nin\n{text}\n{all}",
                program.name,
                missing.join("\n")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn variables_are_the_same_in_watched_cells_and_others(kernel: &mut Kernel) {
    kernel.execute("//: watch\nlet made = Arc::new(Mutex::new(vec![1]));\nlet (sender, receiver) = mpsc::channel::<i32>();\nstatic HITS: AtomicI32 = AtomicI32::new(0);\nstruct Account { balance: RwLock<i32> }\nlet account = Account { balance: RwLock::new(5) };\nHITS.fetch_add(1, SeqCst);").ok();
    kernel.execute("made.lock().unwrap().push(2);\nsender.send(HITS.fetch_add(1, SeqCst)).unwrap();\n*account.balance.write().unwrap() += 1;\nlet plain = Arc::new(Mutex::new(String::from(\"a\")));").ok();
    let watched = kernel.execute("//: watch\nplain.lock().unwrap().push('b');\nmade.lock().unwrap().push(receiver.recv().unwrap());\nformat!(\"{made:?} {plain:?} {} {HITS:?}\", account.balance.read().unwrap())").ok();
    let expected = "'Mutex { data: [1, 2, 1], poisoned: false, .. } Mutex { data: \"ab\", poisoned: false, .. } 6 2'";
    assert_eq!(watched.result(), Some(expected));
    let plain = kernel
        .execute("format!(\"{made:?} {plain:?} {} {HITS:?}\", account.balance.read().unwrap())")
        .ok();
    assert_eq!(plain.result(), Some(expected));
    let name = kernel
        .execute("//: watch\nstd::any::type_name_of_val(&made).to_owned()")
        .ok();
    let expected = std::any::type_name::<Arc<Mutex<Vec<i32>>>>();
    assert_eq!(name.result(), Some(&*format!("'{expected}'")));
    let borrowed = "//: watch\nlet mut number = 5;\nunsafe { AtomicI32::from_ptr(&mut number) }.fetch_add(1, SeqCst);\nnumber";
    let borrowed = kernel.execute(borrowed).ok();
    assert_eq!(borrowed.result(), Some("6"));
    assert_eq!(borrowed.stream("stderr"), "");
    // The messages of rustc and of the cell name std's types.
    let failing = kernel.execute("//: watch\nlet number: i32 = Mutex::new(1);");
    let message = failing.error()["evalue"].as_str().expect("a message");
    assert!(!message.contains("threadbook_std"), "{message}");
}

fn a_cell_that_cannot_be_watched_runs_plain_and_says_why(kernel: &mut Kernel) {
    let cell = "//: watch\nlet count: core::sync::atomic::AtomicI32 = AtomicI32::new(7);\ncount.load(SeqCst)";
    let executed = kernel.execute(cell).ok();
    assert_eq!(executed.result(), Some("7"));
    let notes = executed.stream("stderr");
    assert_eq!(notes.lines().count(), 1, "{notes}");
    assert!(
        notes.starts_with("watched without its locks, channels and atomics: "),
        "{notes}"
    );
    assert!(shown(&executed, "text/plain").starts_with("main "));
}

fn a_cycle_of_locks_ends_a_watched_cell_although_others_go_on(kernel: &mut Kernel) {
    let cell = "//: watch\nlet busy = named(\"busy\", || loop { thread::sleep(Duration::from_millis(1)); });\nlet (left, right) = (Arc::new(Mutex::new(1)), Arc::new(Mutex::new(2)));\n\
                let (l, r, both) = (left.clone(), right.clone(), Arc::new(Barrier::new(2)));\nlet theirs = both.clone();\n\
                let t1 = named(\"t1\", move || {\n    let a = l.lock().unwrap();\n    theirs.wait();\n    let b = r.lock().unwrap();\n});\n\
                let b = right.lock().unwrap();\nboth.wait();\nlet a = left.lock().unwrap();";
    let executed = kernel.execute(cell);
    let error = executed.error();
    assert_eq!(error["ename"], "Deadlock");
    let traceback = error["traceback"].to_string();
    for text in [
        "waits for a lock that `t1` holds",
        "waits for a lock that `main` holds",
    ] {
        assert!(traceback.contains(text), "{traceback}");
    }
    assert!(!traceback.contains("busy"), "{traceback}");
    let titles = Titles::of(&picture(&executed));
    assert!(
        titles.does("main", &["waits for `left`, which t1 holds"]),
        "{:?}",
        titles.all
    );
    assert!(
        titles.does("t1", &["waits for `right`, which main holds"]),
        "{:?}",
        titles.all
    );
}

fn an_interrupted_cell_is_drawn(kernel: &mut Kernel) {
    let request = kernel.begin("//: watch\nlet lock = Mutex::new(1);\nlet guard = lock.lock().unwrap();\nprintln!(\"started\");\nthread::sleep(Duration::from_secs(100));");
    kernel.until_shown(&request, "started\n");
    kernel.interrupt();
    let executed = kernel.finish(&request, BOUND);
    assert_eq!(executed.error()["ename"], "Interrupted");
    let titles = Titles::of(&picture(&executed));
    assert!(
        titles.does(
            "main",
            &["waits for time to pass (`sleep`)", "holds `lock`"]
        ),
        "{:?}",
        titles.all
    );
}

fn what_happens_half_a_million_times_is_drawn_once(kernel: &mut Kernel) {
    let cell = "//: watch\nlet count = Mutex::new(0);\nfor _ in 0..500_000 { *count.lock().unwrap() += 1; }\nlet total = *count.lock().unwrap();\ntotal";
    let executed = kernel.execute(cell).ok();
    assert_eq!(executed.result(), Some("500000"));
    let svg = picture(&executed);
    // One span, unless the thread did not run for a while.
    let times = regex::Regex::new("main holds `count`: (?:([0-9]+) times)?").expect("a pattern");
    let counts = times.captures_iter(&svg).map(|found| {
        found
            .get(1)
            .map_or(1, |count| count.as_str().parse::<u32>().expect("a number"))
    });
    assert_eq!(counts.sum::<u32>(), 500_001, "{svg}");
    assert!(svg.len() < 100_000, "{}", svg.len());
}

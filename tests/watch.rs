//! A cell that begins with `//: watch` shows a picture of what its threads and processes did.

mod common;

use common::kernel::{Executed, Kernel, setup};
use common::sandbox::{BOUND, Sandbox};
use common::tools::need;
use common::venv::Venv;
use common::{notebook, run, turn};
use data_encoding::BASE64;
use serde_json::json;
use std::collections::HashMap;

/// The picture as text: the bar of each lane, by its name.
fn bars(executed: &Executed) -> HashMap<String, String> {
    let text = shown(executed, "text/plain");
    text.lines()
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.rsplit_once("  ").or(line.rsplit_once(' ')))
        .map(|(name, bar)| (name.trim().to_owned(), bar.to_owned()))
        .collect()
}

/// The content of this type of the one display.
fn shown(executed: &Executed, mime: &str) -> String {
    let display = executed
        .0
        .iter()
        .find(|message| message.kind == "display_data");
    let display = display.unwrap_or_else(|| panic!("no picture: {executed:?}"));
    let text = display.content["data"][mime].as_str();
    text.unwrap_or_else(|| panic!("no {mime}")).to_owned()
}

/// The SVG in the `<img>`.
fn picture(executed: &Executed) -> String {
    let html = shown(executed, "text/html");
    let svg = html.split("base64,").nth(1);
    let svg = svg.and_then(|rest| rest.split('"').next());
    let svg = BASE64.decode(svg.expect("a picture").as_bytes());
    String::from_utf8(svg.expect("base64")).expect("UTF-8")
}

/// How many characters of a bar are this one.
fn count(bar: &str, mark: char) -> usize {
    bar.chars().filter(|c| *c == mark).count()
}

fn start(venv: &Venv, sandbox: &Sandbox) -> Kernel {
    let mut kernel = Kernel::start(venv, sandbox);
    kernel.execute(&setup()).ok();
    let imports = "use std::sync::{Arc, Mutex, mpsc};\nuse std::thread;\nuse std::time::Duration;";
    kernel.execute(imports).ok();
    kernel
}

#[test]
fn a_long_sleep_is_shortened() {
    need!(python);
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = start(&venv, &sandbox);
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

#[test]
fn sleeps_of_threads_overlap() {
    need!(python);
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = start(&venv, &sandbox);
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

#[test]
fn a_lock_and_processes_have_lanes_too() {
    need!(python);
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = start(&venv, &sandbox);
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
    assert!(html.contains("<td>main</td><td>a lock</td><td>12: <code>let guard = lock.lock();</code></td><td>1</td>"), "{html}");
}

#[test]
fn a_cell_that_fails_is_drawn_and_one_that_is_not_watched_is_not() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = start(&venv, &sandbox);
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

#[test]
fn the_runner_watches_all_cells_without_a_change_to_them() {
    let sandbox = Sandbox::new();
    let cells = [
        ("quiet", "let quiet = 1;"),
        (
            "sleep",
            "std::thread::sleep(std::time::Duration::from_millis(50));",
        ),
    ];
    let original = notebook::of(cells);
    let path = sandbox.work().join("a.ipynb");
    notebook::write(&path, &original);
    // With `--timings`, rustc is called as if it were a nightly one.
    let arguments = [
        "run",
        "a.ipynb",
        "--in-place",
        "--watch",
        "--timings",
        "--html",
        "pages",
    ];
    run::to_end(sandbox.threadbook().args(arguments), BOUND).expect_code(0);
    let executed = notebook::read(&path);
    assert!(notebook::cell(&executed, "quiet").outputs().is_empty());
    let sleep = notebook::cell(&executed, "sleep");
    let source = json!(["std::thread::sleep(std::time::Duration::from_millis(50));"]);
    assert_eq!(sleep.0["source"], source);
    assert_eq!(sleep.outputs().len(), 1);
    let page = std::fs::read_to_string(sandbox.work().join("pages/a.html")).expect("a page");
    assert!(page.contains("<img") && page.contains("data:image/svg+xml;base64,"));
    assert!(page.contains("<summary>Waits</summary>"));
    assert!(page.contains("1: <code>std::thread::sleep"), "{page}");
}

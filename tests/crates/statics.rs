//! One object for all cells, threads and processes, whatever crate has it.

use super::*;
use support::kernel::Kernel;
use support::tools::need;
use support::venv::Venv;

const COUNTER: &str = "use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
static HITS: AtomicU32 = AtomicU32::new(0);
pub fn hit() -> u32 { HITS.fetch_add(1, SeqCst) + 1 }
#[inline] pub fn hit_inline() -> u32 { HITS.fetch_add(1, SeqCst) + 1 }
pub fn hit_generic<T>(_: T) -> u32 { HITS.fetch_add(1, SeqCst) + 1 }
";

#[test]
fn cells_and_threads_share_the_statics_of_a_crate() {
    let sandbox = Sandbox::new();
    write_crate(&sandbox, "my-counter", COUNTER);
    let cells = execute(
        &sandbox,
        &[
            ":dep my-counter = { path = \"my-counter\" }\nmy_counter::hit()",
            "my_counter::hit_inline()",
            "let threads = [std::thread::spawn(my_counter::hit), std::thread::spawn(my_counter::hit_inline)];\n\
             threads.map(|thread| thread.join().unwrap()).iter().sum::<u32>()",
            "my_counter::hit_generic(\"a\") + my_counter::hit_generic(1)",
            ":dep itoa = \"1\"\nmy_counter::hit()",
        ],
    );
    expect_results(&cells, &["1", "2", "7", "11", "7"]);
}

#[test]
fn a_process_inherits_the_statics_of_its_parent() {
    let sandbox = Sandbox::new();
    write_crate(&sandbox, "my-counter", COUNTER);
    let setup = support::kernel::setup();
    let cells = execute(
        &sandbox,
        &[
            &setup,
            ":dep my-counter = { path = \"my-counter\" }\nmy_counter::hit()",
            "let mut process = Process::new(|| println!(\"{}\", my_counter::hit()));\nprocess.start();\nprocess.join();\nmy_counter::hit_inline()",
        ],
    );
    expect_results(&cells[1..], &["1", "2"]);
    assert_eq!(cells[2].stream("stdout"), "2\n");
}

#[test]
fn a_crate_with_c_code_has_its_state_once() {
    let sandbox = Sandbox::new();
    write_crate(
        &sandbox,
        "with-c",
        "unsafe extern \"C\" { fn counted(n: i32) -> i32; }\n\
         pub fn count(n: i32) -> i32 { unsafe { counted(n) } }\n\
         #[inline] pub fn count_inline(n: i32) -> i32 { unsafe { counted(n) } }\n",
    );
    let folder = sandbox.work().join("with-c");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
    fs::write(
        folder.join("Cargo.toml"),
        manifest + "[build-dependencies]\ncc = \"1\"\n",
    )
    .expect("a manifest");
    fs::write(
        folder.join("build.rs"),
        "fn main() { cc::Build::new().file(\"count.c\").compile(\"count\"); }",
    )
    .expect("a script");
    fs::write(
        folder.join("count.c"),
        "static int sum; int counted(int n) { return sum += n; }",
    )
    .expect("C");
    let cells = execute(
        &sandbox,
        &[
            ":dep with-c = { path = \"with-c\" }\nwith_c::count(2)",
            "with_c::count_inline(3)",
        ],
    );
    expect_results(&cells, &["2", "5"]);
}

#[test]
fn cells_share_crates_with_the_helper() {
    let sandbox = Sandbox::new();
    let first = format!(":dep rayon = \"1\"\n{}", support::kernel::setup());
    let cells = execute(
        &sandbox,
        &[
            &first,
            "rayon::ThreadPoolBuilder::new().num_threads(3).build_global().unwrap();\nthreadbook::rayon::current_num_threads()",
            "let pool: threadbook::rayon::ThreadPool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();\npool.current_num_threads()",
        ],
    );
    expect_results(&cells, &["", "3", "2"]);
}

#[test]
fn all_cells_share_one_tokio_runtime() {
    let sandbox = Sandbox::new();
    let cells = execute(
        &sandbox,
        &[
            ":dep tokio = { version = \"1\", features = [\"full\"] }\nuse std::time::Duration;\n\
             let (sender, mut receiver) = tokio::sync::mpsc::channel::<u32>(10);\n\
             let task = tokio::spawn(async move { for n in 0..3 { tokio::time::sleep(Duration::from_millis(5)).await; sender.send(n).await.unwrap(); } \"done\" });",
            "receiver.recv().await",
            "println!(\"{:?} {:?}\", receiver.recv().await, receiver.recv().await);\ntask.await.unwrap()",
            "let (a, b) = tokio::join!(async { 1 }, async { 2 });\na + b",
            "fn spawn() -> tokio::task::JoinHandle<u8> { tokio::spawn(async { 9 }) }\nlet other = spawn();",
            "other.await.unwrap()",
        ],
    );
    expect_results(&cells, &["", "Some(0)", "\"done\"", "3", "", "9"]);
    assert_eq!(cells[2].stream("stdout"), "Some(1) Some(2)\n");
}

#[test]
fn a_tasks_output_belongs_to_the_cell_that_spawned_it() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel
        .execute(":dep tokio = { version = \"1\", features = [\"full\"] }\nuse std::sync::Arc;\nuse tokio::sync::Notify;")
        .ok();
    let spawn = |name: &str| {
        format!(
            "let go_{name} = Arc::new(Notify::new());\nlet task_{name} = tokio::spawn({{\n    let go = go_{name}.clone();\n    async move {{\n        \
             for step in 0..3 {{\n            go.notified().await;\n            println!(\"{name} {{step}}\");\n        }}\n    }}\n}});"
        )
    };
    let tasks = ["a", "b"].map(|name| {
        let request = kernel.begin(&spawn(name));
        kernel.finish(&request, BOUND).ok();
        request
    });
    for step in 0..3 {
        let cell = kernel.execute("go_a.notify_one();\ngo_b.notify_one();\nprintln!(\"go\");");
        assert_eq!(cell.ok().stream("stdout"), "go\n");
        for (name, request) in ["a", "b"].iter().zip(&tasks) {
            kernel.until_shown(request, &format!("{name} {step}\n"));
        }
    }
    // What the last cell itself spawns belongs to it.
    let last = kernel.execute("task_a.await.unwrap();\ntask_b.await.unwrap();\ntokio::spawn(async { println!(\"mine\") }).await.unwrap();");
    assert_eq!(last.ok().stream("stdout"), "mine\n");
    for (name, request) in ["a", "b"].iter().zip(&tasks) {
        let all = kernel.finish(request, BOUND).stream("stdout");
        assert_eq!(all, format!("{name} 0\n{name} 1\n{name} 2\n"));
    }
}

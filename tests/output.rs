//! Cell output: rich displays, output that arrives after the cell has ended, and output beyond the limit.

use serde_json::{Value, json};
use std::time::Duration;
use support::kernel::{Executed, Kernel, setup};
use support::sandbox::Sandbox;
use support::tools::need;
use support::venv::Venv;

fn with_kernel<R>(test: impl FnOnce(&mut Kernel) -> R) -> R {
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute(&setup()).ok();
    kernel
        .execute("use std::thread;\nuse std::time::Duration;")
        .ok();
    test(&mut kernel)
}

/// Summarizes the outputs of a cell in order.
fn summary(executed: &Executed) -> Vec<String> {
    let shown = executed.0.iter().filter_map(|message| {
        let content = &message.content;
        Some(match message.kind.as_str() {
            "stream" => format!(
                "{}: {}",
                content["name"].as_str()?,
                content["text"].as_str()?
            ),
            "display_data" => format!("display {}", types(&content["data"])),
            "update_display_data" => format!("update {}", types(&content["data"])),
            "clear_output" => format!("clear {}", content["wait"]),
            "execute_result" => format!("result {}", types(&content["data"])),
            _ => return None,
        })
    });
    shown.collect()
}

fn types(data: &Value) -> String {
    let types: Vec<&str> = data
        .as_object()
        .expect("a bundle")
        .keys()
        .map(String::as_str)
        .filter(|mime| *mime != "text/plain")
        .collect();
    types.join(" ")
}

#[test]
fn rich_output_and_streams_stay_in_order() {
    need!(python);
    with_kernel(|kernel| {
        let cell = "print!(\"1\");\nlet shown = display(Html(\"<b>2</b>\"));\neprintln!(\"3\");\n\
                    display(Svg(\"<svg/>\"));\nprintln!(\"5\");\ndisplay(Json(\"{\\\"six\\\": [6]}\"));\n\
                    shown.update(Markdown(\"*7*\"));\nclear_output(true);\nprintln!(\"9\");\n\
                    display(Png(vec![7; 200_000]));\nprintln!(\"11\");\n12";
        // Each output takes a different channel from the one before; a race would show only sometimes.
        for _ in 0..20 {
            let executed = kernel.execute(cell).ok();
            let expected = [
                "stdout: 1",
                "display text/html",
                "stderr: 3\n",
                "display image/svg+xml",
                "stdout: 5\n",
                "display application/json",
                "update text/markdown",
                "clear true",
                "stdout: 9\n",
                "display image/png",
                "stdout: 11\n",
                "result ",
            ];
            assert_eq!(summary(&executed), expected);
        }
    });
}

#[test]
fn a_handle_updates_its_display() {
    need!(python);
    with_kernel(|kernel| {
        let first = kernel
            .execute("let shown = display(Html(\"<b>1</b>\"));")
            .ok();
        let second = kernel.execute("shown.update(Html(\"<b>2</b>\"));").ok();
        let find = |executed: &Executed, kind: &str| {
            let message = executed.0.iter().find(|message| message.kind == kind);
            message
                .unwrap_or_else(|| panic!("no {kind}: {executed:?}"))
                .content
                .clone()
        };
        let display = find(&first, "display_data");
        let update = find(&second, "update_display_data");
        assert!(display["transient"]["display_id"].is_string());
        assert_eq!(display["transient"], update["transient"]);
        assert_eq!(update["data"]["text/html"], "<b>2</b>");
    });
}

#[test]
fn json_arrives_as_json_and_bytes_as_base64() {
    need!(python);
    with_kernel(|kernel| {
        let executed = kernel
            .execute(
                "display(Json(\"{\\\"a\\\": [1, null]}\"));\ndisplay(Png(vec![137, 80, 78, 71]));",
            )
            .ok();
        let data: Vec<&Value> = executed
            .0
            .iter()
            .filter(|message| message.kind == "display_data")
            .map(|message| &message.content["data"])
            .collect();
        assert_eq!(data[0]["application/json"], json!({ "a": [1, null] }));
        assert_eq!(data[1]["image/png"], "iVBORw==");
    });
}

#[test]
fn an_evcxr_content_block_becomes_the_result() {
    need!(python);
    with_kernel(|kernel| {
        let cell = "println!(\"EVCXR_BEGIN_CONTENT text/html\\n<b>1</b>\\nEVCXR_END_CONTENT\");";
        assert_eq!(summary(&kernel.execute(cell).ok()), ["result text/html"]);
    });
}

#[test]
fn a_process_that_outlives_its_cell_prints_into_that_cell() {
    need!(python);
    with_kernel(|kernel| {
        let cell = "let go = Event::new();\nlet heard = go.clone();\n\
                    let mut late = Process::new(move || {\n    heard.wait();\n    println!(\"late\");\n    \
                    display(Html(\"<b>late</b>\"));\n    eprintln!(\"later\");\n});\n\
                    late.start().unwrap();\nprintln!(\"first cell\");";
        let first = kernel.begin(cell);
        kernel.finish(&first, Duration::from_secs(60)).ok();
        let second = kernel
            .execute("println!(\"second cell\");\ngo.set();\nlate.join().unwrap();")
            .ok();
        assert_eq!(summary(&second), ["stdout: second cell\n"]);
        kernel.until_shown(&first, "later\n");
        let first = kernel.finish(&first, Duration::from_secs(60));
        let expected = [
            "stdout: first cell\n",
            "stdout: late\n",
            "display text/html",
            "stderr: later\n",
        ];
        assert_eq!(summary(&first), expected);
    });
}

#[test]
fn a_pool_prints_into_the_cell_that_submitted_the_work() {
    need!(python);
    with_kernel(|kernel| {
        kernel
            .execute("let pool = ThreadPoolExecutor::new(1);\nlet (go, wait) = std::sync::mpsc::channel::<()>();")
            .ok();
        let first = kernel.begin(
            "pool.submit(move || { wait.recv().unwrap(); println!(\"work of the first\"); });",
        );
        kernel.finish(&first, Duration::from_secs(60)).ok();
        let second = kernel
            .execute("go.send(()).unwrap();\nlet done = pool.submit(|| println!(\"work of the second\"));\ndone.result().unwrap();")
            .ok();
        assert_eq!(second.stream("stdout"), "work of the second\n");
        kernel.until_shown(&first, "work of the first\n");
    });
}

#[test]
fn progress_bars_of_processes_are_updated_displays() {
    need!(python);
    with_kernel(|kernel| {
        let cell = "let mut all: Vec<Process> = (0..3).map(|k| Process::new(move || {\n    \
                    for _ in tqdm(0..30).desc(format!(\"bar {k}\")) { thread::sleep(Duration::from_millis(10)); }\n\
                    })).collect();\nfor p in &mut all { p.start().unwrap(); }\nfor p in &mut all { p.join().unwrap(); }";
        let executed = kernel.execute(cell).ok();
        assert_eq!(executed.streams(), []);
        let of_kind = |kind: &'static str| {
            executed
                .0
                .iter()
                .filter(move |message| message.kind == kind)
                .map(|message| &message.content)
        };
        let displays: Vec<&Value> = of_kind("display_data").collect();
        assert_eq!(displays.len(), 3);
        for display in displays {
            let id = &display["transient"]["display_id"];
            let lines: Vec<&str> = of_kind("update_display_data")
                .filter(|update| update["transient"]["display_id"] == *id)
                .filter_map(|update| update["data"]["text/plain"].as_str())
                .collect();
            assert!(lines.len() >= 3, "{lines:?}");
            let last = lines.last().expect("a line");
            assert!(
                last.contains("100%|██████████| 30/30 [00:00<00:00, "),
                "{last}"
            );
        }
    });
}

#[test]
fn output_beyond_the_limit_is_left_out_with_a_note() {
    need!(python);
    with_kernel(|kernel| {
        let before = resident(kernel.pid);
        // 100 MB.
        let executed = kernel
            .execute("for n in 0..1_000_000 { println!(\"{n:09}{:90}\", \"\"); }\nprintln!(\"the end\");")
            .ok();
        let shown = executed.stream("stdout");
        assert!(shown.starts_with("000000000 "));
        assert!(shown.ends_with("000999999                                                                                          \nthe end\n"));
        assert!(shown.len() < 5 << 20, "{} bytes", shown.len());
        let notes = executed.stream("stderr");
        assert!(
            notes.contains("THREADBOOK_OUTPUT_LIMIT") && notes.contains("MB left out"),
            "{notes}"
        );
        let grown = resident(kernel.pid).saturating_sub(before);
        assert!(grown < 32 << 20, "the kernel grew by {grown} bytes");
        // The next cell has its own limit, which can be changed.
        kernel
            .execute("unsafe { std::env::set_var(\"THREADBOOK_OUTPUT_LIMIT\", \"1K\") };")
            .ok();
        let executed = kernel
            .execute("for n in 0..1000 { println!(\"{n}\"); }")
            .ok();
        assert!(executed.stream("stdout").len() < 4096);
        assert!(executed.stream("stderr").contains("more than 1 kB"));
    });
}

/// Returns the resident memory of a process, in bytes (proc(5)).
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.expect("a number of kilobytes") << 10
}

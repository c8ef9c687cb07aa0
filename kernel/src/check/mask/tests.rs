use serde_json::json;

use super::*;

/// Returns the line with masked text in brackets.
fn marked(masks: &Masks, line: &str) -> String {
    let mut marked = String::new();
    let mut end = 0;
    for (range, _) in masks.find(line) {
        marked.push_str(&line[end..range.start]);
        marked.push_str(&format!("«{}»", &line[range.clone()]));
        end = range.end;
    }
    marked + &line[end..]
}

#[track_caller]
fn check(kind: Kind, lines: &[&str]) {
    let masks = Masks::of(&[kind]);
    for marked_line in lines {
        let line = marked_line.replace(['«', '»'], "");
        assert_eq!(marked(&masks, &line), *marked_line);
    }
}

#[test]
fn ids_are_known_by_the_words_around_them() {
    check(
        Kind::Ids,
        &[
            "ID of process running main program: «24112»",
            "ID of process running task 1: «24112»",
            "ID of process p1: «24789»",
            "ID of main process: «7»",
            "Worker process id for 1: «4711»",
            "main process running ... PID:«12»",
            "pid=«12», ppid = «3»",
            "New record ('Jeff', 8) added by process «123»",
            "Function square_list is processing by «55»",
            "1 squared is added to the queue by process «55»",
            "Worker thread ThreadPoolExecutor-«0»_1 running",
            "ForkPoolWorker-«3»: 4",
            "<Thread(Thread-5, started «140012345678»)>",
            "ThreadId(«5»)",
            "thread '<unnamed>' («991») panicked at src/lib.rs:1:1:",
            "process id is «9»",
            // Numbers that are not ids.
            "Task 2 assigned to thread: t2",
            "Process 1 finished",
            "x is modify to 1 by Thread-1",
            "[1, 4, 9, 16, 25]",
            "Queue elements: 1",
            "Final result: 500000",
        ],
    );
}

#[test]
fn times_have_units_or_words() {
    check(
        Kind::Times,
        &[
            "execution time : «1.004723744»",
            "Execution time: «0.28 seconds»",
            "took «12.5 ms»",
            "«1min» «3s»",
            "at «2026-01-31 10:15:59.123», «10:15:59»",
            "«12.3 ns» ± «0.4 ns» per loop (mean ± std. dev. of 7 runs, «10,000» loops each)",
            "100%|██████████| 100/100 «[00:00<00:00, 95.13it/s]»",
            "  0%|          | 0/100 «[00:00<?, ?it/s]»",
            "12it «[00:00, 95.13it/s]»",
            "Score: 10",
            "3 threads, 5 steps",
        ],
    );
}

#[test]
fn rates_bytes_addresses_paths() {
    check(
        Kind::Rates,
        &[
            "«95.13it/s», «1.5MB/s», «2.00s/it», «31» rows per second",
            "5/10 done",
        ],
    );
    check(
        Kind::Bytes,
        &[
            "Downloaded https://github.com («230041» bytes), «1.5» MB",
            "8 threads",
        ],
    );
    check(
        Kind::Addresses,
        &[
            "<Lock at «0x7f0011223344»> in «/tmp/ipykernel_12/345.py»",
            "0xff",
        ],
    );
    check(
        Kind::Paths,
        &["'«/opt/threadbook/»notebooks'", "and/or 1/2", "«/»tmp"],
    );
    check(Kind::Numbers, &["Final result: «500000», «-1.5e3»"]);
}

#[test]
fn a_notebook_can_have_expressions_of_its_own() {
    let masks = json!(["ids", {"any": r"to \d+ by (\S+)"}, {"ids": r"job (\d+)"}]);
    let masks = Masks::read(&masks).unwrap();
    assert_eq!(
        marked(&masks, "x goes to 1 by Thread-2, job 5, pid 6"),
        "x goes to 1 by «Thread-2,» job «5», pid «6»"
    );
    assert_eq!(masks.names(), ["any", "ids"]);
    let both = json!(["ids", {"any": r"by (\S+)"}]);
    assert_eq!(
        marked(
            &Masks::read(&both).unwrap(),
            "ThreadPoolExecutor-1_0, by ThreadPoolExecutor-1_0"
        ),
        "ThreadPoolExecutor-«1»_0, by «ThreadPoolExecutor-1_0»"
    );
    for (wrong, reason) in [
        (json!("ids"), "not a list"),
        (json!([1]), "1 is not a mask"),
        (
            json!(["pids"]),
            "unknown mask `pids`; the masks are: ids, times",
        ),
        (json!([{"ids": 1}]), "needs a regular expression"),
        (json!([{"ids": "("}]), "invalid regular expression, (: "),
    ] {
        let error = Masks::read(&wrong).unwrap_err();
        assert!(error.contains(reason), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

//! A cell's output is shown while the cell is running.

use support::kernel::{Executed, Kernel, setup};
use support::sandbox::Sandbox;
use support::tools::need;
use support::turn;
use support::venv::Venv;

/// The time limit from the write in the cell to the client, in seconds.
const LATEST: f64 = 0.1;

/// Helpers for cells that record the time: `now()` returns seconds since 1970.
const CLOCK: &str = "
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
fn now() -> f64 { SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() }
fn rest() { std::thread::sleep(Duration::from_millis(200)); }
fn flush() { std::io::stdout().flush().unwrap(); }";

/// Runs a cell that writes `texts` 200 ms apart and stores in `times` when it wrote each. Checks that each text arrives
/// in time; returns the stream messages.
///
/// One good run of three is enough: a buffer, a timer or a wait for the end of a line delays text in every run, while
/// another program takes the processor only for a moment.
fn in_time(before: &str, cell: &str, texts: &[&str]) -> Vec<(String, String)> {
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    kernel.execute(before).ok();
    kernel.execute(CLOCK).ok();
    let mut runs = Vec::new();
    for _ in 0..3 {
        let executed = kernel.execute(cell).ok();
        let messages = executed.streams();
        let shown: String = messages.iter().map(|(_, text)| *text).collect();
        assert_eq!(shown, texts.concat());
        let times = kernel.execute("println!(\"{times:?}\");").ok();
        let times: Vec<f64> =
            serde_json::from_str(&times.stream("stdout")).expect("a list of times");
        assert_eq!(times.len(), texts.len());
        let delays: Vec<f64> = times
            .iter()
            .enumerate()
            .map(|(index, written)| complete(&executed, texts[..=index].concat().len()) - written)
            .collect();
        let in_time = delays.iter().all(|delay| (0.0..LATEST).contains(delay));
        runs.push(delays);
        if in_time {
            let owned = |(stream, text): (&str, &str)| (stream.to_owned(), text.to_owned());
            return messages.into_iter().map(owned).collect();
        }
    }
    panic!("received later than {LATEST} s after the write, or before it: {runs:?}");
}

/// Returns when the first `length` bytes had been received.
fn complete(executed: &Executed, length: usize) -> f64 {
    let mut shown = 0;
    let streams = executed.0.iter().filter(|message| message.kind == "stream");
    let mut complete = streams.skip_while(|message| {
        shown += message.content["text"].as_str().map_or(0, str::len);
        shown < length
    });
    complete.next().expect("all text was received").received
}

/// As [`in_time`], and checks that each text is a separate message.
fn each_in_time(before: &str, cell: &str, stream: &str, texts: &[&str]) {
    let messages = in_time(before, cell, texts);
    let messages: Vec<(&str, &str)> = messages
        .iter()
        .map(|(name, text)| (&name[..], &text[..]))
        .collect();
    let expected: Vec<(&str, &str)> = texts.iter().map(|text| (stream, *text)).collect();
    assert_eq!(messages, expected);
}

#[test]
fn an_overwritten_progress_line_is_shown_live() {
    need!(python);
    let cell = r#"
        let mut times: Vec<f64> = Vec::new();
        for step in 0..3 {
            times.push(now());
            print!("\rstep {step}");
            flush();
            rest();
        }
    "#;
    each_in_time("", cell, "stdout", &["\rstep 0", "\rstep 1", "\rstep 2"]);
}

#[test]
fn lines_are_shown_live() {
    need!(python);
    let cell = r#"
        let mut times: Vec<f64> = Vec::new();
        for step in 0..3 {
            times.push(now());
            println!("line {step}");
            rest();
        }
    "#;
    each_in_time("", cell, "stdout", &["line 0\n", "line 1\n", "line 2\n"]);
}

/// stderr needs no newline either. std writes each piece of a format string separately, so these texts have only one.
#[test]
fn stderr_is_shown_live_without_a_flush() {
    need!(python);
    let cell = r#"
        let mut times: Vec<f64> = Vec::new();
        for text in ["\rstep 0", "\rstep 1", "\rstep 2"] {
            times.push(now());
            eprint!("{text}");
            rest();
        }
    "#;
    each_in_time("", cell, "stderr", &["\rstep 0", "\rstep 1", "\rstep 2"]);
}

#[test]
fn output_of_a_thread_is_shown_live() {
    need!(python);
    let cell = r#"
        let times: Vec<f64> = std::thread::spawn(|| (0..3).map(|step| {
            let time = now();
            println!("line {step}");
            rest();
            time
        }).collect()).join().unwrap();
    "#;
    each_in_time("", cell, "stdout", &["line 0\n", "line 1\n", "line 2\n"]);
}

#[test]
fn output_of_another_process_is_shown_live() {
    need!(python);
    let cell = r#"
        let noted = Array::from([0.0; 3]);
        let of_child = noted.clone();
        let mut child = Process::new(move || for step in 0..3 {
            of_child.set(step, now());
            print!("\rstep {step}");
            flush();
            rest();
        });
        child.start().unwrap();
        child.join().unwrap();
        let times: Vec<f64> = noted.to_vec();
    "#;
    each_in_time(
        &setup(),
        cell,
        "stdout",
        &["\rstep 0", "\rstep 1", "\rstep 2"],
    );
}

/// The code that evcxr adds to a cell prints lines that begin with `EVCXR_`, which the kernel must recognise.
#[test]
fn text_that_may_begin_a_control_word_is_shown_live() {
    need!(python);
    let cell = r#"
        let mut times: Vec<f64> = Vec::new();
        for text in ["DONE", " EVCXR", "EVCXR_B"] {
            times.push(now());
            print!("{text}");
            flush();
            rest();
        }
    "#;
    in_time("", cell, &["DONE", " EVCXR", "EVCXR_B"]);
}

/// Returns what a front end shows after each stream message. It obeys `\r` and `clear_output` but no other control, and
/// shows the two streams as separate outputs.
fn frames(executed: &Executed) -> Vec<String> {
    let mut outputs: Vec<(String, String)> = Vec::new();
    let mut frames = Vec::new();
    for message in &executed.0 {
        let text = |key: &str| message.content[key].as_str().expect("a text").to_owned();
        match message.kind.as_str() {
            "clear_output" => outputs.clear(),
            "stream" => {
                match outputs.last_mut().filter(|(name, _)| *name == text("name")) {
                    Some((_, output)) => output.push_str(&text("text")),
                    None => outputs.push((text("name"), text("text"))),
                }
                let lines = outputs.iter().flat_map(|(_, output)| output.lines());
                frames.push(lines.map(overwritten).collect::<Vec<_>>().join("\n"));
            }
            _ => {}
        }
    }
    frames
}

/// Returns what is left of a line after `\r` has overwritten parts of it.
fn overwritten(line: &str) -> String {
    let mut left: Vec<char> = Vec::new();
    for part in line.split('\r') {
        let part: Vec<char> = part.chars().collect();
        let rest = left.split_off(left.len().min(part.len()));
        left = [part, rest].concat();
    }
    left.iter().collect::<String>().trim_end().to_owned()
}

/// Runs a cell that draws bars of the crate indicatif; returns what was shown, step by step.
fn bars(cell: &str) -> Vec<String> {
    let _turn = turn::shared();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    kernel.execute(&setup()).ok();
    kernel
        .execute("use threadbook::indicatif::{MultiProgress, ProgressBar, ProgressStyle};\nuse std::{thread, time::Duration};")
        .ok();
    let frames = frames(&kernel.execute(cell).ok());
    assert!(
        frames.iter().all(|frame| !frame.contains('\x1b')),
        "{frames:?}"
    );
    frames
}

#[test]
fn a_bar_of_indicatif_is_shown_live() {
    need!(python);
    let frames = bars(
        "let style = ProgressStyle::with_template(\"{prefix} {pos}/{len}\").unwrap();
         let bar = ProgressBar::new(5).with_style(style).with_prefix(\"files\");
         for _ in 0..5 { thread::sleep(Duration::from_millis(120)); bar.inc(1); }
         bar.finish();
         println!(\"done\");",
    );
    assert!(
        frames.iter().any(|frame| frame == "files 2/5"),
        "{frames:?}"
    );
    assert_eq!(frames.last().unwrap().trim_end(), "files 5/5\ndone");
}

#[test]
fn several_bars_of_indicatif_are_shown_live() {
    need!(python);
    let frames = bars(
        "println!(\"before\");
         let all = MultiProgress::new();
         let style = ProgressStyle::with_template(\"{prefix} {pos}/{len}\").unwrap();
         let workers: Vec<_> = [\"a\", \"b\", \"c\"].into_iter().map(|name| {
             let bar = all.add(ProgressBar::new(4).with_style(style.clone()).with_prefix(name));
             thread::spawn(move || {
                 for _ in 0..4 { thread::sleep(Duration::from_millis(120)); bar.inc(1); }
                 bar.finish();
             })
         }).collect();
         for worker in workers { worker.join().unwrap(); }
         println!(\"done\");",
    );
    let is_on_its_way = |frame: &&String| {
        let lines: Vec<&str> = frame.lines().collect();
        lines.len() == 4
            && lines[0] == "before"
            && lines[1..].iter().all(|line| !line.ends_with("4/4"))
    };
    assert!(
        frames.iter().any(|frame| is_on_its_way(&frame)),
        "{frames:?}"
    );
    let last: Vec<&str> = frames.last().unwrap().lines().collect();
    assert_eq!(last, ["before", "a 4/4", "b 4/4", "c 4/4", "done"]);
}

#[test]
fn a_cleared_bar_of_indicatif_disappears() {
    need!(python);
    let frames = bars(
        "let bar = ProgressBar::new(3);
         for _ in 0..3 { thread::sleep(Duration::from_millis(120)); bar.inc(1); bar.println(\"one more\"); }
         bar.finish_and_clear();
         println!(\"done\");",
    );
    assert_eq!(
        frames.last().unwrap().trim_end(),
        "one more\none more\none more\ndone"
    );
}

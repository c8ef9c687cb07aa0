//! Writes timelines as Chrome's trace events ("Trace Event Format"), which Perfetto opens: a line of JSON each. The runner makes one file
//! of the lines of its kernels.

use super::model::{Arrow, Lane, Span, Timeline};
use crate::ipc::{Place, TRACE_VAR};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Adds what the threads of a cell did to the file of this kernel, in the folder that the runner names; does nothing without a runner that
/// wants it.
///
/// # Errors
/// When the file cannot be written.
pub fn add(timeline: &Timeline, code: &str) -> io::Result<()> {
    let Some(folder) = std::env::var_os(TRACE_VAR) else {
        return Ok(());
    };
    let kernel = std::process::id();
    let path = PathBuf::from(folder).join(format!("{kernel}.jsonl"));
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let begin = now.as_nanos() as u64 - timeline.duration;
    let mut lines = Vec::new();
    for event in events(timeline, code, kernel, begin) {
        serde_json::to_writer(&mut lines, &event)?;
        lines.push(b'\n');
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(&lines)
}

/// Returns the events. `kernel` is the id of the process under which all lanes stand, `begin` when the cell began, in nanoseconds.
fn events(timeline: &Timeline, code: &str, kernel: u32, begin: u64) -> Vec<Value> {
    let times = Times { begin, kernel };
    let mut events = vec![json!({
        "ph": "M", "name": "process_name", "pid": kernel, "tid": 0, "args": { "name": format!("kernel {kernel}") },
    })];
    events.push(times.slice(0, "cell", 0, timeline.duration, json!({ "code": code })));
    for (number, lane) in timeline.lanes.iter().enumerate() {
        events.push(json!({
            "ph": "M", "name": "thread_name", "pid": kernel, "tid": number, "args": { "name": lane.name },
        }));
        if number > 0 {
            let args = lane
                .started_by
                .as_ref()
                .map(|start| place(start.place.as_ref()));
            let args = args.unwrap_or(Value::Null);
            events.push(times.slice(number, &lane.name, lane.begin, lane.end, args));
        }
        events.extend(lane_events(&times, number, lane));
    }
    for arrow in &timeline.arrows {
        events.extend(flow(&times, arrow));
    }
    events
}

fn lane_events(times: &Times, number: usize, lane: &Lane) -> Vec<Value> {
    let wait = |wait: &Span| {
        let name = format!("waits for {}", wait.reason);
        let mut args = place(wait.place.as_ref());
        args["times"] = wait.count.into();
        args["waited_us"] = micros(wait.waited);
        times.slice(number, &name, wait.begin, wait.end, args)
    };
    let mut events: Vec<Value> = lane.waits.iter().map(wait).collect();
    for hold in &lane.holds {
        // Asynchronous, since locks are held across waits and each other.
        let id = next_id();
        let name = format!("{} holds {}", lane.name, hold.lock);
        for (phase, time) in [("b", hold.begin), ("e", hold.end)] {
            let mut event = times.event(phase, number, &name, time);
            event["cat"] = "lock".into();
            event["id"] = id.into();
            event["args"] = place(hold.place.as_ref());
            events.push(event);
        }
    }
    let marks = lane
        .lost_updates
        .iter()
        .map(|mark| (&*mark.text, mark.time));
    let prints = lane.prints.iter().map(|print| ("prints", print.begin));
    for (name, time) in prints.chain(marks) {
        let mut event = times.event("i", number, name, time);
        event["s"] = "t".into();
        events.push(event);
    }
    events
}

/// An arrow is a pair of events.
fn flow(times: &Times, arrow: &Arrow) -> [Value; 2] {
    let id = next_id();
    [("s", arrow.from), ("f", arrow.to)].map(|(phase, (lane, time))| {
        let mut event = times.event(phase, lane, &arrow.text, time);
        event["cat"] = "cause".into();
        event["id"] = id.into();
        // It ends at the slice around it, not at the next one.
        event["bp"] = "e".into();
        event
    })
}

/// When the cell began, and where its lanes stand.
struct Times {
    begin: u64,
    kernel: u32,
}

impl Times {
    fn event(&self, phase: &str, lane: usize, name: &str, time: u64) -> Value {
        json!({ "ph": phase, "name": name, "pid": self.kernel, "tid": lane, "ts": micros(self.begin + time) })
    }

    fn slice(&self, lane: usize, name: &str, begin: u64, end: u64, args: Value) -> Value {
        let mut event = self.event("X", lane, name, begin);
        event["dur"] = micros(end.saturating_sub(begin));
        event["args"] = args;
        event
    }
}

/// Returns nanoseconds as the format has them.
fn micros(nanoseconds: u64) -> Value {
    (nanoseconds as f64 / 1000.0).into()
}

fn place(place: Option<&Place>) -> Value {
    place.map_or_else(
        || json!({}),
        |place| json!({ "line": place.line, "text": place.text.trim() }),
    )
}

/// Returns a number that no other pair of events of this kernel has.
fn next_id() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    u64::from(std::process::id()) << 32 | LAST.fetch_add(1, Ordering::Relaxed)
}

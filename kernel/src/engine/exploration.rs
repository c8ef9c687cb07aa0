//! How a cell is to be explored.

use super::cell::words;
use crate::cell::exploring::{Exploring, Limits};
use crate::ipc::RunExplored;
use std::path::PathBuf;

/// What a cell may read that differs from run to run: a name in its code, and what that is.
const OUTSIDE: [(&str, &str); 6] = [
    ("Instant", "the time"),
    ("SystemTime", "the time"),
    ("rand", "random numbers"),
    ("RandomState", "random numbers"),
    ("requests", "the network"),
    ("TcpStream", "the network"),
];

/// Returns how the runtime is to explore a cell.
pub fn instruction(
    exploring: Exploring,
    library: Result<PathBuf, String>,
    code: &str,
) -> RunExplored {
    let (limits, replay) = match exploring {
        Exploring::Explore(limits) => (limits, None),
        Exploring::Replay(order) => (Limits::default(), Some(order)),
    };
    let mut outside: Vec<String> = Vec::new();
    for word in words(code) {
        for (name, what) in OUTSIDE {
            if word == name && !outside.iter().any(|known| known == what) {
                outside.push(what.to_owned());
            }
        }
    }
    RunExplored {
        library,
        orders: limits.orders,
        seed: limits.seed,
        switches: limits.switches,
        time: limits.time,
        replay,
        outside,
    }
}

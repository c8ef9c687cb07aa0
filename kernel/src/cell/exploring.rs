//! Whether a cell is explored: its threads are run in many orders.

use super::commands::{command_lines, name};
use std::time::Duration;

/// How a cell asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exploring {
    Explore(Limits),
    /// Runs one order, as the picture of an explored cell gives it.
    Replay(String),
}

/// How many orders are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most orders that are run.
    pub orders: u64,
    /// What the random orders are drawn from, once there are too many to run all.
    pub seed: u64,
    /// The most switches from a thread that could go on; `None` for any number.
    pub switches: Option<u32>,
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            orders: 5000,
            seed: 0,
            switches: None,
            time: Duration::from_secs(5),
        }
    }
}

/// The largest numbers that a cell may set.
const MAX_ORDERS: u64 = 10_000_000;
const MAX_SECONDS: f64 = 86_400.0;

const ALLOWED: &str = "allowed are `orders=5000`, `seed=7`, `switches=2` and `time=5` (seconds)";

/// Reads how a cell asks to be explored: by a comment as its first line, which other kernels skip, or by a command. `None` if it does not.
///
/// # Errors
/// Names the word or number that is wrong, and what is allowed.
pub fn exploring(code: &str) -> Result<Option<Exploring>, String> {
    let first = code.lines().map(str::trim).find(|line| !line.is_empty());
    let comment = first.and_then(|line| line.strip_prefix("//:"));
    let commands = command_lines(code).into_iter().filter_map(|range| {
        let line = code[range].trim();
        let argument = line.strip_prefix(':')?;
        matches!(name(line), Some(":explore" | ":replay")).then_some(argument)
    });
    let asked = comment.into_iter().chain(commands).find_map(|text| {
        let (word, rest) = match text.trim().split_once(char::is_whitespace) {
            Some((word, rest)) => (word, rest.trim()),
            None => (text.trim(), ""),
        };
        matches!(word, "explore" | "replay").then_some((word, rest))
    });
    match asked {
        None => Ok(None),
        Some(("explore", rest)) => Ok(Some(Exploring::Explore(limits(rest)?))),
        Some((_, order)) => Ok(Some(Exploring::Replay(replayed(order)?))),
    }
}

fn limits(text: &str) -> Result<Limits, String> {
    let mut limits = Limits::default();
    for word in text.split_whitespace() {
        let (name, value) = word
            .split_once('=')
            .ok_or_else(|| format!("`explore` does not know `{word}`; {ALLOWED}"))?;
        match name {
            "orders" => {
                limits.orders = number(name, value, 1, MAX_ORDERS)?;
            }
            "seed" => limits.seed = number(name, value, 0, u64::MAX)?,
            "switches" => {
                let switches: u64 = number(name, value, 0, u64::from(u32::MAX))?;
                limits.switches = u32::try_from(switches).ok();
            }
            "time" => {
                let seconds = value.parse().ok();
                let seconds = seconds.filter(|seconds| (0.001..=MAX_SECONDS).contains(seconds));
                limits.time = seconds.map(Duration::from_secs_f64).ok_or_else(|| {
                    format!("`time={value}` is not a number of seconds from 0.001 to {MAX_SECONDS}")
                })?;
            }
            _ => return Err(format!("`explore` does not know `{word}`; {ALLOWED}")),
        }
    }
    Ok(limits)
}

fn number(name: &str, value: &str, least: u64, most: u64) -> Result<u64, String> {
    let number = value.parse().ok();
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("`{name}={value}` is not a whole number from {least} to {most}"))
}

fn replayed(order: &str) -> Result<String, String> {
    let order: String = order.split_whitespace().collect();
    match order.chars().find(|c| !c.is_ascii_alphanumeric()) {
        Some(wrong) => Err(format!(
            "`replay` does not know {wrong:?}; copy the order from below an explored cell, such as `//: replay 1221`"
        )),
        None => Ok(order),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits_of(code: &str) -> Limits {
        match exploring(code) {
            Ok(Some(Exploring::Explore(limits))) => limits,
            other => panic!("{code}: {other:?}"),
        }
    }

    #[test]
    fn the_first_line_or_a_command_asks() {
        for code in [
            "//: explore\nf();",
            "\n //:explore\nf();",
            ":explore\nf();",
            ":dep a = \"1\"\n:explore\nf();",
        ] {
            assert_eq!(limits_of(code), Limits::default(), "{code}");
        }
        for code in [
            "// explore\nf();",
            "f();\n//: explore",
            "//: explorer",
            "//: watch",
        ] {
            assert_eq!(exploring(code), Ok(None), "{code}");
        }
    }

    #[test]
    fn limits_are_read() {
        let limits = limits_of("//: explore orders=12 seed=7 switches=2 time=0.5\nf();");
        assert_eq!(
            limits,
            Limits {
                orders: 12,
                seed: 7,
                switches: Some(2),
                time: Duration::from_millis(500)
            }
        );
        assert_eq!(limits_of(":explore seed=9\nf();").seed, 9);
    }

    #[test]
    fn wrong_words_and_numbers_are_named_with_what_is_allowed() {
        for (code, message) in [
            (
                "//: explore fast",
                "does not know `fast`; allowed are `orders=5000`",
            ),
            ("//: explore order=3", "does not know `order=3`"),
            (
                "//: explore orders=0",
                "`orders=0` is not a whole number from 1 to",
            ),
            ("//: explore seed=-1", "`seed=-1` is not a whole number"),
            ("//: explore switches=two", "`switches=two`"),
            ("//: explore time=0", "`time=0` is not a number of seconds"),
            (
                "//: explore time=NaN",
                "`time=NaN` is not a number of seconds",
            ),
            ("//: replay 12!", "does not know '!'"),
        ] {
            let error = exploring(code).expect_err(code);
            assert!(error.contains(message), "{code}: {error}");
        }
    }

    #[test]
    fn an_order_is_replayed() {
        let replay = |order: &str| Ok(Some(Exploring::Replay(order.to_owned())));
        assert_eq!(exploring("//: replay 0110\nf();"), replay("0110"));
        assert_eq!(exploring(":replay 12 21\nf();"), replay("1221"));
        assert_eq!(exploring("//: replay\nf();"), replay(""));
    }
}

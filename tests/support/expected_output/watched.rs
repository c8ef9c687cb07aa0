//! The cells of the notebook whose pictures show what threads do; the pictures themselves are not judged here.

use crate::judge::{Ids, Verdict, any_order, exact, in_order, lines_of};

/// Checks what one of these cells prints.
pub fn judge(id: &str, output: &str) -> Verdict {
    match id {
        "W2" => exact(
            output,
            "the sum is 2000001000000\nthe counter has finished\n",
        ),
        "W3" => meals_cooked(output),
        "W4" | "W14" => lost_deposits(output),
        "W5" | "W15" => exact(output, "10 deposits, balance 10\n"),
        "W7" | "W8" => exact(output, "Anna 100, Ben 100\n"),
        "W9" | "W10" => exact(output, "3 lines\n"),
        "W11" => {
            let names = ["Plato", "Hypatia", "Confucius", "Ibn Sina", "Kant"];
            let meals = names.map(|name| format!("a meal for {name}"));
            any_order(
                &lines_of(output)?,
                &meals.each_ref().map(String::as_str),
                &mut Ids::default(),
            )
        }
        "W12" => jobs(output),
        "W13" => loaves(output),
        "W16" => some_of("2 deposits, balance", 1..=2, output),
        "W17" => exact(output, "2 deposits, balance 2\n"),
        // With an order that fails, the cell does not run once more, except in other kernels.
        "W18" | "W20" if output.is_empty() => Ok(()),
        "W18" | "W19" => exact(output, "the money is there\n"),
        "W20" | "W21" => exact(output, "sold the last ticket\n"),
        "W22" | "W23" => exact(output, "[12, 12]\n"),
        other => Err(format!("no rule for cell {other}")),
    }
}

/// Twice three lines for each dish: one after the other, then in any order.
fn meals_cooked(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    let patterns = [
        "pasta: 1", "pasta: 2", "pasta: 3", "sauce: 1", "sauce: 2", "sauce: 3",
    ];
    let (one_by_one, at_once) = lines.split_at(lines.len() / 2);
    in_order(one_by_one, &patterns, &mut Ids::default())?;
    any_order(at_once, &patterns, &mut Ids::default())
}

/// A line that ends with one of these numbers.
pub fn some_of(text: &str, numbers: std::ops::RangeInclusive<u32>, output: &str) -> Verdict {
    let mut lines = numbers.map(|number| format!("{text} {number}\n"));
    match lines.any(|line| line == output) {
        true => Ok(()),
        false => Err(format!(
            "{output:?} does not end with a number of the range"
        )),
    }
}

/// The last deposit of each cannot be lost with all before it, but some of the ten must be.
fn lost_deposits(output: &str) -> Verdict {
    let mut ids = Ids::default();
    in_order(&lines_of(output)?, &["10 deposits, balance {n}"], &mut ids)?;
    match ids.get("n") {
        Some(2..10) => Ok(()),
        n => Err(format!("{n:?} cannot be the balance")),
    }
}

/// The jobs end in any order, and the sum comes last.
fn jobs(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    let mut patterns = vec!["done: a job of 20 ms"; 3];
    patterns.extend(["done: a job of 40 ms", "done: a job of 60 ms"]);
    let (sum, jobs) = lines.split_last().unwrap_or((&"", &[]));
    any_order(jobs, &patterns, &mut Ids::default())?;
    exact(sum, "160 ms of work")
}

/// The loaves are sold in order; the baker finishes while they are.
fn loaves(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    let (baker, sold): (Vec<&str>, Vec<&str>) =
        lines.iter().partition(|line| **line == "all baked");
    let patterns: Vec<String> = (1..=6).map(|n| format!("sold loaf {n}")).collect();
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    in_order(&sold, &patterns, &mut Ids::default())?;
    in_order(&baker, &["all baked"], &mut Ids::default())
}

//! The cells in which processes exchange values: a manager, a queue, a pipe and a pool.

use crate::judge::{Ids, Verdict, any_order, in_order, lines_of};

/// Checks a list in a server process (B14).
pub fn records(output: &str) -> Verdict {
    let patterns = [
        "New record ('Jeff', 8) added by process {a}",
        "",
        "Printing records is doing by process {b}",
        "",
        "Name: Sam",
        "Score: 10",
        "",
        "Name: Adam",
        "Score: 9",
        "",
        "Name: Kevin",
        "Score: 9",
        "",
        "Name: Jeff",
        "Score: 8",
        "",
    ];
    in_order(&lines_of(output)?, &patterns, &mut Ids::default())
}

/// Checks a queue from which the reader gets one item (B15). Writer and reader each print their lines in order.
pub fn queue(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    let writer = [
        "Function square_list is processing by {a}",
        "1 squared is added to the queue by process {a}",
        "2 squared is added to the queue by process {a}",
        "3 squared is added to the queue by process {a}",
        "4 squared is added to the queue by process {a}",
    ];
    let reader = [
        "Function print_queue is processing by {b}",
        "Queue elements: ",
        "1",
        "Queue is now empty!",
    ];
    let (by_writer, by_reader): (Vec<&str>, Vec<&str>) =
        lines.iter().partition(|line| line.contains("square"));
    let mut ids = Ids::default();
    in_order(&by_writer, &writer, &mut ids)?;
    in_order(&by_reader, &reader, &mut ids)
}

/// Checks a pipe between a sender and a receiver that print (B16).
pub fn pipe(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    let (sent, received): (Vec<&str>, Vec<&str>) =
        lines.iter().partition(|line| line.starts_with("Sent"));
    let sent_messages = [
        "Sent the message: hello",
        "Sent the message: hey",
        "Sent the message: hru?",
        "Sent the message: END",
    ];
    let mut ids = Ids::default();
    in_order(&sent, &sent_messages, &mut ids)?;
    let received_messages = [
        "Received the message: hello",
        "Received the message: hey",
        "Received the message: hru?",
    ];
    in_order(&received, &received_messages, &mut ids)
}

/// Checks five workers, and the squares in order (B22).
pub fn pool(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    let Some((result, workers)) = lines.split_last() else {
        return super::missing("a result", output);
    };
    let patterns = [
        "Worker process id for 1: {a}",
        "Worker process id for 2: {b}",
        "Worker process id for 3: {c}",
        "Worker process id for 4: {d}",
        "Worker process id for 5: {e}",
    ];
    let mut ids = Ids::default();
    any_order(workers, &patterns, &mut ids)?;
    in_order(&[result], &["[1, 4, 9, 16, 25]"], &mut ids)
}

//! The cells about files and pages.

use super::bars::seconds;
use super::missing;
use crate::judge::{Ids, Verdict, in_order, lines_of};

/// Checks three pages of the class network, the slowest last (B1, B2).
pub fn downloaded(output: &str) -> Verdict {
    let patterns = [
        "Downloaded https://github.com (230041 bytes)",
        "Downloaded https://google.com (21788 bytes)",
        "Downloaded https://example.com (1256 bytes)",
    ];
    in_order(&lines_of(output)?, &patterns, &mut Ids::default())
}

/// Checks a file of a million rows, and the time that it took (B26).
pub fn million_rows(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    let &[written, time] = &lines[..] else {
        return missing("two lines", output);
    };
    let pattern = "1000000 rows of data have been written to data.csv";
    in_order(&[written], &[pattern], &mut Ids::default())?;
    seconds(time, 0.0).map(drop)
}

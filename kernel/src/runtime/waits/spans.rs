//! What threads did for a while. What happens a hundred thousand times is one span with its count.

use crate::ipc::{Activity, WatchedSpan};

/// Spans of one kind that are closer than this part of the cell's time become one.
const MERGED_PART: u64 = 400;

/// Among how many last spans of a thread to look for one of the same kind: threads alternate between a few.
const LAST: usize = 4;

/// The spans of the threads of a cell.
pub struct Spans {
    all: Vec<WatchedSpan>,
    /// The last spans of each thread, the newest last.
    last: Vec<Vec<usize>>,
    /// How close two spans of one kind are that become one, in nanoseconds.
    close: u64,
}

impl Spans {
    /// `duration` is how long the cell took, in nanoseconds.
    pub fn new(duration: u64) -> Spans {
        Spans {
            all: Vec::new(),
            last: Vec::new(),
            close: duration / MERGED_PART,
        }
    }

    /// Adds a span that ends later than those of the same thread before.
    pub fn add(&mut self, span: WatchedSpan) {
        let thread = span.thread as usize;
        if self.last.len() <= thread {
            self.last.resize(thread + 1, Vec::new());
        }
        let close = self.close;
        let last = &mut self.last[thread];
        let is_same = |index: &&usize| {
            let other = &self.all[**index];
            other.what == span.what
                && other.site == span.site
                && is_close(close, other.end, span.begin)
        };
        if let Some(&index) = last.iter().rev().find(is_same) {
            let same = &mut self.all[index];
            same.end = span.end;
            same.count += span.count;
            same.total += span.total;
            same.longest = same.longest.max(span.longest);
            same.by = same.by.filter(|by| span.by == Some(*by));
            return;
        }
        if last.len() == LAST {
            last.remove(0);
        }
        last.push(self.all.len());
        self.all.push(span);
    }

    /// Whether what begins so soon after what has ended is drawn as one with it.
    pub fn are_close(&self, end: u64, begin: u64) -> bool {
        is_close(self.close, end, begin)
    }

    pub fn into_all(self) -> Vec<WatchedSpan> {
        self.all
    }
}

fn is_close(close: u64, end: u64, begin: u64) -> bool {
    begin.saturating_sub(end) < close
}

/// Returns a span of a thread that happened once.
pub fn once(thread: u32, what: Activity, site: Option<u32>, begin: u64, end: u64) -> WatchedSpan {
    let took = end.saturating_sub(begin);
    WatchedSpan {
        thread,
        what,
        site,
        begin,
        end,
        count: 1,
        total: took,
        longest: took,
        by: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_short_spans_are_one() {
        let mut spans = Spans::new(100_000);
        for begin in (0..100_000).step_by(4) {
            spans.add(once(1, Activity::Hold(0), None, begin, begin + 1));
            spans.add(once(
                1,
                Activity::WaitForLock(0),
                None,
                begin + 2,
                begin + 3,
            ));
        }
        let all = spans.into_all();
        assert_eq!(all.len(), 2);
        assert_eq!(
            (all[0].count, all[0].total, all[0].end),
            (25_000, 25_000, 99_997)
        );
    }

    #[test]
    fn spans_far_from_each_other_stay_apart() {
        let mut spans = Spans::new(400_000);
        spans.add(once(0, Activity::Hold(0), None, 0, 100));
        spans.add(once(0, Activity::Hold(0), None, 1_100, 1_200));
        spans.add(once(1, Activity::Hold(0), None, 1_200, 1_300));
        spans.add(once(0, Activity::Hold(0), Some(1), 1_200, 1_300));
        assert_eq!(spans.into_all().len(), 4);
    }
}

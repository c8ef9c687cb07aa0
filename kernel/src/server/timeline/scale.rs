//! Where a moment stands in a picture: in proportion to time, except that one long wait in which nothing else happens is shortened.

use super::model::{Lane, Timeline};
use std::ops::Range;

/// A shorter wait is drawn as long as it is, in nanoseconds.
const SHORTEST_BREAK: u64 = 500_000_000;

/// If less happens in all than this, in nanoseconds, the wait is all that there is to see.
const SHORTEST_REST: u64 = 1_000_000;

/// A wait is shortened if it is longer than all the rest by this factor.
const FACTOR: u64 = 4;

/// What the shortened wait has of the width.
const BREAK_PART: f64 = 0.25;

#[derive(Debug, PartialEq, Eq)]
pub struct Scale {
    duration: u64,
    /// The shortened time, in nanoseconds since the cell began.
    gap: Option<Range<u64>>,
}

impl Scale {
    pub fn of(timeline: &Timeline) -> Scale {
        let duration = timeline.duration;
        let gap = longest_gap(timeline).filter(|gap| {
            let length = gap.end - gap.start;
            let rest = duration - length;
            length >= SHORTEST_BREAK && rest >= SHORTEST_REST && length > rest * FACTOR
        });
        Scale { duration, gap }
    }

    pub fn gap(&self) -> Option<&Range<u64>> {
        self.gap.as_ref()
    }

    /// How much time is drawn in proportion.
    pub fn rest(&self) -> u64 {
        self.duration - self.gap.as_ref().map_or(0, |gap| gap.end - gap.start)
    }

    /// Returns the place of a moment, from 0 to 1.
    pub fn position(&self, time: u64) -> f64 {
        let time = time.min(self.duration);
        let Some(gap) = &self.gap else {
            return time as f64 / self.duration as f64;
        };
        let outside = time.min(gap.start) + time.saturating_sub(gap.end);
        let inside = time.clamp(gap.start, gap.end) - gap.start;
        outside as f64 / self.rest() as f64 * (1.0 - BREAK_PART)
            + inside as f64 / (gap.end - gap.start) as f64 * BREAK_PART
    }

    /// Returns the moment at a place: the inverse of [`position`](Scale::position), to a nanosecond.
    pub fn time(&self, position: f64) -> u64 {
        let Some(gap) = &self.gap else {
            return (position * self.duration as f64).round() as u64;
        };
        let outside = |part: f64| part / (1.0 - BREAK_PART) * self.rest() as f64;
        let (begin, end) = (self.position(gap.start), self.position(gap.end));
        let time = if position <= begin {
            outside(position)
        } else if position < end {
            gap.start as f64 + (position - begin) / BREAK_PART * (gap.end - gap.start) as f64
        } else {
            gap.end as f64 + outside(position - end)
        };
        time.round() as u64
    }
}

/// Returns the longest time in which no thread does anything else than before.
fn longest_gap(timeline: &Timeline) -> Option<Range<u64>> {
    let mut moments = vec![0, timeline.duration];
    for lane in &timeline.lanes {
        moments.extend([lane.begin, lane.end]);
        moments.extend(
            lane.prints
                .iter()
                .flat_map(|print| [print.begin, print.end]),
        );
        moments.extend(lane.started_by.iter().map(|start| start.time));
        moments.extend(lane.waits.iter().flat_map(|wait| [wait.begin, wait.end]));
        moments.extend(lane.holds.iter().flat_map(|hold| [hold.begin, hold.end]));
        moments.extend(lane.lost_updates.iter().map(|mark| mark.time));
    }
    moments.sort_unstable();
    let gaps = moments.windows(2).map(|pair| pair[0]..pair[1]);
    let longest = gaps.max_by_key(|gap| gap.end - gap.start)?;
    // What is done many times and drawn as one is no time in which nothing happens.
    let is_busy = |count, begin, end| count > 1 && begin < longest.end && end > longest.start;
    let is_quiet = |lane: &Lane| {
        let (mut waits, mut holds) = (lane.waits.iter(), lane.holds.iter());
        !waits.any(|wait| is_busy(wait.count, wait.begin, wait.end))
            && !holds.any(|hold| is_busy(hold.count, hold.begin, hold.end))
    };
    timeline.lanes.iter().all(is_quiet).then_some(longest)
}

#[cfg(test)]
mod tests {
    use super::super::model::{Hold, Span};
    use super::*;
    use crate::server::wait_reason::WaitReason;

    const MS: u64 = 1_000_000;

    /// One thread that sleeps once.
    fn timeline(duration: u64, sleep: Range<u64>, count: u64) -> Timeline {
        Timeline {
            lanes: vec![Lane {
                name: "main".to_owned(),
                begin: 0,
                end: duration,
                started_by: None,
                waits: vec![Span {
                    begin: sleep.start,
                    end: sleep.end,
                    reason: WaitReason::Sleep,
                    place: None,
                    count,
                    waited: sleep.end - sleep.start,
                    longest: sleep.end - sleep.start,
                }],
                holds: Vec::new(),
                lost_updates: Vec::new(),
                prints: Vec::new(),
            }],
            arrows: Vec::new(),
            contentions: Vec::new(),
            notes: Vec::new(),
            duration,
            missing: 0,
        }
    }

    #[test]
    fn a_long_sleep_is_shortened() {
        let scale = Scale::of(&timeline(3040 * MS, 20 * MS..3020 * MS, 1));
        assert_eq!(scale.gap(), Some(&(20 * MS..3020 * MS)));
        assert_eq!(scale.rest(), 40 * MS);
        let places: Vec<f64> = [0, 10, 20, 1520, 3020, 3030, 3040, 9999]
            .map(|time| scale.position(time * MS))
            .to_vec();
        let expected = [0.0, 0.1875, 0.375, 0.5, 0.625, 0.8125, 1.0, 1.0];
        for (place, expected) in places.iter().zip(expected) {
            assert!((place - expected).abs() < 1e-9, "{places:?}");
        }
    }

    #[test]
    fn places_lead_back_to_their_times() {
        for timeline in [
            timeline(3040 * MS, 20 * MS..3020 * MS, 1),
            timeline(3040 * MS, 0..3000 * MS, 1),
            timeline(3040 * MS, 40 * MS..3040 * MS, 1),
            timeline(40 * MS, 10 * MS..30 * MS, 1),
        ] {
            let scale = Scale::of(&timeline);
            for time in (0..=timeline.duration).step_by(3 * MS as usize) {
                assert!(
                    scale.time(scale.position(time)).abs_diff(time) <= 1,
                    "{time}"
                );
            }
        }
    }

    #[test]
    fn everything_else_is_drawn_as_long_as_it_is() {
        let shorter_than_the_rest = timeline(3000 * MS, 0..2000 * MS, 1);
        let short = timeline(400 * MS, 10 * MS..390 * MS, 1);
        let nothing_else = timeline(3000 * MS, 0..2_999_900_000, 1);
        let many = timeline(3040 * MS, 20 * MS..3020 * MS, 3000);
        let mut holds = timeline(3040 * MS, 20 * MS..21 * MS, 1);
        holds.lanes[0].holds.push(Hold {
            lock: "`count`".to_owned(),
            begin: 0,
            end: 3000 * MS,
            place: None,
            count: 500_000,
            held: 1000 * MS,
        });
        for timeline in [shorter_than_the_rest, short, nothing_else, many, holds] {
            let scale = Scale::of(&timeline);
            assert_eq!(scale.gap(), None, "{timeline:?}");
            assert_eq!(scale.position(timeline.duration / 2), 0.5);
        }
    }
}

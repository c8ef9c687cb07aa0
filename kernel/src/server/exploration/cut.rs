//! Which steps of a long order are shown.

use std::ops::Range;

/// How many steps all orders together may have, so that a notebook stays small.
const MAX_STEPS: usize = 800;

/// How many steps of one order are shown.
const MAX_STEPS_OF_ONE: usize = 200;

/// With many outcomes, this many steps of each are shown nevertheless.
const MIN_STEPS_OF_ONE: usize = 40;

/// How many steps before and after one that matters are shown.
const AROUND: usize = 3;

/// Returns how many steps of each order are shown if there are this many orders.
pub fn steps_of_each(orders: usize) -> usize {
    (MAX_STEPS / orders.max(1)).clamp(MIN_STEPS_OF_ONE, MAX_STEPS_OF_ONE)
}

/// Returns the steps to show of this many: the first and the last ones, and those around the first one that matters.
pub fn shown(steps: usize, max: usize, matters: Option<usize>) -> Vec<Range<usize>> {
    if steps <= max {
        return std::iter::once(0..steps).collect();
    }
    let (head, tail) = (max / 2, steps - (max - max / 2));
    let Some(matters) = matters.filter(|step| (head..tail).contains(step)) else {
        return vec![0..head, tail..steps];
    };
    let around = matters.saturating_sub(AROUND).max(head)..(matters + AROUND + 1).min(tail);
    let mut shown = vec![0..head, around, tail..steps];
    // Ranges that touch are one.
    shown.dedup_by(|next, last| {
        let touches = last.end == next.start;
        if touches {
            last.end = next.end;
        }
        touches
    });
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_left_out_except_what_matters() {
        let whole = |steps| std::iter::once(0..steps).collect::<Vec<_>>();
        assert_eq!(shown(200, 200, None), whole(200));
        assert_eq!(shown(201, 200, Some(3)), [0..100, 101..201]);
        assert_eq!(shown(1000, 10, Some(500)), [0..5, 497..504, 995..1000]);
        assert_eq!(shown(1000, 10, Some(6)), [0..10, 995..1000]);
        assert_eq!(shown(12, 10, Some(6)), whole(12));
    }

    #[test]
    fn many_outcomes_share_the_room() {
        assert_eq!([1, 4, 8, 20].map(steps_of_each), [200, 200, 100, 40]);
    }
}

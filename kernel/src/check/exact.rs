//! Compares outputs that must match line by line.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::difference::Difference;
use super::id_mapping::{IdMapping, Names};
use super::line::Line;

/// Returns the differences between the stored lines and the new ones, part by part.
pub fn compare(stored: &[Line], new: &[Line]) -> Vec<Difference> {
    let parts: Vec<Part> = names(stored, new)
        .into_iter()
        .map(|name| Part::of(name, stored, new))
        .collect();
    let mut pairs = IdMapping::default();
    let wrong: Vec<bool> = parts.iter().map(|part| !part.join(&mut pairs)).collect();
    // Renders all parts before it drops those that match, so that an id has the same name in all of them.
    let mut names = Names::new(&pairs);
    let shown = parts.iter().map(|part| part.difference(&mut names));
    let shown: Vec<Difference> = shown.collect();
    let shown = shown.into_iter().zip(wrong);
    shown
        .filter_map(|(difference, wrong)| wrong.then_some(difference))
        .collect()
}

/// Returns the names of all parts, those of the stored lines first.
fn names<'a>(stored: &'a [Line], new: &'a [Line]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for line in stored.iter().chain(new) {
        if !names.contains(&line.part.as_str()) {
            names.push(&line.part);
        }
    }
    names
}

struct Part<'a> {
    name: &'a str,
    stored: Vec<&'a Line>,
    new: Vec<&'a Line>,
}

impl<'a> Part<'a> {
    fn of(name: &'a str, stored: &'a [Line], new: &'a [Line]) -> Self {
        let own = |lines: &'a [Line]| lines.iter().filter(|line| line.part == name).collect();
        Self {
            name,
            stored: own(stored),
            new: own(new),
        }
    }

    /// Pairs the ids of corresponding lines; returns whether all lines and ids correspond.
    fn join(&self, pairs: &mut IdMapping) -> bool {
        let shapes = |lines: &[&Line]| lines.iter().map(|line| line.shape()).collect::<Vec<_>>();
        let (stored, new) = (shapes(&self.stored), shapes(&self.new));
        let mut is_same = true;
        for op in capture_diff_slices(Algorithm::Myers, &stored, &new) {
            let DiffOp::Equal {
                old_index,
                new_index,
                len,
            } = op
            else {
                is_same = false;
                continue;
            };
            for at in 0..len {
                let (stored, new) = (self.stored[old_index + at], self.new[new_index + at]);
                if !pairs.join(stored, new) {
                    pairs.join_what_fits(stored, new);
                    is_same = false;
                }
            }
        }
        is_same
    }

    fn difference(&self, names: &mut Names) -> Difference {
        let stored: Vec<String> = self.stored.iter().map(|line| names.stored(line)).collect();
        let new: Vec<String> = self.new.iter().map(|line| names.new_line(line)).collect();
        Difference::between(self.name, &stored, &new)
    }
}

#[cfg(test)]
mod tests {
    use super::super::mask::{Kind, Masks};
    use super::*;

    fn lines(text: &str) -> Vec<Line> {
        let masks = Masks::of(&[Kind::Ids, Kind::Times]);
        let part = |line: &str| {
            if line.contains('!') {
                "stderr"
            } else {
                "stdout"
            }
        };
        text.split('\n')
            .map(|line| Line::new(part(line), line, &masks))
            .collect()
    }

    #[track_caller]
    fn differs(stored: &str, new: &str) -> String {
        let differences = compare(&lines(stored), &lines(new));
        assert!(!differences.is_empty());
        differences
            .iter()
            .map(|difference| difference.diff.clone())
            .collect()
    }

    #[test]
    fn other_ids_and_times_are_no_difference() {
        for (stored, new) in [
            ("a\n", "a\n"),
            ("pid 1\npid 2\npid 1\n", "pid 7\npid 1\npid 7\n"),
            ("pid 1 took 3 s\npid 9!\n", "pid 5 took 4 s\npid 4!\n"),
        ] {
            assert_eq!(
                compare(&lines(stored), &lines(new)),
                [],
                "{stored:?} {new:?}"
            );
        }
    }

    #[test]
    fn equal_ids_stay_equal_and_different_ones_different() {
        let diff = differs("pid 1\npid 2\npid 1\n", "pid 7\npid 8\npid 8\n");
        assert!(
            diff.contains("\n pid <id 2>\n-pid <id 1>\n+pid <id 2>\n"),
            "{diff}"
        );
        let diff = differs("pid 1\npid 1\n", "pid 7\npid 8\n");
        assert!(
            diff.contains("\n pid <id 1>\n-pid <id 1>\n+pid <id 2>\n"),
            "{diff}"
        );
        // Across parts too.
        let diff = differs("pid 1\npid 1!", "pid 7\npid 8!");
        assert!(diff.contains("-pid <id 1>!"), "{diff}");
    }

    #[test]
    fn another_text_or_order_is_a_difference() {
        differs("a\n", "b\n");
        differs("a\nb\n", "b\na\n");
        differs("a\n", "a");
        differs("a", "a!");
        differs("a\n\n", "a\n");
        let diff = differs("pid 1\nx\npid 2\n", "pid 5\npid 6\n");
        assert!(diff.ends_with("\n pid <id 1>\n-x\n pid <id 2>\n"), "{diff}");
    }
}

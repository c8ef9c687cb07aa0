//! Lines that several writers have written into one another.

use std::collections::HashSet;

/// How many places in lines are remembered before the search is given up, which then counts as a difference.
const PLACES: usize = 3_000_000;

/// Whether `whole` consists of the words of these lines, of each in its order. One line alone is not shared.
pub fn is_shuffle(lines: &[Vec<String>], whole: &[String]) -> bool {
    if lines.len() < 2 || lines.iter().map(Vec::len).sum::<usize>() != whole.len() {
        return false;
    }
    let most = PLACES / lines.len();
    let mut seen: HashSet<Vec<usize>> = HashSet::new();
    let mut open = vec![vec![0; lines.len()]];
    while let Some(places) = open.pop() {
        let done: usize = places.iter().sum();
        if done == whole.len() {
            return true;
        }
        if seen.len() >= most {
            return false;
        }
        for line in 0..lines.len() {
            if lines[line].get(places[line]) == Some(&whole[done]) {
                let mut next = places.clone();
                next[line] += 1;
                if seen.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    fn shuffled(lines: &[&str], whole: &str) -> bool {
        let lines: Vec<_> = lines.iter().map(|line| words(line)).collect();
        is_shuffle(&lines, &words(whole))
    }

    #[test]
    fn words_keep_the_order_of_their_line() {
        let lines = ["square : 100", "cube : 1000"];
        assert!(shuffled(&lines, "square : 100 cube : 1000"));
        assert!(shuffled(&lines, "cube square : : 100 1000"));
        assert!(!shuffled(&lines, "square : 1000 cube : 100"));
        assert!(!shuffled(&lines, "square 100 : cube : 1000"));
        assert!(!shuffled(&lines, "square : 100 cube :"));
        assert!(!shuffled(&["a b"], "a b"));
    }

    #[test]
    fn many_equal_lines_are_no_trouble() {
        let lines = vec![words("a b a b"); 30];
        let whole = lines.concat();
        assert!(is_shuffle(&lines, &whole));
    }
}

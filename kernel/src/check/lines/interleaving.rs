//! Detects lines into which several writers mixed their text.

use std::collections::HashSet;

/// How many positions the search stores before it gives up and reports a difference.
const MAX_POSITIONS: usize = 3_000_000;

/// Returns whether `whole` is an interleaving of the words of these lines, at least two, each in its order.
pub fn is_shuffle(lines: &[Vec<String>], whole: &[String]) -> bool {
    if lines.len() < 2 || lines.iter().map(Vec::len).sum::<usize>() != whole.len() {
        return false;
    }
    let most = MAX_POSITIONS / lines.len();
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
    fn many_equal_lines_are_fast() {
        let lines = vec![words("a b a b"); 30];
        let whole = lines.concat();
        assert!(is_shuffle(&lines, &whole));
    }
}

//! Matches new lines to stored ones so that their ids agree.
//!
//! A backtracking search with two heuristics. Beforehand, colour refinement, as for graph isomorphism, distinguishes
//! ids by where they occur and by the ids they occur with. The search then always continues with the most constrained
//! line, so in practice it rarely backtracks.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::id_mapping::IdMapping;
use super::super::line::Line;

/// How many lines the search copies for backtracking before it gives up.
const MAX_COPIES: usize = 4_000_000;

/// The result of [`find`].
#[derive(Debug, PartialEq)]
pub enum Match {
    /// There is a match.
    Found,
    /// There is no match.
    None,
    /// The search would take too long.
    TooMany,
}

/// Searches a partner for every line. Each shape must have as many new lines as stored ones.
pub fn find(stored: &[Line], new: &[Line]) -> Match {
    let (stored, new) = (keyed(stored), keyed(new));
    let mut partners: BTreeMap<&Key, Vec<&Line>> = BTreeMap::new();
    for (key, line) in &new {
        partners.entry(key).or_default().push(line);
    }
    let mut wanted: BTreeMap<&Key, Vec<&Line>> = BTreeMap::new();
    for (key, line) in &stored {
        wanted.entry(key).or_default().push(line);
    }
    let fits = wanted.len() == partners.len()
        && wanted.iter().all(|(key, lines)| {
            partners
                .get(key)
                .is_some_and(|own| own.len() == lines.len())
        });
    if !fits {
        return Match::None;
    }
    let mut state = State {
        stored: Vec::new(),
        new: Vec::new(),
        pairs: IdMapping::default(),
    };
    for (group, (key, lines)) in wanted.into_iter().enumerate() {
        state
            .stored
            .extend(lines.into_iter().map(|line| (group, line)));
        state.new.push(partners.remove(key).unwrap_or_default());
    }
    state.search(&mut { MAX_COPIES })
}

/// The part and the shape of a line, and the colours of its ids.
type Key = (String, String, Vec<u64>);

fn keyed(lines: &[Line]) -> Vec<(Key, &Line)> {
    let mut colours: HashMap<&str, u64> = HashMap::new();
    // Each round distinguishes more ids, so there are at most as many rounds as ids.
    let mut count = 0;
    loop {
        let mut seen: HashMap<&str, Vec<u64>> = HashMap::new();
        for line in lines {
            let own: Vec<u64> = line
                .ids()
                .map(|id| colours.get(id).copied().unwrap_or(0))
                .collect();
            for (place, id) in line.ids().enumerate() {
                let around = hash(&(&line.part, line.shape(), place, &own, same_as(line, id)));
                seen.entry(id).or_default().push(around);
            }
        }
        for (id, mut around) in seen {
            around.sort_unstable();
            colours.insert(id, hash(&around));
        }
        let mut distinct: Vec<u64> = colours.values().copied().collect();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() <= count {
            break;
        }
        count = distinct.len();
    }
    let key = |line: &Line| {
        let colours = line.ids().map(|id| colours.get(id).copied().unwrap_or(0));
        (line.part.clone(), line.shape(), colours.collect())
    };
    lines.iter().map(|line| (key(line), line)).collect()
}

/// Returns, for each id of the line, whether it is this one.
fn same_as(line: &Line, id: &str) -> Vec<bool> {
    line.ids().map(|other| other == id).collect()
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The state of the search.
#[derive(Clone)]
struct State<'a> {
    /// Stored lines without a partner, each with the number of its group.
    stored: Vec<(usize, &'a Line)>,
    /// New lines without a partner, by group.
    new: Vec<Vec<&'a Line>>,
    pairs: IdMapping,
}

impl State<'_> {
    fn search(mut self, copies: &mut usize) -> Match {
        while let Some(at) = self.most_determined() {
            let (group, line) = self.stored.swap_remove(at);
            let candidates = self.candidates(group, line);
            let Some((&last, others)) = candidates.split_last() else {
                return Match::None;
            };
            for &candidate in others {
                match copies.checked_sub(self.stored.len()) {
                    Some(left) => *copies = left,
                    None => return Match::TooMany,
                }
                let mut other = self.clone();
                other.take(group, line, candidate);
                match other.search(copies) {
                    Match::None => (),
                    ended => return ended,
                }
            }
            // The last candidate needs no copy.
            self.take(group, line, last);
        }
        Match::Found
    }

    fn take(&mut self, group: usize, line: &Line, candidate: usize) {
        let new = self.new[group].swap_remove(candidate);
        self.pairs.join(line, new);
    }

    /// Returns the index of the line with the fewest unpaired ids; among equals, one with the smallest group.
    fn most_determined(&self) -> Option<usize> {
        let freedom = |(group, line): &(usize, &Line)| {
            let unknown = line.ids().filter(|id| !self.pairs.knows(id)).count();
            (
                unknown,
                if unknown == 0 {
                    0
                } else {
                    self.new[*group].len()
                },
            )
        };
        let mut best = None;
        for (at, line) in self.stored.iter().enumerate() {
            let own = freedom(line);
            if own.0 == 0 {
                return Some(at);
            }
            if best.is_none_or(|(other, _)| own < other) {
                best = Some((own, at));
            }
        }
        best.map(|(_, at)| at)
    }

    /// Returns the free lines that can be the partner, only one of those with the same ids.
    fn candidates(&self, group: usize, line: &Line) -> Vec<usize> {
        let mut seen: HashSet<Vec<&str>> = HashSet::new();
        let is_known = line.ids().all(|id| self.pairs.knows(id));
        let free = self.new[group].iter().enumerate();
        let mut possible = free.filter(|(_, new)| self.pairs.fit(line, new));
        if is_known {
            return possible
                .next()
                .map(|(index, _)| index)
                .into_iter()
                .collect();
        }
        possible
            .filter(|(_, new)| seen.insert(new.ids().collect()))
            .map(|(index, _)| index)
            .collect()
    }
}

//! Which new line stands for which stored one, such that their ids agree.
//!
//! It is a search with two aids. Ids are told apart beforehand by where they occur, and those by which ids they occur
//! with (the colours of a graph's nodes, refined until they stay). And the line of which most is known is always the next
//! one, so that in practice hardly a choice has to be taken back.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::id_mapping::IdMapping;
use super::super::line::Line;

/// How many lines are copied, so that a choice can be taken back, before the search is given up.
const COPIES: usize = 4_000_000;

/// What was found.
#[derive(Debug, PartialEq)]
pub enum Match {
    /// Ids that agree.
    Found,
    /// There are none.
    None,
    /// It would take too long to find out.
    TooMany,
}

/// Looks for partners for all lines. There must be as many new ones as stored ones of each shape.
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
    state.search(&mut { COPIES })
}

/// The part and the shape of a line, and the colours of its ids.
type Key = (String, String, Vec<u64>);

fn keyed(lines: &[Line]) -> Vec<(Key, &Line)> {
    let mut colours: HashMap<&str, u64> = HashMap::new();
    // Each round tells more ids apart; more rounds than ids cannot.
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

/// At which places of the line this id stands.
fn same_as(line: &Line, id: &str) -> Vec<bool> {
    line.ids().map(|other| other == id).collect()
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// How far the search is.
#[derive(Clone)]
struct State<'a> {
    /// Lines without a partner, each with the number of its group.
    stored: Vec<(usize, &'a Line)>,
    /// Lines that are still free, by groups.
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
            // The last possibility is no choice any more.
            self.take(group, line, last);
        }
        Match::Found
    }

    fn take(&mut self, group: usize, line: &Line, candidate: usize) {
        let new = self.new[group].swap_remove(candidate);
        self.pairs.join(line, new);
    }

    /// The line with the fewest ids that are not paired yet, and of those one of the smallest group.
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

    /// The free lines that can be the partner; of those with the same ids one.
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

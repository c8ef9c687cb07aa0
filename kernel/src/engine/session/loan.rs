//! Loans: what a variable borrows of another one.

use std::collections::BTreeSet;

/// A borrow that lasts from one cell to the next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loan {
    /// The name of the variable that is borrowed from.
    pub lender: String,
    /// Whether nothing else can use what is borrowed as long as the borrower lives.
    pub is_exclusive: bool,
    /// The parts of the lender that are borrowed, such as `p.age`. None if it is the whole.
    pub parts: BTreeSet<String>,
    /// The lifetimes in the borrower's type that end with the loan, by their place there. None if that is not known: then all may.
    pub lifetimes: BTreeSet<usize>,
}

impl Loan {
    /// Whether both borrow the same part of one variable.
    pub fn overlaps(&self, other: &Loan) -> bool {
        let is_whole = self.parts.is_empty() || other.parts.is_empty();
        self.lender == other.lender && (is_whole || !self.parts.is_disjoint(&other.parts))
    }
}

/// Whether a place is another one or a part of it.
pub fn is_within(place: &str, other: &str) -> bool {
    let rest = place.strip_prefix(other);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

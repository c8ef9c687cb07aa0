//! Why variables end, as the user reads it.

use crate::engine::rustc::lender;
use crate::engine::session::{Session, Variable};

/// Returns why a variable ends that borrows from `lender`, which cell `number` uses.
pub fn taken_back(lender: &str, number: u32) -> String {
    format!("cell {number} changed `{lender}`, from which it borrowed")
}

/// Returns why a borrowing variable ends, given rustc's message.
pub fn borrows_from(message: &str) -> String {
    match lender(message) {
        Some(name) => format!("it borrows from `{name}`, so it lasts only for its cell"),
        None => "it borrows from other variables, so it lasts only for its cell".to_owned(),
    }
}

/// Returns why a variable ends that another one still borrows at the end of cell `number`.
pub fn still_lent(number: u32) -> String {
    format!(
        "it was still borrowed at the end of cell {number}; use it and its borrower in one cell"
    )
}

/// Returns why a variable ends that cell `number` cannot store.
pub fn not_stored(number: u32) -> String {
    format!("cell {number} cannot keep its value for later cells; use it in the cell that makes it")
}

/// Returns why a variable of an earlier cell ends that cell `number` cannot take.
pub fn not_taken(variable: &Variable, number: u32, session: &Session) -> String {
    let mut loans = variable.loans.iter();
    match loans.find(|loan| session.variable(&loan.lender).is_none()) {
        Some(loan) => format!("`{}`, from which it borrowed, is gone", loan.lender),
        None => {
            let cell = variable.cell;
            format!("cell {number} cannot use its value under its type; run cell {cell} again")
        }
    }
}

/// Returns why the variables of a repeated `let` end, which reads these names and which cell `number` cannot repeat.
pub fn not_repeated<'a>(
    names: impl IntoIterator<Item = &'a String>,
    number: u32,
    session: &Session,
) -> String {
    let mut names = names.into_iter();
    match names.find(|name| session.ended.contains_key(*name)) {
        Some(name) => format!("`{name}`, from which it has its value, is gone"),
        None => {
            format!("cell {number} cannot compute it again; define it in the cell that uses it")
        }
    }
}

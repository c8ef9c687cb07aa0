// A module with private state, errors, and a log of events.

use std::collections::HashMap;
use std::fmt;
mod bank {
    use super::*;
    pub type Id = u32;
    #[derive(Debug, Clone, PartialEq)]
    pub enum Error {
        NoAccount(Id),
        Funds { need: u64, have: u64 },
    }
    impl fmt::Display for Error {
        fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
            match self {
                Error::NoAccount(id) => write!(f, "no account {id}"),
                Error::Funds { need, have } => write!(f, "need {need}, have {have}"),
            }
        }
    }
    impl std::error::Error for Error {}
    #[derive(Default)]
    pub struct Bank {
        accounts: HashMap<Id, u64>,
        next: Id,
        pub(crate) log: Vec<Event>,
    }
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Event {
        Open(Id),
        Move { from: Id, to: Id, amount: u64 },
    }
    impl Bank {
        pub fn open(&mut self, amount: u64) -> Id {
            self.next += 1;
            self.accounts.insert(self.next, amount);
            self.log.push(Event::Open(self.next));
            self.next
        }
        fn account(&mut self, id: Id) -> Result<&mut u64, Error> {
            self.accounts.get_mut(&id).ok_or(Error::NoAccount(id))
        }
        pub fn transfer(&mut self, from: Id, to: Id, amount: u64) -> Result<(), Error> {
            self.account(to)?;
            let a = self.account(from)?;
            *a = a.checked_sub(amount).ok_or(Error::Funds {
                need: amount,
                have: *a,
            })?;
            *self.account(to)? += amount;
            self.log.push(Event::Move { from, to, amount });
            Ok(())
        }
        pub fn balance(&self, id: Id) -> Option<u64> {
            self.accounts.get(&id).copied()
        }
    }
}
use bank::{
    Bank, Error,
    Event::{self, *},
};
fn main() {
    let mut bank = Bank::default();
    let (a, b) = (bank.open(100), bank.open(50));
    println!("{:?}", bank.transfer(a, b, 30));
    println!("{:?} {:?}", bank.balance(a), bank.balance(b));
    if let Err(e) = bank.transfer(a, b, 300) {
        println!("{e}");
    }
    println!("{}", bank.transfer(a, 9, 1) == Err(Error::NoAccount(9)));
    let moved: u64 = bank
        .log
        .iter()
        .map(|e| match e {
            Move { amount, .. } => *amount,
            Open(_) => 0,
        })
        .sum();
    println!("{moved} {:?}", bank.log.last());
    let log = &bank.log;
    let opened = log.iter().filter(|e| matches!(e, Event::Open(..))).count();
    println!("{opened} {}", log.len());
    let total: u64 = [a, b].iter().filter_map(|&id| bank.balance(id)).sum();
    println!("{total}");
}

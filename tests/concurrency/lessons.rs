//! What a lesson may have, compared with CPython as in `beside_cpython`: a crawler, a bank, primes in processes.

#![expect(clippy::mutable_key_type, reason = "a future is a key by its address")]

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use threadbook::prelude::*;
use threadbook::threading::Thread;

use crate::beside_cpython::{Output, Text, compare};
use crate::life::{be_silent, panic_of, within};

#[test]
fn crawler() {
    within(30, || compare("crawl.py", run_crawler));
}

const PAGES: [(&str, &[&str]); 6] = [
    ("/", &["/news", "/shop"]),
    ("/news", &["/", "/news/1", "/news/2"]),
    ("/news/1", &["/news"]),
    ("/news/2", &["/news", "/lost"]),
    ("/shop", &["/", "/shop/cart"]),
    ("/shop/cart", &[]),
];

fn load(url: &str) -> &'static [&'static str] {
    let page = PAGES.iter().find(|(known, _)| *known == url);
    page.unwrap_or_else(|| panic!("no page at {url}")).1
}

fn run_crawler(out: &Output) {
    be_silent();
    let pool = ThreadPoolExecutor::new(3).thread_name_prefix("crawler");
    let mut seen = BTreeSet::from(["/"]);
    let (mut failed, mut depth, mut level) = (Vec::new(), 0, vec!["/"]);
    while !level.is_empty() {
        let futures: HashMap<_, _> = level
            .iter()
            .map(|&url| (pool.submit(move || load(url)), url))
            .collect();
        let mut found = BTreeSet::new();
        for future in tqdm(as_completed(futures.keys())) {
            match future.result() {
                Ok(links) => found.extend(links),
                Err(error) => failed.push(format!("{}: {error}", futures[future])),
            }
        }
        out.print(&[&depth, &level]);
        level = found.difference(&seen).copied().collect();
        seen.extend(found);
        depth += 1;
    }
    out.print(&[&seen.len(), &failed]);
    let name = pool.submit(thread_name).result().unwrap();
    out.print(&[&name.starts_with("crawler_")]);
}

#[test]
fn bank() {
    within(30, || compare("bank.py", run_bank));
}

/// An account: what it has is in its lock.
struct Account {
    number: u32,
    balance: Mutex<i32>,
}

impl Account {
    fn new(number: u32, balance: i32) -> Arc<Self> {
        let balance = Mutex::new(balance);
        Arc::new(Self { number, balance })
    }

    fn balance(&self) -> i32 {
        *self.balance.lock().unwrap()
    }
}

/// The account with the lower number is locked first.
fn transfer(source: &Account, target: &Account, amount: i32) -> Result<(), String> {
    let (mut from, mut to);
    if source.number < target.number {
        from = source.balance.lock().unwrap();
        to = target.balance.lock().unwrap();
    } else {
        to = target.balance.lock().unwrap();
        from = source.balance.lock().unwrap();
    }
    if amount > *from {
        return Err(format!("account {} has only {}", source.number, *from));
    }
    *from -= amount;
    *to += amount;
    Ok(())
}

fn run_bank(out: &Output) {
    let (a, b) = (Account::new(1, 1000), Account::new(2, 1000));
    let threads: Vec<_> = [(&a, &b), (&b, &a), (&a, &b)]
        .into_iter()
        .enumerate()
        .map(|(n, (source, target))| {
            let (source, target) = (Arc::clone(source), Arc::clone(target));
            Thread::named(format!("clerk-{n}"), move || {
                for _ in 0..500 {
                    transfer(&source, &target, 1).unwrap();
                }
            })
        })
        .collect();
    for thread in &threads {
        thread.start().unwrap();
    }
    for thread in &threads {
        thread.join().unwrap();
    }
    out.print(&[&threads.iter().map(Thread::name).collect::<Vec<_>>()]);
    out.print(&[&a.balance(), &b.balance(), &(a.balance() + b.balance())]);
    if let Err(error) = transfer(&a, &b, 5000) {
        out.print(&[&Text(&error)]);
    }
    out.print(&[&a.balance(), &b.balance()]);

    let (enough, purse) = (Condition::new(), Arc::new(Mutex::new(Vec::new())));
    let sum = || purse.lock().unwrap().iter().sum::<i32>();
    let saver = Thread::named("saver", {
        let (enough, purse) = (enough.clone(), Arc::clone(&purse));
        move || {
            for coin in [50, 20, 50] {
                let _guard = enough.lock();
                purse.lock().unwrap().push(coin);
                enough.notify(1);
            }
        }
    });
    {
        let _guard = enough.lock();
        saver.start().unwrap();
        let in_time = enough.wait_for_timeout(|| sum() >= 100, Duration::from_secs(10));
        out.print(&[&in_time.unwrap()]);
    }
    saver.join().unwrap();
    out.print(&[&sum(), &saver.is_alive()]);
}

#[test]
fn primes() {
    within(30, || compare("primes.py", run_primes));
}

fn smallest_factor(n: u64) -> u64 {
    let factors = (2..).take_while(|d| d * d <= n);
    factors
        .into_iter()
        .find(|d| n.is_multiple_of(*d))
        .unwrap_or(n)
}

fn power((base, exponent): (u64, u32)) -> u64 {
    base.pow(exponent)
}

fn run_primes(out: &Output) {
    const NUMBERS: [u64; 4] = [1_000_003, 1_000_005, 1_000_007, 1_000_033];
    be_silent();
    let pool = ProcessPoolExecutor::new(2);
    for n in NUMBERS {
        out.print(&[&n, &pool.submit_fn(smallest_factor, n).result().unwrap()]);
    }
    out.print(&[&pool.submit_fn(power, (2, 10)).result().unwrap()]);
    let factors: Result<Vec<_>, _> = pool.map(smallest_factor, 2..20).collect();
    out.print(&[&factors.unwrap()]);
    let factors: Result<Vec<_>, _> = pool.map_chunks(smallest_factor, 2..20, 5).collect();
    out.print(&[&factors.unwrap()]);
    let futures: HashMap<_, _> = NUMBERS
        .map(|n| (pool.submit_fn(smallest_factor, n), n))
        .into();
    let factors: BTreeSet<_> = as_completed(futures.keys())
        .map(|future| (futures[future], future.result().unwrap()))
        .collect();
    out.print(&[&factors.into_iter().collect::<Vec<_>>()]);
    let refused = pool.submit_fn(|n: i32| -> i32 { panic!("{n} is not for me") }, 7);
    out.print(&[&Text(&refused.exception().unwrap().to_string())]);
    let pid = pool.submit(std::process::id).result().unwrap();
    out.print(&[&(pid != std::process::id())]);
    pool.shutdown(true);
    let message = panic_of(|| pool.submit_fn(power, (1, 1)));
    out.print(&[&Text(&message)]);
}

//! The call frame information of all libraries in this process, and with it in the processes that it forks.
//!
//! A thread that waits looks rules up, and so may a process that was forked at any moment. So nothing here is locked: tables are only added.

use super::frame::Rule;
use super::table::Table;
use crate::runtime::waits::libraries::Libraries;
use std::path::PathBuf;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU64};

/// A library's table in the list of all.
struct Node {
    path: PathBuf,
    /// Where the library begins.
    base: u64,
    table: Table,
    /// The one that was added before.
    before: Option<&'static Node>,
}

/// The table that was added last. Libraries of cells stay loaded, so none is removed.
static LAST: AtomicPtr<Node> = AtomicPtr::new(std::ptr::null_mut());

/// Adds the tables of libraries that were loaded since the last call. Returns what is mapped now.
pub fn read_tables() -> Libraries {
    let libraries = Libraries::mapped();
    for (path, base) in libraries.bases() {
        let is_known = nodes().any(|node| node.base == base && node.path == path);
        if !is_known && let Some(table) = Table::read(base) {
            add(Box::new(Node {
                path: path.to_owned(),
                base,
                table,
                before: None,
            }));
        }
    }
    libraries
}

fn add(node: Box<Node>) {
    let node = Box::into_raw(node);
    let mut last = LAST.load(Acquire);
    loop {
        // SAFETY: this thread alone has `node` before it is in the list; `last` is null, or a node of the list, which stays.
        unsafe { (*node).before = last.as_ref() };
        match LAST.compare_exchange_weak(last, node, Release, Acquire) {
            Ok(_) => break,
            Err(other) => last = other,
        }
    }
    // What was found where a library was that is no longer loaded.
    for entry in &FOUND {
        entry.store(0, Relaxed);
    }
}

/// Returns the nodes, the last first: a library can only lie where another one was unloaded before.
fn nodes() -> impl Iterator<Item = &'static Node> {
    // SAFETY: null, or a node that `add` has completed, and that stays.
    let last = unsafe { LAST.load(Acquire).as_ref() };
    std::iter::successors(last, |node| node.before)
}

/// The rules that were found last, since threads wait in few places: each is a number with the address in the upper bits and the rule in
/// the lower ones; 0 if there is none. Its place is that of the address's lower bits, which the number does not repeat.
static FOUND: [AtomicU64; PLACES] = [const { AtomicU64::new(0) }; PLACES];

const PLACES: usize = 1 << 12;

/// Returns how to find the caller of the function that has this address in it.
pub fn rule(address: u64) -> Option<Rule> {
    let entry = &FOUND[address as usize % PLACES];
    // Addresses of a process take 47 bits (Linux, Documentation/arch/x86/x86_64/mm.rst).
    let key = address / PLACES as u64;
    let found = entry.load(Relaxed);
    if found != 0 && found >> Rule::BITS == key {
        return Some(Rule::unpacked(found & ((1 << Rule::BITS) - 1)));
    }
    let node = nodes().find(|node| node.table.contains(address))?;
    let rule = node.table.rule(address)?;
    if let Some(packed) = rule.packed() {
        entry.store(key << Rule::BITS | packed, Relaxed);
    }
    Some(rule)
}

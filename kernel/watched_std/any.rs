//! `std::any` in watched cells: types have the names that they have in all cells.

use std::any;
pub use std::any::*;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// What the names of this crate's types begin with.
const CRATE: &str = "threadbook_std::";

/// As in `std`.
pub fn type_name<T: ?Sized>() -> &'static str {
    as_in_std(any::type_name::<T>())
}

/// As in `std`.
pub fn type_name_of_val<T: ?Sized>(_: &T) -> &'static str {
    type_name::<T>()
}

/// Returns the name with `std`'s types in the place of this crate's. Keeps each such name.
fn as_in_std(name: &'static str) -> &'static str {
    static KNOWN: Mutex<BTreeMap<&str, &str>> = Mutex::new(BTreeMap::new());
    if !name.contains(CRATE) {
        return name;
    }
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(name).or_insert_with(|| translated(name).leak())
}

fn translated(name: &str) -> String {
    let mut parts = name.split(CRATE);
    let mut translated = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_of_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let end = part.find(|c| !is_of_path(c)).unwrap_or(part.len());
        let (path, rest) = part.split_at(end);
        match of_std(path) {
            Some(of_std) => translated.push_str(of_std),
            None => translated.extend([CRATE, path]),
        }
        translated.push_str(rest);
    }
    translated
}

/// Returns `std`'s path to a type of this crate, whose path is given without the crate.
fn of_std(path: &str) -> Option<&'static str> {
    static PATHS: OnceLock<BTreeMap<&str, &str>> = OnceLock::new();
    PATHS.get_or_init(paths).get(path).copied()
}

/// Returns the paths of the types of this crate, with those of `std`'s.
fn paths() -> BTreeMap<&'static str, &'static str> {
    macro_rules! pairs {
        ($($path:ident $(<$($parameter:ty),*>)?;)*) => { [$(
            pair::<crate::sync::$path $(<$($parameter),*>)?, std::sync::$path $(<$($parameter),*>)?>()
        ),*] };
        ($module:ident: $($path:ident $(<$($parameter:ty),*>)?;)*) => { [$(
            pair::<crate::sync::$module::$path $(<$($parameter),*>)?, std::sync::$module::$path $(<$($parameter),*>)?>()
        ),*] };
    }
    let locks = pairs![Mutex<()>; RwLock<()>; Condvar;];
    let guards = [
        pair::<crate::sync::MutexGuard<()>, std::sync::MutexGuard<()>>(),
        pair::<crate::sync::RwLockReadGuard<()>, std::sync::RwLockReadGuard<()>>(),
        pair::<crate::sync::RwLockWriteGuard<()>, std::sync::RwLockWriteGuard<()>>(),
    ];
    let channels = pairs![mpsc: Sender<()>; SyncSender<()>; Receiver<()>; IntoIter<()>;];
    let iterators = [
        pair::<crate::sync::mpsc::Iter<()>, std::sync::mpsc::Iter<()>>(),
        pair::<crate::sync::mpsc::TryIter<()>, std::sync::mpsc::TryIter<()>>(),
    ];
    let atomics = pairs![atomic:
        AtomicBool; AtomicI8; AtomicI16; AtomicI32; AtomicI64; AtomicIsize; AtomicU8; AtomicU16; AtomicU32; AtomicU64; AtomicUsize;
        AtomicPtr<()>;
    ];
    let all = locks.into_iter().chain(guards).chain(channels);
    all.chain(iterators).chain(atomics).collect()
}

/// Returns the path of a type of this crate, without the crate, and of that of `std`'s.
fn pair<Own, OfStd>() -> (&'static str, &'static str) {
    let (own, of_std) = (any::type_name::<Own>(), any::type_name::<OfStd>());
    let own = own.strip_prefix(CRATE).unwrap_or(own);
    match own.split_once('<') {
        Some((own, _)) => (own, of_std.split('<').next().unwrap_or_default()),
        None => (own, of_std),
    }
}

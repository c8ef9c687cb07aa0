//! The name of the calling thread.

use super::registry;
use super::unregistered_name::foreign_name;
use crate::os;

/// Returns the name of the current thread: Python's `threading.current_thread().name`.
///
/// The main thread of a process is `MainThread`; in a [`Process`](crate::prelude::Process) that is the thread that runs
/// its closure. A thread that was given a name (`std::thread::Builder`) has that name. Every other is `Thread-N`: the
/// first call assigns it a number, counted from 1, which it keeps.
///
/// ```
/// use std::thread;
/// use threadbook::prelude::*;
///
/// assert_eq!(thread_name(), "MainThread");
/// assert_eq!(thread::spawn(thread_name).join().unwrap(), "Thread-1");
/// assert_eq!(thread::spawn(thread_name).join().unwrap(), "Thread-2");
///
/// let named = thread::Builder::new().name("t1".into());
/// assert_eq!(named.spawn(thread_name).unwrap().join().unwrap(), "t1");
/// ```
pub fn thread_name() -> String {
    if os::on_main_thread() {
        return registry::main_thread().name();
    }
    match registry::known() {
        Some(thread) => thread.name(),
        None => foreign_name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn an_unnamed_thread_keeps_its_number_and_others_differ() {
        let ask = || thread::spawn(|| (thread_name(), thread_name()));
        let (first, second) = (ask().join().unwrap(), ask().join().unwrap());
        assert_eq!(first.0, first.1);
        assert_eq!(second.0, second.1);
        assert_ne!(first.0, second.0);
        let number = first.0.strip_prefix("Thread-").unwrap();
        assert!(number.parse::<u64>().unwrap() >= 1);
    }

    #[test]
    fn a_named_thread_uses_up_no_number() {
        let unnamed = || thread::spawn(thread_name).join().unwrap();
        let named = thread::Builder::new().name("loader".into());
        assert_eq!(named.spawn(thread_name).unwrap().join().unwrap(), "loader");
        assert!(unnamed().starts_with("Thread-"));
    }
}

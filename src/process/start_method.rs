//! How processes start: always by a fork.

use std::io;

/// Returns how processes start: `fork`. Python's `multiprocessing.get_start_method`.
///
/// A fork is a copy of this process as it is, so a closure and everything that it sees is there at once. Python's other
/// two methods start a new interpreter and send it the function's name and its pickled arguments. A closure has neither,
/// and a cell's code exists only in the notebook's own process. Python has left `fork` as its default in 3.14, because a
/// lock that another thread holds at that moment stays locked in the child: [the module](super) says what this crate
/// does about that, and what you have to.
pub fn get_start_method() -> &'static str {
    get_all_start_methods()[0]
}

/// Returns all start methods: `fork` alone. Python's `multiprocessing.get_all_start_methods`.
pub fn get_all_start_methods() -> [&'static str; 1] {
    ["fork"]
}

/// Checks that processes start by this method: Python's `multiprocessing.set_start_method`.
///
/// # Errors
/// `Unsupported`: it is not [`fork`](get_start_method). `InvalidInput`: Python has none of this name either.
pub fn set_start_method(method: &str) -> io::Result<()> {
    let (kind, message) = match method {
        "fork" => return Ok(()),
        "spawn" | "forkserver" => (
            io::ErrorKind::Unsupported,
            format!(
                "cannot start processes by {method:?}: a closure exists in this process alone, so use \"fork\""
            ),
        ),
        _ => (
            io::ErrorKind::InvalidInput,
            format!("cannot find context for '{method}': use \"fork\""),
        ),
    };
    Err(io::Error::new(kind, message))
}

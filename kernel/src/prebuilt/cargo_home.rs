//! cargo's folder of the user, and the other one that rust-analyzer is shown.
//!
//! rust-analyzer calls `bin/cargo` in the folder that `CARGO_HOME` names before it looks anywhere else. So in the engine that
//! variable names a folder of ours, and every process that the engine starts for the user gets the user's own back.

use std::ffi::OsString;
use std::process::Command;

/// The Cargo Book, "Environment variables Cargo reads".
pub const CARGO_HOME_VAR: &str = "CARGO_HOME";

/// What the user has set, empty if nothing.
pub const OWN_CARGO_HOME_VAR: &str = "THREADBOOK_CARGO_HOME";

/// The value for [`OWN_CARGO_HOME_VAR`], while the user's own is still in its place.
pub fn own_cargo_home() -> OsString {
    std::env::var_os(CARGO_HOME_VAR).unwrap_or_default()
}

/// Gives the user's own to a process.
pub fn with_own_cargo_home(command: &mut Command) -> &mut Command {
    match std::env::var_os(OWN_CARGO_HOME_VAR) {
        Some(own) if !own.is_empty() => command.env(CARGO_HOME_VAR, own),
        Some(_) => command.env_remove(CARGO_HOME_VAR),
        None => command,
    }
}

/// Puts the user's own back into this process.
///
/// # Safety
/// No other thread may be running: they may read the environment (setenv(3)).
pub unsafe fn restore_own_cargo_home() {
    let Some(own) = std::env::var_os(OWN_CARGO_HOME_VAR) else {
        return;
    };
    // SAFETY: the caller has a single thread.
    unsafe {
        if own.is_empty() {
            std::env::remove_var(CARGO_HOME_VAR);
        } else {
            std::env::set_var(CARGO_HOME_VAR, own);
        }
    }
}

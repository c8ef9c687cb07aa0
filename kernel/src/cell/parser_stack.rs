//! Room for parsing: a parser calls itself for each level of an expression, and a cell can have
//! as many levels as letters. In a process that must not end, that takes a stack of its own.

/// In bytes. Longer texts are not looked into.
pub const MAX_TEXT_BYTES: usize = 100_000;

/// Enough for as many levels as [`MAX_TEXT_BYTES`] letters can make. Only what is used of it takes
/// memory.
const STACK: usize = 512 << 20;

/// Does work that parses no text longer than [`MAX_TEXT_BYTES`]; `None` when there is no room for it.
pub fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let started = thread.spawn_scoped(scope, work);
        started.ok()?.join().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::{completeness, items};

    #[test]
    fn no_depth_is_too_much() {
        for piece in [
            "(",
            "[",
            "{",
            "!",
            "&",
            "-",
            "*",
            "|a| ",
            "if a {} else ",
            "A<",
            "x = ",
            "a::<",
            "fn f() { ",
            "loop ",
            "return ",
            "#![",
            "&mut ",
            "impl A for ",
            "<",
            "dyn ",
            "move || ",
            "/*",
            "\"",
            "(a, ",
            "m!(",
            "a ? b.",
        ] {
            for before in ["", "let x: ", "fn f(a: "] {
                let mut code = before.to_owned();
                code.push_str(&piece.repeat((MAX_TEXT_BYTES - before.len()) / piece.len()));
                completeness::of(&code);
                deep(|| items(&code)).expect("a thread");
                // Of a depth that is just put into a tree.
                code.truncate(code.floor_char_boundary(400 * piece.len()));
                deep(|| items(&code)).expect("a thread");
            }
        }
    }
}

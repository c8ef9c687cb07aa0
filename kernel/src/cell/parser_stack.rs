//! A large stack for parsing: the parser recurses for each level of an expression, and a cell can have as many levels as
//! letters. A process that must not crash parses on a stack of its own.

/// Longer texts are not parsed.
pub const MAX_TEXT_BYTES: usize = 100_000;

/// Enough for as many levels as [`MAX_TEXT_BYTES`] letters can make. Only the used part takes memory.
const STACK_BYTES: usize = 512 << 20;

/// Runs `work`, which parses no text longer than [`MAX_TEXT_BYTES`], on a large stack. Returns `None` if the thread cannot
/// start, or panics.
pub fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let started = thread.spawn_scoped(scope, work);
        started.ok()?.join().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::{completeness, items};

    #[test]
    fn no_depth_overflows_the_stack() {
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
                // A depth that is still parsed into a tree.
                code.truncate(code.floor_char_boundary(400 * piece.len()));
                deep(|| items(&code)).expect("a thread");
            }
        }
    }
}

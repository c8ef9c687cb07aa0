//! How a cell's last expression is shown.

use std::fmt::Debug;

use crate::notebook;
use crate::repr::repr;

/// Shows the value of a cell's last expression, the way Python prints it.
///
/// evcxr calls `evcxr_display` on the last expression of a cell if there is such a method. This trait provides it for
/// every `Debug` type; a method of that name on the type itself takes precedence. `()` shows nothing.
pub trait EvcxrDisplay: Debug {
    /// Writes [`repr`] of the value to stdout in evcxr's form for a cell's result.
    ///
    /// The write is one block, so that lines of other threads and processes cannot come between.
    fn evcxr_display(&self) {
        if let Some(block) = block(self) {
            notebook::print_at_once(&block);
        }
    }
}

impl<T: Debug + ?Sized> EvcxrDisplay for T {}

fn block<T: Debug + ?Sized>(value: &T) -> Option<String> {
    (std::any::type_name::<T>() != "()").then(|| {
        format!(
            "EVCXR_BEGIN_CONTENT text/plain\n{}\nEVCXR_END_CONTENT\n",
            repr(value)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_shows_nothing() {
        assert_eq!(block(&()), None);
    }

    #[test]
    fn a_value_is_framed_for_evcxr() {
        assert_eq!(
            block("a\nb").unwrap(),
            "EVCXR_BEGIN_CONTENT text/plain\n'a\\nb'\nEVCXR_END_CONTENT\n"
        );
        assert!(block(&[1]).unwrap().contains("\n[1]\n"));
    }
}

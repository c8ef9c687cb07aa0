//! Patterns that move some parts of a value and borrow others.

use super::statement::{Let, parsed, range_of};
use super::temporaries::temporary;
use ra_ap_syntax::ast::{self, AstNode, HasName};
use std::ops::Range;

/// The bindings of a pattern such as `(a, ref b)`.
#[derive(Debug, PartialEq, Eq)]
pub struct MixedBindings {
    /// The bytes in the `let` of what it takes apart.
    pub value: Range<usize>,
    /// Whether that is a temporary.
    pub is_temporary: bool,
    pub by_move: Vec<BindingByMove>,
}

/// A binding that moves a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindingByMove {
    /// Its first byte.
    pub start: usize,
    pub name: String,
    pub is_mut: bool,
}

impl Let {
    /// Returns the bindings of its pattern if that moves some parts of the value and borrows others.
    pub fn mixed_bindings(&self) -> Option<MixedBindings> {
        let found = parsed(&self.text)?;
        let (pattern, value) = (found.pat()?, found.initializer()?);
        let nodes = pattern.syntax().descendants();
        let (by_reference, others): (Vec<_>, Vec<_>) = nodes
            .filter_map(ast::IdentPat::cast)
            .partition(|bound| bound.ref_token().is_some());
        let by_move: Vec<BindingByMove> = others
            .iter()
            .filter_map(|bound| {
                let name = bound.name()?.text().to_string();
                self.defines(&name).then_some(BindingByMove {
                    start: range_of(bound.syntax()).start,
                    name,
                    is_mut: bound.mut_token().is_some(),
                })
            })
            .collect();
        if by_reference.is_empty() || by_move.is_empty() {
            return None;
        }
        let temporary = temporary(&value);
        Some(MixedBindings {
            is_temporary: temporary.is_some(),
            value: range_of(temporary.unwrap_or(value).syntax()),
            by_move,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bindings_by_move_stand_beside_others_by_reference() {
        for (text, value, by_move) in [
            ("let (mut a, ref b) = pair;", "pair", &["mut a"][..]),
            ("let P { name, ref age } = make().0;", "make()", &["name"]),
            ("let [ref mut a, None, .., b] = arr;", "arr", &["b"]),
            ("let (ref a, ref b) = pair;", "", &[]),
            ("let (a, b) = pair;", "", &[]),
        ] {
            let found = Let::read(text).and_then(|binding| binding.mixed_bindings());
            let found_value = found
                .as_ref()
                .map_or("", |found| &text[found.value.clone()]);
            let bindings = found.iter().flat_map(|found| &found.by_move);
            let starts: Vec<&str> = bindings.map(|bound| &text[bound.start..]).collect();
            assert_eq!(found_value, value);
            assert_eq!(starts.len(), by_move.len());
            let mut pairs = starts.iter().zip(by_move);
            assert!(pairs.all(|(start, bound)| start.starts_with(bound)));
        }
    }
}

//! Cursor positions in a cell, and the names at and around them.

use ra_ap_parser::{Edition, LexedStr, SyntaxKind, T};
use std::ops::Range;

/// Converts a cursor position in Unicode code points, as Jupyter counts, to a byte offset. Positions beyond the end give the
/// end.
pub fn byte_offset(code: &str, letters: usize) -> usize {
    code.char_indices()
        .nth(letters)
        .map_or(code.len(), |(offset, _)| offset)
}

/// Returns the number of code points before a byte offset.
pub fn letters_before(code: &str, offset: usize) -> usize {
    code[..code.floor_char_boundary(offset)].chars().count()
}

/// Returns the part of a word before a byte offset; empty if there is none.
pub fn word_before(code: &str, offset: usize) -> Range<usize> {
    let before = &code[..offset];
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, letter)| letter.is_alphanumeric() || *letter == '_')
        .last()
        .map_or(offset, |(start, _)| start);
    start..offset
}

/// Returns the offsets of what a user at `offset` may ask about: the name there, then the function or macro whose arguments
/// surround it; without either, the token there.
pub fn asked_about(code: &str, offset: usize) -> Vec<usize> {
    let tokens = tokens(code);
    let touched = tokens
        .iter()
        .filter(|(_, range)| range.start <= offset && offset <= range.end);
    let name = touched.clone().find(|(kind, _)| is_name(*kind));
    let mut places: Vec<usize> = name.map(|(_, range)| range.start).into_iter().collect();
    places.extend(callee(&tokens, offset));
    if places.is_empty() {
        places.extend(touched.map(|(_, range)| range.start).next());
    }
    places
}

/// Returns the offset of the name of the function or macro in whose arguments `offset` lies.
fn callee(tokens: &[(SyntaxKind, Range<usize>)], offset: usize) -> Option<usize> {
    let before = tokens.partition_point(|(_, range)| range.end <= offset);
    let mut closed = 0;
    for index in (0..before).rev() {
        match tokens[index].0 {
            T![')'] | T![']'] | T!['}'] => closed += 1,
            T!['('] | T!['['] | T!['{'] if closed > 0 => closed -= 1,
            T!['('] | T!['['] => {
                let name = tokens[..index]
                    .iter()
                    .rev()
                    .find(|(kind, _)| *kind != T![!])?;
                if is_name(name.0) {
                    return Some(name.1.start);
                }
            }
            T!['{'] => return None,
            _ => {}
        }
    }
    None
}

fn tokens(code: &str) -> Vec<(SyntaxKind, Range<usize>)> {
    let lexed = LexedStr::new(Edition::Edition2024, code);
    (0..lexed.len())
        .filter(|index| !lexed.kind(*index).is_trivia())
        .map(|index| (lexed.kind(index), lexed.text_range(index)))
        .collect()
}

fn is_name(kind: SyntaxKind) -> bool {
    kind == SyntaxKind::IDENT || kind.is_keyword(Edition::Edition2024)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the names that `asked_about` finds for a cursor at `^`.
    fn names(marked: &str) -> Vec<String> {
        let offset = marked.find('^').unwrap();
        let code = marked.replace('^', "");
        let places = asked_about(&code, offset).into_iter();
        places
            .map(|start| {
                let rest = code[start..].chars();
                rest.take_while(|letter| letter.is_alphanumeric()).collect()
            })
            .collect()
    }

    #[test]
    fn code_points_are_not_bytes() {
        let code = "let größe = \"😀\"; gr";
        assert_eq!(byte_offset(code, 9), 11);
        assert_eq!(letters_before(code, code.len()), 19);
        assert_eq!(byte_offset(code, 19), code.len());
        assert_eq!(byte_offset(code, 1000), code.len());
        for letters in 0..=19 {
            assert_eq!(letters_before(code, byte_offset(code, letters)), letters);
        }
        // An offset inside a letter counts as before it.
        assert_eq!(letters_before("ö", 1), 0);
    }

    #[test]
    fn a_word_ends_at_the_cursor() {
        assert_eq!(word_before("let größe", 11), 4..11);
        assert_eq!(word_before("v.pu sh", 4), 2..4);
        assert_eq!(word_before("v.", 2), 2..2);
        assert_eq!(word_before("", 0), 0..0);
    }

    #[test]
    fn the_name_at_the_cursor_comes_first() {
        assert_eq!(names("let x = square^(2);"), ["square"]);
        assert_eq!(names("foo(ba^r, 1)"), ["bar", "foo"]);
        assert_eq!(names("^foo"), ["foo"]);
    }

    #[test]
    fn among_arguments_the_callee_is_found() {
        assert_eq!(names("square(^"), ["square"]);
        assert_eq!(names("v.push(f(1), ^2)"), ["push"]);
        assert_eq!(names("println!(\"a\", ^"), ["println"]);
        assert_eq!(names("spawn(|| { ^"), [] as [String; 0]);
    }
}

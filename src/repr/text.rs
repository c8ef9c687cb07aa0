//! Text and characters: from Rust's `Debug` literal to Python's.

use std::fmt::Write;

/// One element of a literal: a character, or a byte that was not UTF-8 (in an `OsStr`).
#[derive(Clone, Copy)]
enum Piece {
    Char(char),
    Byte(u8),
}

/// Translates the literal (`"…"` or `'c'`) at the start of `rest`. Returns its length in bytes and Python's form; None
/// if there is no complete literal.
pub(super) fn literal(rest: &str) -> Option<(usize, String)> {
    let mut chars = rest.chars();
    let quote = chars.next()?;
    let mut pieces = Vec::new();
    loop {
        match chars.next()? {
            c if c == quote => break,
            '\\' => pieces.push(escape(&mut chars)?),
            c => pieces.push(Piece::Char(c)),
        }
        // A character has one element; an apostrophe before more is part of a type's own text.
        if quote == '\'' && pieces.len() > 1 {
            return None;
        }
    }
    if quote == '\'' && pieces.is_empty() {
        return None;
    }
    Some((rest.len() - chars.as_str().len(), python(&pieces)))
}

/// Reads what follows a backslash.
fn escape(chars: &mut std::str::Chars<'_>) -> Option<Piece> {
    let c = match chars.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        'u' => {
            let (digits, after) = chars.as_str().strip_prefix('{')?.split_once('}')?;
            *chars = after.chars();
            char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
        }
        'x' => {
            let digits = chars.as_str().get(..2)?;
            let byte = u8::from_str_radix(digits, 16).ok()?;
            *chars = chars.as_str()[2..].chars();
            return Some(Piece::Byte(byte));
        }
        c @ ('\\' | '\'' | '"') => c,
        _ => return None,
    };
    Some(Piece::Char(c))
}

fn python(pieces: &[Piece]) -> String {
    let has = |wanted: char| {
        pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Char(c) if *c == wanted))
    };
    let quote = if has('\'') && !has('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for piece in pieces {
        match *piece {
            Piece::Char(c) => push_char(&mut out, c, quote),
            Piece::Byte(byte) if byte.is_ascii() => push_char(&mut out, byte.into(), quote),
            // Python turns such a byte in a file name into this (its `surrogateescape`).
            Piece::Byte(byte) => push_code(&mut out, 0xdc00 + u32::from(byte)),
        }
    }
    out.push(quote);
    out
}

fn push_char(out: &mut String, c: char, quote: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ if c == quote || c == '\\' => out.extend(['\\', c]),
        _ if is_printable(c) => out.push(c),
        _ => push_code(out, c.into()),
    }
}

fn push_code(out: &mut String, code: u32) {
    let written = match code {
        ..0x100 => write!(out, "\\x{code:02x}"),
        0x100..0x1_0000 => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
    written.expect("writing to a String does not fail");
}

/// Returns whether a character is shown as itself. Rust and Python draw this line by the same Unicode categories, so
/// this asks Rust, with an `a` in front, since Rust escapes a combining mark at the start of a text.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    format!("a{c}").escape_debug().nth(1) == Some(c)
}

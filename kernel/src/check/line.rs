//! A line of an output, split into plain text and masked text that may differ.

use super::mask::{Kind, Masks};

/// Marks masked text in a shape; visible text never contains it.
const MASKED: char = '\0';

/// A line and the part of the output that it belongs to.
#[derive(Clone, Debug)]
pub struct Line {
    /// `stdout`, `result: text/plain` and so on.
    pub part: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Masked(Kind, String),
}

impl Line {
    /// Splits the text of a line of this part.
    pub fn new(part: &str, text: &str, masks: &Masks) -> Self {
        let mut pieces = Vec::new();
        let mut end = 0;
        for (range, kind) in masks.find(text) {
            if end < range.start {
                pieces.push(Piece::Text(text[end..range.start].to_owned()));
            }
            pieces.push(Piece::Masked(kind, text[range.clone()].to_owned()));
            end = range.end;
        }
        if end < text.len() {
            pieces.push(Piece::Text(text[end..].to_owned()));
        }
        Self {
            part: part.to_owned(),
            pieces,
        }
    }

    /// Returns the line with masked text replaced by its kind: lines of the same shape differ only in masked text.
    pub fn shape(&self) -> String {
        let mut shape = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => shape.push_str(text),
                Piece::Masked(kind, _) => {
                    shape.push(MASKED);
                    shape.push_str(kind.name());
                    shape.push(MASKED);
                }
            }
        }
        shape
    }

    /// Returns the ids, from left to right.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Masked(Kind::Ids, text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Renders the line for a diff: `id` names the ids, and other masked text becomes its placeholder.
    pub fn shown(&self, mut id: impl FnMut(&str) -> String) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Masked(Kind::Ids, text) => id(text),
            Piece::Masked(kind, _) => kind.placeholder().to_owned(),
        };
        self.pieces.iter().map(piece).collect()
    }

    /// Returns whether the line is blank.
    pub fn is_blank(&self) -> bool {
        let is_blank = |piece: &Piece| matches!(piece, Piece::Text(text) if text.trim().is_empty());
        self.pieces.iter().all(is_blank)
    }

    /// Returns the words, numbers and other characters; whitespace separates them and is dropped.
    pub fn tokens(&self) -> Vec<String> {
        let mut tokens: Vec<String> = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Masked(kind, _) => tokens.push(format!("{MASKED}{}", kind.name())),
                Piece::Text(text) => tokens.extend(split_tokens(text)),
            }
        }
        tokens
    }
}

fn split_tokens(text: &str) -> Vec<String> {
    #[derive(PartialEq)]
    enum Class {
        Letters,
        Digits,
        Blank,
        Sign,
    }
    let class = |c: char| match c {
        c if c.is_whitespace() => Class::Blank,
        c if c.is_ascii_digit() => Class::Digits,
        c if c.is_alphabetic() => Class::Letters,
        _ => Class::Sign,
    };
    let mut tokens: Vec<String> = Vec::new();
    let mut before = Class::Blank;
    for c in text.chars() {
        let now = class(c);
        match tokens.last_mut() {
            Some(token) if now == before && matches!(now, Class::Letters | Class::Digits) => {
                token.push(c);
            }
            _ if now == Class::Blank => (),
            _ => tokens.push(c.to_string()),
        }
        before = now;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line::new("stdout", text, &Masks::of(&[Kind::Ids, Kind::Times]))
    }

    #[test]
    fn masked_text_is_split_off() {
        let first = line("pid 12 took 3 s, pid 13");
        assert_eq!(first.shape(), line("pid 7 took 44.5 s, pid 7").shape());
        assert_ne!(first.shape(), line("pid 7 took 44.5 s; pid 7").shape());
        assert_eq!(first.ids().collect::<Vec<_>>(), ["12", "13"]);
        let shown = first.shown(|id| format!("<{id}>"));
        assert_eq!(shown, "pid <12> took <time>, pid <13>");
        assert_eq!(line("").shape(), "");
        assert!(line(" \t").is_blank() && line("").is_blank() && !line("pid 1").is_blank());
    }

    #[test]
    fn tokens_are_words_numbers_and_signs() {
        assert_eq!(
            line("Square: 100Cube: (10)pid 7").tokens(),
            [
                "Square", ":", "100", "Cube", ":", "(", "10", ")", "pid", "\0ids"
            ]
        );
    }
}

// A lexer whose tokens borrow from the text.

use std::iter::Peekable;
use std::str::Chars;
#[derive(Debug, Clone, PartialEq)]
enum Token<'a> {
    Num(f64),
    Name(&'a str),
    Op(char),
}
struct Lexer<'a> {
    text: &'a str,
    chars: Peekable<std::str::CharIndices<'a>>,
}
impl<'a> Lexer<'a> {
    fn new(text: &'a str) -> Self {
        Lexer {
            text,
            chars: text.char_indices().peekable(),
        }
    }
}
impl<'a> Iterator for Lexer<'a> {
    type Item = Result<Token<'a>, String>;
    fn next(&mut self) -> Option<Self::Item> {
        while self.chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        let (start, c) = self.chars.next()?;
        let mut end = start + c.len_utf8();
        let mut take = |f: fn(char) -> bool| {
            while let Some((i, c)) = self.chars.next_if(|&(_, c)| f(c)) {
                end = i + c.len_utf8();
            }
        };
        Some(match c {
            '0'..='9' => {
                take(|c| c.is_ascii_digit() || c == '.');
                self.text[start..end]
                    .parse()
                    .map(Token::Num)
                    .map_err(|e| e.to_string())
            }
            c if c.is_alphabetic() => {
                take(char::is_alphanumeric);
                Ok(Token::Name(&self.text[start..end]))
            }
            '+' | '*' | '(' | ')' => Ok(Token::Op(c)),
            c => Err(format!("bad {c:?} at {start}")),
        })
    }
}
fn count(mut c: Chars<'_>) -> usize {
    let mut n = 0;
    while c.next().is_some() {
        n += 1
    }
    n
}
fn main() {
    let text = String::from("x1 + 2.5*(y + 3)");
    let lexer = Lexer::new(&text);
    let tokens: Result<Vec<Token>, String> = lexer.collect();
    println!("{tokens:?}");
    let tokens = tokens.unwrap();
    let names: Vec<&str> = tokens
        .iter()
        .filter_map(|t| match t {
            Token::Name(n) => Some(*n),
            _ => None,
        })
        .collect();
    println!("{names:?}");
    let mut lexer = Lexer::new("1 $");
    let first = lexer.next();
    println!("{first:?}");
    let second = lexer.next();
    println!("{second:?} {}", count(text.chars()));
    let mut peek = text.chars().peekable();
    while let Some(c) = peek.next_if(|c| *c != '+') {
        print!("{c}");
    }
    println!("|");
    println!("{:?}", peek.peek());
}

// Structs and enums that hold references to earlier variables.

#[derive(Debug, Clone, Copy)]
struct Excerpt<'a> {
    title: &'a str,
    lines: &'a [String],
}

impl<'a> Excerpt<'a> {
    fn line(&self, n: usize) -> Option<&'a str> {
        self.lines.get(n).map(String::as_str)
    }
}

enum Token<'t> {
    Word(&'t str),
    Number(i64),
}

struct Lexer<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Lexer<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        let text = self.rest.trim_start();
        let end = text.find(' ').unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        match word.parse() {
            _ if word.is_empty() => None,
            Ok(n) => Some(Token::Number(n)),
            Err(_) => Some(Token::Word(word)),
        }
    }
}

fn main() {
    let title = String::from("Poem");
    let lines = vec!["roses".to_string(), "violets".to_string()];
    let excerpt = Excerpt {
        title: &title,
        lines: &lines,
    };
    println!("{excerpt:?}");
    let second = excerpt.line(1);
    println!("{second:?} {}", excerpt.title);
    let source = format!("{title} 12 end 7");
    let mut lexer = Lexer { rest: &source };
    println!("{}", matches!(lexer.next(), Some(Token::Word("Poem"))));
    println!("{:?}", lexer.rest);
    let sum: i64 = lexer
        .map(|t| if let Token::Number(n) = t { n } else { 0 })
        .sum();
    println!("{sum}");
}

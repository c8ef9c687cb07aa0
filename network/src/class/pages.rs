//! The pages of the class network: our own texts, as long as the sites' real pages when the lesson was written.

use std::fmt::Write;

/// The sizes of the pages, in bytes.
const EXAMPLE: usize = 1256;
const GOOGLE: usize = 21788;
const GITHUB: usize = 230_041;

pub fn example() -> String {
    let text = "<p>This page stands for example.com in a room without internet. It comes from a small server inside \
                of the program that asked for it, over the same protocols: a TCP connection, a TLS handshake, an HTTP \
                request and its answer.</p>\n\
                <p>It is short, and yet it comes last. What takes long in a network is mostly the way, not the load: a \
                thread that waits for a page does nothing, and another can work meanwhile.</p>\n\
                <p>Three threads that wait together wait as long as the slowest of them, and not as long as the three in \
                turn. That needs no second core, since none of them computes. What they do with the pages afterwards is \
                another matter.</p>\n";
    fit("Example", text, std::iter::empty(), EXAMPLE)
}

pub fn google() -> String {
    let text = "<p>This page stands for google.com in a room without internet. Whatever was looked for, these are the results.</p>\n";
    let results = (1..).zip(primes()).map(|(number, prime)| {
        let (before, after) = (prime - 1, prime + 1);
        format!(
            "<h2>The prime number {prime}</h2>\n<p>It is the {} prime. The number before it is {}, the number after it is {}.</p>\n",
            ordinal(number),
            product(before),
            product(after),
        )
    });
    fit("Results", text, results, GOOGLE)
}

pub fn github() -> String {
    let text = "<p>This page stands for github.com in a room without internet. It lists numbers, each with its factors, its binary form \
                and the steps it takes to 1 when even numbers are halved, and odd ones tripled and one added.</p>\n";
    let rows = (2..).map(|n: u32| {
        format!(
            "<p id=\"n{n}\"><b>{n}</b> is {}, in binary {n:b}, {} steps</p>\n",
            product(n),
            collatz_steps(n)
        )
    });
    fit("Numbers", text, rows, GITHUB)
}

pub fn missing() -> String {
    let text = "<p>The class network has no page here.</p>\n";
    fit("Not found", text, std::iter::empty(), 512)
}

/// Returns a page of exactly `size` bytes: the title, the text, as many of the `rows` as fit, and a comment that fills
/// the rest.
fn fit(title: &str, text: &str, rows: impl Iterator<Item = String>, size: usize) -> String {
    const FILLER: (&str, &str) = ("<!--", "-->\n");
    const END: &str = "</body>\n</html>\n";
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>body {{ max-width: 40em; margin: 2em auto; font-family: sans-serif }}</style>\n</head>\n\
         <body>\n<h1>{title}</h1>\n{text}"
    );
    let room = size - END.len() - FILLER.0.len() - FILLER.1.len();
    for row in rows {
        if page.len() + row.len() > room {
            break;
        }
        page += &row;
    }
    let rest = room - page.len();
    page += FILLER.0;
    page.extend(std::iter::repeat_n('.', rest));
    page += FILLER.1;
    page + END
}

fn primes() -> impl Iterator<Item = u32> {
    (2..).filter(|&n| smallest_factor(n) == n)
}

/// `n` is at least 2.
fn smallest_factor(n: u32) -> u32 {
    (2..)
        .take_while(|factor| factor * factor <= n)
        .find(|factor| n.is_multiple_of(*factor))
        .unwrap_or(n)
}

/// Returns the prime factors, such as `2 &times; 2 &times; 3`.
fn product(mut n: u32) -> String {
    if n < 2 {
        return n.to_string();
    }
    let mut text = String::new();
    while n > 1 {
        let factor = smallest_factor(n);
        n /= factor;
        let times = if text.is_empty() { "" } else { " &times; " };
        let _ = write!(text, "{times}{factor}");
    }
    text
}

fn collatz_steps(n: u32) -> usize {
    let next = |n: &u64| match n {
        1 => None,
        n if n.is_multiple_of(2) => Some(n / 2),
        n => Some(3 * n + 1),
    };
    std::iter::successors(Some(u64::from(n)), next).count() - 1
}

fn ordinal(n: u32) -> String {
    let ending = match (n % 10, n % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_are_exact() {
        let pages = [example(), google(), github(), missing()];
        assert_eq!(pages.map(|page| page.len()), [1256, 21788, 230_041, 512]);
    }

    #[test]
    fn most_of_a_page_is_text_and_what_it_says_is_true() {
        let page = google();
        assert!(page.contains("The prime number 11</h2>\n<p>It is the 5th prime. The number before it is 2 &times; 5, the number after it is 2 &times; 2 &times; 3."));
        let page = github();
        assert!(page.contains("<b>27</b> is 3 &times; 3 &times; 3, in binary 11011, 111 steps"));
        for page in [example(), google(), github()] {
            let filler = page.matches('.').count();
            assert!(filler < 400, "{filler}");
        }
    }
}

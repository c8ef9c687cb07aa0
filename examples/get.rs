//! Requests pages, each in its own thread: `cargo run --example get -- https://example.com https://github.com`
//!
//! With `THREADBOOK_NETWORK=live` in the environment they come from the internet.

use std::env;
use std::thread;
use std::time::Instant;
use threadbook::prelude::*;

fn main() {
    let mut urls: Vec<String> = env::args().skip(1).collect();
    if urls.is_empty() {
        urls = [
            "https://example.com",
            "https://google.com",
            "https://github.com",
        ]
        .map(String::from)
        .into();
    }
    let began = Instant::now();
    let threads: Vec<_> = urls
        .into_iter()
        .map(|url| thread::spawn(move || (requests::get(&url), url)))
        .collect();
    for thread in threads {
        match thread.join().expect("no thread panics") {
            (Ok(page), url) => println!(
                "{url}: {} bytes, status {}",
                page.content().len(),
                page.status_code()
            ),
            (Err(error), _) => eprintln!("{error}"),
        }
    }
    println!(
        "{:?}, from the {:?} network",
        began.elapsed(),
        requests::network()
    );
}

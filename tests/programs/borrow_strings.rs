// String slices of earlier strings, and collections of them.

use std::collections::BTreeMap;

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or("")
}

fn extension(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(_, end)| end)
}

fn main() {
    let text = String::from("the quick brown fox jumps over the dog");
    let word = first_word(&text);
    println!("{word}");
    let slice = &text[4..9];
    println!("{slice} {}", slice.len());
    let words: Vec<&str> = text.split(' ').collect();
    println!("{} {:?}", words.len(), words.last());
    let longest = words.iter().rev().max_by_key(|w| w.len());
    println!("{longest:?}");
    {
        let mut by_length: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for word in &words {
            by_length.entry(word.len()).or_default().push(word);
        }
        println!("{by_length:?} {}", by_length[&3].join("+"));
    }
    let path = "src/main.rs".to_string();
    let end = extension(&path);
    println!("{end:?}");
    let Some((folder, file)) = path.split_once('/') else {
        panic!("no folder");
    };
    println!("{folder} {file}");
    let bytes = text.as_bytes();
    println!("{} {}", bytes[0], bytes.len());
    let trimmed = text.trim_start_matches("the ");
    println!("{trimmed}");
}

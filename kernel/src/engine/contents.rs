//! The result of a cell, by MIME type.

use std::collections::BTreeMap;

/// Contents, keyed by MIME type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents(BTreeMap<String, String>);

impl Contents {
    /// Returns contents with this plain text, or none if it is empty.
    pub fn text(text: String) -> Contents {
        let mut contents = Contents::default();
        if !text.is_empty() {
            contents.put("text/plain", text);
        }
        contents
    }

    pub fn put(&mut self, mime: &str, content: String) {
        self.0.insert(mime.to_owned(), content);
    }

    pub fn get_mut(&mut self, mime: &str) -> Option<&mut String> {
        self.0.get_mut(mime)
    }

    /// Adds `more`. Content of a type that is already present follows it on a new line.
    pub fn add(&mut self, more: Contents) {
        for (mime, content) in more.0 {
            let all = self.0.entry(mime).or_default();
            if !all.is_empty() && !all.ends_with('\n') {
                all.push('\n');
            }
            all.push_str(&content);
        }
    }

    /// Returns the contents in the order of their types, without `()`: the value of a loop, or of a call that returns none, is
    /// not worth showing.
    pub fn sorted(self) -> Vec<(String, String)> {
        self.0
            .into_iter()
            .filter(|(_, content)| content != "()")
            .collect()
    }
}

impl From<std::collections::HashMap<String, String>> for Contents {
    fn from(contents: std::collections::HashMap<String, String>) -> Contents {
        Contents(contents.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_text_begins_on_a_new_line() {
        let mut contents = Contents::text("a".to_owned());
        contents.add(Contents::text("b\n".to_owned()));
        contents.add(Contents::text("c".to_owned()));
        assert_eq!(
            contents.sorted(),
            [("text/plain".to_owned(), "a\nb\nc".to_owned())]
        );
    }

    #[test]
    fn unit_is_not_shown() {
        assert_eq!(Contents::text("()".to_owned()).sorted(), []);
    }
}

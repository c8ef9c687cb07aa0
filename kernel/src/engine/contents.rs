//! What a cell shows as its result.

use std::collections::BTreeMap;

/// Contents by their MIME types.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents(BTreeMap<String, String>);

impl Contents {
    /// A plain text; nothing if it is empty.
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

    /// Adds others. One of a type that is there follows it in a line of its own.
    pub fn add(&mut self, more: Contents) {
        for (mime, content) in more.0 {
            let all = self.0.entry(mime).or_default();
            if !all.is_empty() && !all.ends_with('\n') {
                all.push('\n');
            }
            all.push_str(&content);
        }
    }

    /// All of them, by their types. The unit value, which is what a loop or a call without a value gives, is no result worth
    /// showing.
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
    fn texts_follow_each_other_in_lines_of_their_own() {
        let mut contents = Contents::text("a".to_owned());
        contents.add(Contents::text("b\n".to_owned()));
        contents.add(Contents::text("c".to_owned()));
        assert_eq!(
            contents.sorted(),
            [("text/plain".to_owned(), "a\nb\nc".to_owned())]
        );
    }

    #[test]
    fn unit_is_no_result() {
        assert_eq!(Contents::text("()".to_owned()).sorted(), []);
    }
}

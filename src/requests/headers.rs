//! The headers of a response.

/// The headers of a response. Their names are not case-sensitive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Parses `name: value` lines.
    pub(super) fn of_lines(lines: &str) -> Headers {
        let header = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_owned(), value.to_owned()))
        };
        Headers(lines.lines().filter_map(header).collect())
    }

    /// Returns the value of a header; the first if there are several.
    ///
    /// ```
    /// use threadbook::prelude::*;
    ///
    /// let response = requests::get("https://example.com")?;
    /// assert_eq!(response.headers().get("Content-Type"), Some("text/html; charset=utf-8"));
    /// assert_eq!(response.headers().get("Location"), None);
    /// # Ok::<(), requests::Error>(())
    /// ```
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
    }

    /// Iterates over all headers, name and value, in the order received.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

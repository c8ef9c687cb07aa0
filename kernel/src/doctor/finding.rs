//! The result of one check.

use std::fmt;
use std::path::Path;

use serde_json::{Value, json};

/// The result of one check.
#[derive(Debug, PartialEq)]
pub struct Finding {
    /// `rustc`, `cache directory` and so on.
    pub name: &'static str,
    /// Whether notebooks need it to run.
    pub required: bool,
    /// What was found, or what is wrong and what needs it.
    pub detail: String,
    /// The command that fixes it, if something is wrong.
    pub remedy: Option<String>,
}

impl Finding {
    /// Returns a finding for something that is present and usable.
    pub fn there(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            required: true,
            detail: detail.into(),
            remedy: None,
        }
    }

    /// Returns a finding for something that is missing or unusable.
    pub fn missing(
        name: &'static str,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            name,
            required: true,
            detail: detail.into(),
            remedy: Some(remedy.into()),
        }
    }

    /// Marks it as not required for running notebooks.
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Returns whether it is present and usable.
    pub fn is_there(&self) -> bool {
        self.remedy.is_none()
    }

    /// Returns the finding as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "required": self.required,
            "ok": self.is_there(),
            "detail": self.detail,
            "remedy": self.remedy,
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let state = match (self.is_there(), self.required) {
            (true, _) => "ok",
            (false, true) => "MISSING",
            (false, false) => "optional",
        };
        let Finding { name, detail, .. } = self;
        writeln!(f, "{state:8}  {name:17}  {detail}")?;
        if let Some(remedy) = &self.remedy {
            writeln!(f, "{:8}  {:17}  fix: {remedy}", "", "")?;
        }
        Ok(())
    }
}

/// Quotes the path as one word for a shell.
pub fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%,:=~".contains(c);
    if !path.is_empty() && path.chars().all(is_plain) {
        return path;
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_for_a_shell() {
        for (path, expected) in [
            ("/opt/a-b_c.1", "/opt/a-b_c.1"),
            ("/my folder", "'/my folder'"),
            ("/it's", r"'/it'\''s'"),
            ("/$HOME;", "'/$HOME;'"),
        ] {
            assert_eq!(quoted(Path::new(path)), expected);
        }
    }

    #[test]
    fn what_is_missing_comes_with_its_remedy() {
        let finding = Finding::missing("cargo", "no program of this name", "install it");
        assert_eq!(
            finding.to_string(),
            "MISSING   cargo              no program of this name\n                             fix: install it\n"
        );
        let optional = finding.optional();
        assert!(optional.to_string().starts_with("optional  cargo"));
        assert_eq!(
            Finding::there("cargo", "1.95").to_string(),
            "ok        cargo              1.95\n"
        );
        assert_eq!(
            optional.to_json(),
            json!({"name": "cargo", "required": false, "ok": false, "detail": "no program of this name", "remedy": "install it"})
        );
    }
}

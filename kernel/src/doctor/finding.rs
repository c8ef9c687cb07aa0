//! What the doctor says of one thing.

use std::fmt;
use std::path::Path;

use serde_json::{Value, json};

/// One thing that was looked at.
#[derive(Debug, PartialEq)]
pub struct Finding {
    /// `rustc`, `cache folder` and so on.
    pub name: &'static str,
    /// Whether notebooks cannot be run without it.
    pub required: bool,
    /// What was found, or what is wrong and for what it is needed.
    pub detail: String,
    /// The command that mends it, if it has to be mended.
    pub remedy: Option<String>,
}

impl Finding {
    /// It is there.
    pub fn there(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            required: true,
            detail: detail.into(),
            remedy: None,
        }
    }

    /// It is missing or wrong.
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

    /// Notebooks can be run without it.
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Whether it is there and right.
    pub fn is_there(&self) -> bool {
        self.remedy.is_none()
    }

    /// For programs.
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
        writeln!(f, "{state:8}  {name:14}  {detail}")?;
        if let Some(remedy) = &self.remedy {
            writeln!(f, "{:8}  {:14}  mend it: {remedy}", "", "")?;
        }
        Ok(())
    }
}

/// The path as a shell takes it for one word.
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
            "MISSING   cargo           no program of this name\n                          mend it: install it\n"
        );
        let optional = finding.optional();
        assert!(optional.to_string().starts_with("optional  cargo"));
        assert_eq!(
            Finding::there("cargo", "1.95").to_string(),
            "ok        cargo           1.95\n"
        );
        assert_eq!(
            optional.to_json(),
            json!({"name": "cargo", "required": false, "ok": false, "detail": "no program of this name", "remedy": "install it"})
        );
    }
}

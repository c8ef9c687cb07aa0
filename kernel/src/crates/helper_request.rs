//! What a notebook says about the helper crate.

use super::dependency::Dependency;
use crate::cell::commands::dep_lines;
use crate::prebuilt::{Cache, Helper, HelperSource};
use anyhow::{Context, Result, bail};
use ra_ap_parser::{Edition, LexedStr, T};
use semver::{Version, VersionReq};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// A request for the helper crate: in a directory, or the one that this program contains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HelperRequest {
    path: Option<String>,
    /// A requirement on its version, as in Cargo.toml.
    version: Option<String>,
}

impl HelperRequest {
    /// Parses a `:dep` line. Returns `None` if it is for another crate, or names the helper in a way that is cargo's business:
    /// with features, or from a repository.
    pub fn read(line: &str) -> Option<HelperRequest> {
        let argument = line.trim().strip_prefix(":dep")?;
        let Dependency { name, value } = Dependency::parse(argument).ok()?;
        if name != Helper::NAME {
            return None;
        }
        let mut table = match value {
            Value::Table(table) => table,
            version => Table::from_iter([("version".to_owned(), version)]),
        };
        let mut take = |key| match table.remove(key) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let request = HelperRequest {
            path: take("path"),
            version: take("version"),
        };
        table.is_empty().then_some(request)
    }

    /// Returns the request of a cell's `:dep` line, or that of a cell whose code names the helper.
    pub fn of_cell(code: &str) -> Option<HelperRequest> {
        let lines = dep_lines(code);
        let mut requests = lines
            .into_iter()
            .filter_map(|range| HelperRequest::read(&code[range]));
        let implied = || names_helper(code).then(HelperRequest::default);
        requests.next().or_else(implied)
    }

    /// Finds the source. A path without the helper crate is taken as if it were not written: the notebook was handed out
    /// without the project around it. Relative paths are relative to `folder`.
    ///
    /// # Errors
    /// When the version is another one, or the source of this program cannot be unpacked.
    pub fn source(&self, folder: &Path, cache: &Cache) -> Result<HelperSource> {
        if let Some(project) = self.project(folder) {
            return Ok(HelperSource::Project(project));
        }
        self.check_version()?;
        HelperSource::embedded(cache)
    }

    /// Returns the directory in the request if the helper crate is there.
    pub fn project(&self, folder: &Path) -> Option<PathBuf> {
        let path = folder.join(self.path.as_ref()?);
        has_helper(&path).then_some(path)
    }

    fn check_version(&self) -> Result<()> {
        let Some(version) = &self.version else {
            return Ok(());
        };
        let wanted = VersionReq::parse(version).with_context(|| {
            format!(
                "`{version}` is not a version; write `:dep {}`",
                Helper::NAME
            )
        })?;
        let own = env!("CARGO_PKG_VERSION");
        if !wanted.matches(&Version::parse(own)?) {
            bail!(
                "this program contains version {own} of the crate `{name}`, not {version}; write `:dep {name}`, or install the \
                 program of that version",
                name = Helper::NAME
            );
        }
        Ok(())
    }
}

/// Whether the directory has the manifest of the helper crate, or one that cannot be read, about which cargo complains.
fn has_helper(folder: &Path) -> bool {
    let Ok(manifest) = std::fs::read_to_string(folder.join("Cargo.toml")) else {
        return false;
    };
    let Ok(manifest) = manifest.parse::<Table>() else {
        return true;
    };
    let package = manifest.get("package");
    let name = package.and_then(|package| package.get("name"));
    name.and_then(Value::as_str) == Some(Helper::NAME)
}

/// Whether code names the crate, at the start of a path or in `use` or `extern crate`, and no module of that name.
pub fn names_helper(code: &str) -> bool {
    if !code.contains(Helper::NAME) {
        return false;
    }
    let lexed = LexedStr::new(Edition::CURRENT, code);
    let tokens: Vec<usize> = (0..lexed.len())
        .filter(|index| !lexed.kind(*index).is_trivia())
        .collect();
    let text = |at: Option<usize>| {
        let index = at.and_then(|at| tokens.get(at));
        index.map_or("", |index| lexed.text(*index))
    };
    let is_helper = |at: usize| lexed.text(tokens[at]) == Helper::NAME;
    if (1..tokens.len()).any(|at| is_helper(at) && text(Some(at - 1)) == "mod") {
        return false;
    }
    (0..tokens.len()).any(|at| {
        if !is_helper(at) {
            return false;
        }
        let before = [text(at.checked_sub(2)), text(at.checked_sub(1))];
        let is_first = before[1] != ":" || is_global(&lexed, &tokens, at);
        let opens_path = text(Some(at + 1)) == ":" && text(Some(at + 2)) == ":" && before[1] != ".";
        let is_imported = before[1] == "use" || before == ["extern", "crate"];
        is_first && (opens_path || is_imported)
    })
}

/// Whether the name at a place follows a `::` that nothing precedes, as in `::threadbook::prelude`.
fn is_global(lexed: &LexedStr<'_>, tokens: &[usize], at: usize) -> bool {
    let kind = |back: usize| at.checked_sub(back).map(|at| lexed.kind(tokens[at]));
    kind(1) == Some(T![:])
        && kind(2) == Some(T![:])
        && kind(3).is_none_or(|kind| kind.is_punct() && kind != T![>] || kind == T![use])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_for_the_helper_are_known() {
        let request = |path: Option<&str>, version: Option<&str>| HelperRequest {
            path: path.map(str::to_owned),
            version: version.map(str::to_owned),
        };
        for (line, expected) in [
            (":dep threadbook", Some(request(None, Some("*")))),
            (
                ":dep threadbook = \"0.1\" // ours",
                Some(request(None, Some("0.1"))),
            ),
            (
                ":dep threadbook = { path = \"..\" }",
                Some(request(Some(".."), None)),
            ),
            (
                ":dep threadbook = { version = \"0.1\", path = \"..\" }",
                Some(request(Some(".."), Some("0.1"))),
            ),
            (":dep threadbook = { git = \"https://example.com\" }", None),
            (":dep threadbook = { path = \"..\", features = [] }", None),
            (":dep threadbooks", None),
            (":dep itoa = \"1\"", None),
            (":opt 1", None),
        ] {
            assert_eq!(HelperRequest::read(line), expected, "{line}");
        }
    }

    #[test]
    fn code_that_names_the_helper_is_known() {
        for (code, expected) in [
            ("use threadbook::prelude::*;", true),
            ("use threadbook as tb;", true),
            ("extern crate threadbook;", true),
            ("let q: Vec<threadbook::queue::Queue<i32>>;", true),
            ("use ::threadbook::prelude::*;", true),
            ("f(::threadbook::repr(&1))", true),
            (
                "println!(\"use threadbook::prelude\"); // threadbook::",
                false,
            ),
            ("let threadbook = 1; threadbook + 1", false),
            ("other::threadbook::x()", false),
            ("mod threadbook { pub fn f() {} } threadbook::f()", false),
            ("use other::threadbook;", false),
            ("1 + 1", false),
        ] {
            assert_eq!(names_helper(code), expected, "{code}");
        }
    }

    #[test]
    fn a_path_counts_only_where_the_helper_is() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        std::fs::create_dir(&project).unwrap();
        let asked = HelperRequest::read(":dep threadbook = { path = \"project\" }").unwrap();
        assert_eq!(asked.project(folder.path()), None);
        let manifest = project.join("Cargo.toml");
        for (text, is_there) in [
            ("[package]\nname = \"mine\"\n", false),
            ("[package]\nname = \"threadbook\"\n", true),
            ("[package\n", true),
        ] {
            std::fs::write(&manifest, text).unwrap();
            assert_eq!(asked.project(folder.path()).is_some(), is_there, "{text}");
        }
    }

    #[test]
    fn a_version_must_match() {
        let cache = tempfile::tempdir().unwrap();
        let source = |line: &str| {
            HelperRequest::read(line)
                .unwrap()
                .source(cache.path(), &Cache::at(cache.path()))
        };
        for line in [
            ":dep threadbook",
            ":dep threadbook = \"0.1\"",
            ":dep threadbook = { path = \"none\", version = \"0\" }",
        ] {
            assert!(
                matches!(source(line), Ok(HelperSource::Embedded(_))),
                "{line}"
            );
        }
        for (version, part) in [("9", "not 9"), ("one", "`one` is not a version")] {
            let error = source(&format!(":dep threadbook = \"{version}\""))
                .err()
                .unwrap();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}

//! Parses a `:dep` line.

use anyhow::{Context, Result, bail};
use std::path::Path;
use toml::{Table, Value};

/// A crate, as in a line of Cargo.toml's `[dependencies]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependency {
    pub name: String,
    /// A version, or a table (The Cargo Book, "Specifying Dependencies").
    pub value: Value,
}

impl Dependency {
    /// Returns a dependency on any version of a crate.
    pub fn any(name: &str) -> Dependency {
        Dependency {
            name: name.to_owned(),
            value: Value::String("*".to_owned()),
        }
    }

    /// Parses the argument of `:dep`: a name, alone or with a value as in Cargo.toml, or the directory of a crate.
    /// Relative paths are relative to `folder`. Accepts keys with underscores, as older versions of cargo do.
    ///
    /// # Errors
    /// When it cannot be parsed, or names a directory without a crate.
    pub fn read(argument: &str, folder: &Path) -> Result<Dependency> {
        let argument = trimmed(argument);
        if argument.starts_with(['.', '/', '~']) {
            return Dependency::of_folder(argument, folder);
        }
        let mut dependency = Dependency::parse(argument)?;
        if let Value::Table(table) = &mut dependency.value {
            make_absolute(table, &dependency.name, folder)?;
        }
        Ok(dependency)
    }

    /// Parses a name, alone or with a value as in Cargo.toml; a path stays as it is written.
    pub fn parse(argument: &str) -> Result<Dependency> {
        let argument = trimmed(argument);
        let Some((name, value)) = argument.split_once('=') else {
            let name = without_comment(argument).trim_matches(['"', '\'']);
            check_name(name)?;
            return Ok(Dependency::any(name));
        };
        let name = name.trim().trim_matches(['"', '\'']);
        check_name(name)?;
        let mut value = read_value(value.trim())
            .with_context(|| format!("cannot parse `:dep {argument}`: expected a version after `=`, as in `:dep {name} = \"1\"`, or a table, as in `:dep {name} = {{ version = \"1\", features = [\"…\"] }}`"))?;
        if let Value::Table(table) = &mut value {
            *table = with_dashes(std::mem::take(table));
        }
        Ok(Dependency {
            name: name.to_owned(),
            value,
        })
    }

    fn of_folder(argument: &str, folder: &Path) -> Result<Dependency> {
        let path = crate_folder(argument, folder)
            .with_context(|| format!("`:dep {argument}` does not name a crate"))?;
        let manifest = std::fs::read_to_string(Path::new(&path).join("Cargo.toml"))?;
        let manifest: Table = manifest
            .parse()
            .with_context(|| format!("cannot parse {path}/Cargo.toml"))?;
        let name = manifest
            .get("package")
            .and_then(|package| package.get("name"));
        let name = name
            .and_then(Value::as_str)
            .with_context(|| format!("{path}/Cargo.toml has no package name"))?;
        let table = Table::from_iter([("path".to_owned(), Value::String(path))]);
        Ok(Dependency {
            name: name.to_owned(),
            value: Value::Table(table),
        })
    }

    /// Returns the directory of a local crate.
    pub fn path(&self) -> Option<&Path> {
        self.value
            .get("path")
            .and_then(Value::as_str)
            .map(Path::new)
    }

    /// Returns a short description: the version, path or address.
    pub fn shown(&self) -> &str {
        let parts = ["version", "path", "git"].iter();
        let mut parts = parts.filter_map(|part| self.value.get(part)?.as_str());
        self.value.as_str().or_else(|| parts.next()).unwrap_or("*")
    }
}

fn trimmed(argument: &str) -> &str {
    argument.trim().trim_end_matches(';').trim_end()
}

/// Parses a value as in Cargo.toml, or a version without quotes.
fn read_value(text: &str) -> Result<Value> {
    let parse = |text: &str| -> Result<Value> {
        let table: Table = format!("value = {text}").parse()?;
        Ok(table["value"].clone())
    };
    let value = parse(text).or_else(|error| {
        // A Rust comment may follow.
        parse(without_comment(text)).map_err(|_| error)
    });
    match value {
        Ok(value @ (Value::String(_) | Value::Table(_))) => Ok(value),
        Ok(Value::Integer(_) | Value::Float(_)) => {
            Ok(Value::String(without_comment(text).to_owned()))
        }
        Ok(_) => bail!("neither a version nor a table"),
        // `1.2.3` is not a number.
        Err(_) if is_version(without_comment(text)) => {
            Ok(Value::String(without_comment(text).to_owned()))
        }
        Err(error) => Err(error),
    }
}

fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || "^~=<>*".contains(c))
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".-+*^~=<>, ".contains(c))
}

fn without_comment(text: &str) -> &str {
    let end = text
        .find(" //")
        .or_else(|| text.find(" #"))
        .unwrap_or(text.len());
    text[..end].trim_end()
}

fn check_name(name: &str) -> Result<()> {
    let is_right = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if !is_right {
        bail!("`{name}` is not a crate name: write `:dep name = \"version\"`");
    }
    Ok(())
}

/// Replaces `default_features`, which cargo accepts before the 2024 edition.
fn with_dashes(table: Table) -> Table {
    let with_dash = |key: String| match key.as_str() {
        "default_features" => "default-features".to_owned(),
        _ => key,
    };
    table
        .into_iter()
        .map(|(key, value)| (with_dash(key), value))
        .collect()
}

fn make_absolute(table: &mut Table, name: &str, folder: &Path) -> Result<()> {
    if let Some(Value::String(path)) = table.get_mut("path") {
        *path = crate_folder(path, folder)
            .with_context(|| format!("cannot find the crate `{name}`"))?;
    }
    Ok(())
}

/// Returns the absolute path of a directory with a Cargo.toml.
fn crate_folder(path: &str, folder: &Path) -> Result<String> {
    let expanded = match (path.strip_prefix("~/"), dirs::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => folder.join(path),
    };
    let missing = || format!("no Cargo.toml in {}", expanded.display());
    if !expanded.join("Cargo.toml").is_file() {
        bail!(missing());
    }
    let absolute = std::fs::canonicalize(&expanded).with_context(missing)?;
    let text = absolute.into_os_string().into_string();
    text.map_err(|path| anyhow::anyhow!("{} is not valid UTF-8", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(argument: &str) -> Dependency {
        Dependency::read(argument, Path::new("/")).unwrap()
    }

    #[test]
    fn lines_are_read_as_in_older_notebooks() {
        for (argument, name, shown) in [
            ("itoa", "itoa", "*"),
            ("itoa = \"1\"", "itoa", "1"),
            ("itoa=\"1\"  // as text", "itoa", "1"),
            ("itoa = \"1\";", "itoa", "1"),
            ("itoa = 1.0", "itoa", "1.0"),
            ("itoa = 1.0.3 # the newest", "itoa", "1.0.3"),
            ("\"itoa\" = '1'", "itoa", "1"),
            (
                "ndarray-linalg = { version = \"0.12\", features = [\"openblas\"] }",
                "ndarray-linalg",
                "0.12",
            ),
        ] {
            let found = read(argument);
            assert_eq!(
                (found.name.as_str(), found.shown()),
                (name, shown),
                "{argument}"
            );
        }
    }

    #[test]
    fn underscores_are_dashes_where_cargo_has_them() {
        let found = read(
            "plotters = { version = \"0.3\", default_features = false, features = [\"evcxr\"] }",
        );
        assert_eq!(found.value["default-features"], Value::Boolean(false));
    }

    #[test]
    fn paths_are_absolute_and_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let mine = folder.path().join("mine");
        std::fs::create_dir(&mine).unwrap();
        std::fs::write(mine.join("Cargo.toml"), "[package]\nname = \"my-crate\"\n").unwrap();
        let absolute = std::fs::canonicalize(&mine).unwrap();
        for argument in ["./mine", "my-crate = { path = \"mine\" }"] {
            let found = Dependency::read(argument, folder.path()).unwrap();
            assert_eq!(found.name, "my-crate");
            assert_eq!(found.path(), Some(absolute.as_path()));
        }
        let gone = Dependency::read("other = { path = \"other\" }", folder.path());
        let error = format!("{:#}", gone.unwrap_err());
        assert!(error.contains("cannot find the crate `other`"), "{error}");
        assert!(error.contains("no Cargo.toml in"), "{error}");
    }

    #[test]
    fn invalid_lines_are_errors() {
        for argument in ["", "= \"1\"", "a b = \"1\"", "itoa = [1]", "itoa = {"] {
            assert!(
                Dependency::read(argument, Path::new("/")).is_err(),
                "{argument}"
            );
        }
    }
}

//! The manifest of the package that cargo builds to compile all crates of a notebook.

use super::dependencies::Dependencies;
use toml::{Table, Value};

/// Returns the package's Cargo.toml.
pub fn manifest(dependencies: &Dependencies) -> String {
    let lines = dependencies
        .iter()
        .map(|dependency| (dependency.name.clone(), dependency.value.clone()));
    let text = |text: &str| Value::String(text.to_owned());
    let package = [
        ("name", text("notebook")),
        ("version", text("0.0.0")),
        ("edition", text("2024")),
    ];
    let table = |pairs: &[(&str, Value)]| {
        let pairs = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()));
        Value::Table(pairs.collect())
    };
    let manifest = Table::from_iter([
        ("package".to_owned(), table(&package)),
        ("lib".to_owned(), table(&[("path", text("lib.rs"))])),
        // Keeps the package out of any workspace above it.
        ("workspace".to_owned(), Value::Table(Table::new())),
        ("dependencies".to_owned(), Value::Table(lines.collect())),
    ]);
    manifest.to_string()
}

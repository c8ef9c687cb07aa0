//! Resolves the paths of included files against the notebook's directory, as a program's are resolved against its source file.

use super::map::Source;
use crate::prebuilt::Key;
use ra_ap_parser::{Edition, LexedStr, SyntaxKind};
use std::fs;
use std::path::Path;

const MACROS: [&str; 3] = ["include", "include_bytes", "include_str"];

/// Makes relative paths in `include_str!("…")` and the like absolute. Adds a hash of each included file to the source, so that
/// the cell is compiled again when a file has changed.
pub fn resolve_includes(source: &mut Source, edition: Edition) {
    // The engine runs in the notebook's directory.
    resolve_in(
        &std::env::current_dir().unwrap_or_default(),
        source,
        edition,
    );
}

fn resolve_in(folder: &Path, source: &mut Source, edition: Edition) {
    if !source.text().contains("include") {
        return;
    }
    let mut contents = String::new();
    // In reverse, so that the other offsets stay valid.
    for (start, path) in included(source.text(), edition).into_iter().rev() {
        let file = folder.join(&path);
        if let Ok(content) = fs::read(&file) {
            contents.push_str(&format!("// {}\n", Key::from_iter([content]).end()));
        }
        if Path::new(&path).is_relative() {
            source.insert(
                start,
                &format!("{}/", folder.display())
                    .escape_default()
                    .to_string(),
            );
        }
    }
    source.generate(&contents);
}

/// Returns the included paths and the bytes at which they begin.
fn included(text: &str, edition: Edition) -> Vec<(usize, String)> {
    let lexed = LexedStr::new(edition, text);
    let tokens: Vec<usize> = (0..lexed.len())
        .filter(|at| !lexed.kind(*at).is_trivia())
        .collect();
    let literals = tokens.windows(4).filter_map(|window| {
        let [name, bang, _, literal] = *window else {
            return None;
        };
        let is_call = MACROS.contains(&lexed.text(name)) && lexed.kind(bang) == SyntaxKind::BANG;
        let path = lexed.text(literal).strip_prefix('"')?.strip_suffix('"')?;
        let is_plain = lexed.kind(literal) == SyntaxKind::STRING && !path.contains('\\');
        (is_call && is_plain).then(|| (lexed.text_start(literal) + 1, path.to_owned()))
    });
    literals.collect()
}

#[cfg(test)]
mod tests {
    use super::super::map::Origin;
    use super::*;

    #[test]
    fn paths_begin_at_the_notebooks_folder() {
        let folder = tempfile::tempdir().unwrap();
        let text = "let a = include_str!(\"a.txt\"); let b = include_bytes ! [ \"/b\" ]; \"include_str!(1)\"; r#\"include!(\"c\")\"#";
        let resolved = |text: &str| {
            let mut source = Source::default();
            source.generate("{ ");
            source.add(text, Origin::Cell, 0);
            resolve_in(folder.path(), &mut source, Edition::CURRENT);
            source
        };
        let source = resolved(text);
        let absolute = text.replace("a.txt", &format!("{}/a.txt", folder.path().display()));
        assert_eq!(source.text(), format!("{{ {absolute}"));
        // The text after the path still maps to its place in the cell.
        let place = source.text().find("let b").unwrap();
        let in_cell = source.in_cell(&(place..place + 5)).unwrap();
        assert_eq!(&text[in_cell], "let b");

        fs::write(folder.path().join("a.txt"), "one").unwrap();
        let first = resolved(text);
        fs::write(folder.path().join("a.txt"), "two").unwrap();
        assert_ne!(first.text(), resolved(text).text());
        assert_eq!(resolved(text).text(), resolved(text).text());
    }
}

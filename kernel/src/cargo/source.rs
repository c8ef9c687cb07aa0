//! The source of a cell, as evcxr writes it and as rustc gets it.

use std::path::{Path, PathBuf};

use anyhow::Result;

/// evcxr's module with the store of variables.
pub const RUNTIME_MODULE: &str = "evcxr_internal_runtime";

/// The file that messages name, in whichever folder.
pub const FILE: &str = "src/lib.rs";

const BEGIN: &str = "\nmod evcxr_internal_runtime {\n";
const END: &str = "\n}\n#[unsafe(no_mangle)]\n";

/// The function that runs the cell, before its number.
const FUNCTION: &str = "\n#[unsafe(no_mangle)]\npub extern \"C\" fn run_user_code_";

/// A cell's whole source. Its function has no number: the same cell is the same again.
#[derive(Clone)]
pub struct Source(String);

impl Source {
    /// Reads what evcxr has written into the folder of the crate.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(folder: &Path) -> Result<Source> {
        Ok(Source::from(std::fs::read_to_string(folder.join(FILE))?))
    }

    /// One that was kept.
    ///
    /// # Errors
    /// When it is no text.
    pub fn from_store(bytes: Vec<u8>) -> Result<Source> {
        Ok(Source(String::from_utf8(bytes)?))
    }

    /// What was compiled last in this folder of a crate, if cargo did not do it.
    pub fn last(folder: &Path) -> Option<String> {
        std::fs::read_to_string(place(folder).join(FILE)).ok()
    }

    /// Nothing of what [`Source::last`] tells is true any more.
    pub fn forget(folder: &Path) {
        // It may not be there.
        let _ = std::fs::remove_file(place(folder).join(FILE));
    }

    /// As evcxr wrote it, but for the number.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What is in evcxr's module, if that is there.
    pub fn runtime_module(&self) -> Option<&str> {
        self.parts().map(|(_, module, _)| module)
    }

    /// Writes it for rustc; the folder that [`FILE`] is in. With `has_library` a library takes the place of evcxr's module, and all
    /// other lines stay where they were.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path, has_library: bool) -> Result<PathBuf> {
        let place = place(folder);
        std::fs::create_dir_all(place.join("src"))?;
        let text = match self.parts() {
            Some((before, module, after)) if has_library => {
                let lines = "\n".repeat(module.matches('\n').count() + 2);
                let end = END.trim_start_matches("\n}");
                format!("{before}\nuse ::{RUNTIME_MODULE};{lines}{end}{after}")
            }
            _ => self.0.clone(),
        };
        std::fs::write(place.join(FILE), text)?;
        Ok(place)
    }

    /// What is before the module, in it, and after it.
    fn parts(&self) -> Option<(&str, &str, &str)> {
        let (before, rest) = self.0.split_once(BEGIN)?;
        let (module, after) = rest.split_once(END)?;
        Some((before, module, after))
    }
}

/// Where rustc finds the source.
fn place(folder: &Path) -> PathBuf {
    folder.join("target").join("cell")
}

impl From<String> for Source {
    fn from(text: String) -> Source {
        let Some((before, after)) = text.split_once(FUNCTION) else {
            return Source(text);
        };
        let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
        let function = FUNCTION.trim_end_matches('_');
        Source(format!("{before}{function}{after}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "#![allow(dead_code)]\nmod evcxr_internal_runtime {\npub fn f() {\n    g();\n}\npub fn g() {}\n}\n\
        #[unsafe(no_mangle)]\npub extern \"C\" fn run_user_code_12(\nx: u8) {\nhello\n}\n";

    #[test]
    fn the_number_of_a_cell_makes_no_difference() {
        let one = Source::from(TEXT.to_owned());
        let other = Source::from(TEXT.replace("12", "7"));
        assert_eq!(one.text(), other.text());
        assert!(one.text().contains("pub extern \"C\" fn run_user_code(\n"));
    }

    #[test]
    fn a_library_takes_the_place_of_the_module() {
        let folder = tempfile::tempdir().unwrap();
        let source = Source::from(TEXT.to_owned());
        assert_eq!(
            source.runtime_module(),
            Some("pub fn f() {\n    g();\n}\npub fn g() {}")
        );
        let written = |has_library| {
            let place = source.write(folder.path(), has_library).unwrap();
            std::fs::read_to_string(place.join(FILE)).unwrap()
        };
        assert_eq!(written(false), source.text());
        let with_library = written(true);
        let line = |text: &str| text.lines().position(|line| line == "hello");
        assert_eq!(line(&with_library), line(TEXT));
        assert_eq!(
            with_library.lines().nth(1),
            Some("use ::evcxr_internal_runtime;")
        );
        assert!(!with_library.contains("pub fn g"));
    }

    #[test]
    fn other_sources_stay_as_they_are() {
        let source = Source::from("fn main() {}".to_owned());
        assert_eq!(source.text(), "fn main() {}");
        assert_eq!(source.runtime_module(), None);
    }
}

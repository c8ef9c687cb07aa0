//! Where the notebooks are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// What is looked for if nothing is named.
const NOTEBOOKS: &str = "notebooks";

/// A notebook or a folder, and the project that it belongs to.
pub struct NotebookFolder {
    path: PathBuf,
    helper: Option<PathBuf>,
}

impl NotebookFolder {
    /// The path that was named; else `notebooks`, if that is here; else this folder.
    pub fn find(named: Option<&Path>) -> Result<NotebookFolder> {
        let path = match named {
            Some(path) => path,
            None if Path::new(NOTEBOOKS).is_dir() => Path::new(NOTEBOOKS),
            None => Path::new("."),
        };
        let path = path
            .canonicalize()
            .with_context(|| format!("cannot open {}", path.display()))?;
        if path.is_file()
            && path
                .extension()
                .is_none_or(|extension| extension != "ipynb")
        {
            bail!("{} is neither a folder nor a notebook", path.display());
        }
        let helper = path.ancestors().find(|folder| is_helper(folder));
        Ok(NotebookFolder {
            helper: helper.map(Path::to_owned),
            path,
        })
    }

    /// The notebook or the folder, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder with the source of the helper crate, if the notebooks lie below it.
    pub fn helper(&self) -> Option<&Path> {
        self.helper.as_deref()
    }
}

/// Whether it has the manifest of the crate `threadbook`.
fn is_helper(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|manifest| {
        manifest
            .lines()
            .any(|line| line == r#"name = "threadbook""#)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_of_notebooks_is_found() {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let place = NotebookFolder::find(Some(&project.join("notebooks"))).unwrap();
        assert_eq!(place.path(), project.join("notebooks"));
        assert_eq!(place.helper(), Some(project));

        let elsewhere = tempfile::tempdir().unwrap();
        let place = NotebookFolder::find(Some(elsewhere.path())).unwrap();
        assert_eq!(place.helper(), None);
    }

    #[test]
    fn what_cannot_be_opened_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("notes.txt");
        std::fs::write(&text, "").unwrap();
        for (path, reason) in [
            (text, "is neither a folder nor a notebook"),
            (folder.path().join("none"), "cannot open"),
        ] {
            let error = NotebookFolder::find(Some(&path)).err().unwrap().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}

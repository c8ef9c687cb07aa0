//! Finds the notebooks to open.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The default directory, if it exists.
const NOTEBOOKS: &str = "notebooks";

/// A notebook or a directory, and the project it belongs to.
pub struct NotebookFolder {
    path: PathBuf,
    helper: Option<PathBuf>,
}

impl NotebookFolder {
    /// Resolves `named`; without it, `notebooks` if that exists, else the current directory.
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
            bail!("{} is neither a directory nor a notebook", path.display());
        }
        let helper = path.ancestors().find(|folder| is_helper(folder));
        Ok(NotebookFolder {
            helper: helper.map(Path::to_owned),
            path,
        })
    }

    /// Returns the absolute path of the notebook or the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the source directory of the helper crate, if the notebooks are below it.
    pub fn helper(&self) -> Option<&Path> {
        self.helper.as_deref()
    }
}

/// Returns whether the directory has the manifest of the crate `threadbook`.
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
            (text, "is neither a directory nor a notebook"),
            (folder.path().join("none"), "cannot open"),
        ] {
            let error = NotebookFolder::find(Some(&path)).err().unwrap().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}

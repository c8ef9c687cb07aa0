//! Finds the notebooks that the paths on a command line name.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::NotebookError;

/// Returns the notebooks that `paths` name: files as they are, and the `*.ipynb` files in directories, sorted by path.
///
/// Hidden directories such as `.ipynb_checkpoints` and `.venv` are not searched. A notebook named twice is returned
/// once.
///
/// # Errors
/// [`NotebookError::Read`] for a path that does not exist, [`NotebookError::Empty`] for a directory without notebooks.
pub fn collect(paths: &[PathBuf]) -> Result<Vec<PathBuf>, NotebookError> {
    let found = collect_with_places(paths)?;
    Ok(found.into_iter().map(|(notebook, _)| notebook).collect())
}

/// Returns the same notebooks, each with its place: its path below the directory that `paths` names, or its file name.
///
/// # Errors
/// As for [`collect`].
pub fn collect_with_places(paths: &[PathBuf]) -> Result<Vec<(PathBuf, PathBuf)>, NotebookError> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for path in paths {
        for notebook in named_by(path)? {
            if seen.insert(notebook.canonicalize().map_err(unreadable(&notebook))?) {
                let below = notebook.strip_prefix(path).ok();
                let below = below.filter(|below| !below.as_os_str().is_empty());
                let name = notebook.file_name().unwrap_or_default();
                let place = below.unwrap_or(Path::new(name)).to_owned();
                found.push((notebook, place));
            }
        }
    }
    Ok(found)
}

fn named_by(path: &Path) -> Result<Vec<PathBuf>, NotebookError> {
    if !path.metadata().map_err(unreadable(path))?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut notebooks = Vec::new();
    search(path, &mut notebooks)?;
    if notebooks.is_empty() {
        return Err(NotebookError::Empty(path.to_owned()));
    }
    notebooks.sort();
    Ok(notebooks)
}

fn search(folder: &Path, notebooks: &mut Vec<PathBuf>) -> Result<(), NotebookError> {
    for entry in folder.read_dir().map_err(unreadable(folder))? {
        let entry = entry.map_err(unreadable(folder))?;
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // The type of the entry itself: links to directories are not followed, so a cycle of links does no harm.
        if entry.file_type().map_err(unreadable(&path))?.is_dir() {
            if !hidden {
                search(&path, notebooks)?;
            }
        } else if !hidden && path.extension().is_some_and(|ext| ext == "ipynb") && path.is_file() {
            notebooks.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> NotebookError + use<> {
    let path = path.to_owned();
    move |source| NotebookError::Read {
        path: path.clone(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn folders_are_searched_and_sorted() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in [
            "b.ipynb",
            "a.ipynb",
            "notes.md",
            "sub/c.ipynb",
            ".ipynb_checkpoints/a.ipynb",
            ".hidden.ipynb",
        ] {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "{}").unwrap();
        }
        std::os::unix::fs::symlink(root, root.join("sub/circle")).unwrap();
        let expected = ["a.ipynb", "b.ipynb", "sub/c.ipynb"].map(|name| root.join(name));
        assert_eq!(collect(&[root.to_owned()]).unwrap(), expected);
        let twice = [
            root.join("b.ipynb"),
            root.to_owned(),
            root.join("sub/../b.ipynb"),
        ];
        let expected = ["b.ipynb", "a.ipynb", "sub/c.ipynb"].map(|name| root.join(name));
        assert_eq!(collect(&twice).unwrap(), expected);
        let found = collect_with_places(&[root.join("b.ipynb"), root.to_owned()]).unwrap();
        let places: Vec<_> = found
            .iter()
            .map(|(_, place)| place.to_str().unwrap())
            .collect();
        assert_eq!(places, ["b.ipynb", "a.ipynb", "sub/c.ipynb"]);
    }

    #[test]
    fn nothing_found_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let empty = collect(&[folder.path().to_owned()]).unwrap_err();
        assert!(matches!(empty, NotebookError::Empty(_)), "{empty}");
        let missing = collect(&[folder.path().join("missing.ipynb")]).unwrap_err();
        assert!(matches!(missing, NotebookError::Read { .. }), "{missing}");
    }
}

//! What is read and where the results go, all checked before anything is run.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::RunError;
use super::parameters::{self, Parameter};
use super::selection::{self, CellFilter};
use crate::notebook::{self, Document, NotebookError, atomic};
use crate::page::{self, PageOptions};

/// A notebook, and the files that are made of it.
#[derive(Debug)]
pub struct Job {
    /// The file it was read from.
    pub source: PathBuf,
    /// What was read.
    pub document: Document,
    /// Where the cells are that are run.
    pub cells: Vec<usize>,
    /// Where the executed notebook goes, if anywhere.
    pub notebook: Option<PathBuf>,
    /// Where its page goes, if anywhere.
    pub page: Option<PathBuf>,
    /// Whether its page keeps HTML and scripts as they are.
    pub trust: bool,
    /// Lines for its page, by the ids of cells.
    pub notes: BTreeMap<String, String>,
}

impl Job {
    /// Its name without `.ipynb`: the title of its page.
    pub fn title(&self) -> String {
        self.source
            .file_stem()
            .unwrap_or(OsStr::new("notebook"))
            .to_string_lossy()
            .into_owned()
    }

    /// The folder that its code runs in.
    pub fn folder(&self) -> &Path {
        match self.source.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        }
    }

    /// Writes what is asked for.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn write(&self) -> Result<(), RunError> {
        if let Some(path) = &self.notebook {
            self.document.write(path)?;
        }
        if let Some(path) = &self.page {
            let shape = |reason| NotebookError::Shape {
                path: self.source.clone(),
                reason,
            };
            let view = self.document.view().map_err(shape)?;
            let options = PageOptions {
                title: &self.title(),
                trust: self.trust,
                folder: Some(self.folder()),
                notes: &self.notes,
            };
            let page = page::render(&view, &options).map_err(|error| RunError::Page {
                path: self.source.clone(),
                reason: error.to_string(),
            })?;
            atomic::write(path, page.as_bytes()).map_err(unwritable(path))?;
        }
        Ok(())
    }
}

/// Where results go.
#[derive(Debug, Default)]
pub struct Destinations<'a> {
    /// Executed notebooks replace those they were read from.
    pub in_place: bool,
    /// Executed notebooks go into this folder, under their names.
    pub notebooks: Option<&'a Path>,
    /// Pages go into this folder, under their names with `.html`.
    pub pages: Option<&'a Path>,
    /// Whether the pages keep HTML and scripts of the notebooks as they are.
    pub trust: bool,
}

/// What is run of each notebook.
#[derive(Debug, Default)]
pub struct Selection<'a> {
    /// These cells and those that prepare them; without any, all.
    pub only: &'a [CellFilter],
    /// Values that the notebook is given.
    pub parameters: &'a [Parameter],
    /// The language of the kernel.
    pub language: &'a str,
    /// Whether notebooks in other languages are refused: nobody has said that this kernel is meant for them.
    pub only_this_language: bool,
}

/// Reads all notebooks and checks that all results can be written.
///
/// # Errors
/// [`RunError`]; nothing is changed then, but that a folder for results may have been made.
pub fn plan(
    paths: &[PathBuf],
    places: &Destinations,
    choice: &Selection,
) -> Result<Vec<Job>, RunError> {
    if places.in_place && places.notebooks.is_some() {
        return Err(RunError::Destinations);
    }
    let mut jobs = Vec::new();
    for source in notebook::collect(paths)? {
        let mut document = Document::read(&source)?;
        let cells = choose(&mut document, choice).map_err(|reason| RunError::Selection {
            path: source.clone(),
            reason,
        })?;
        let page_name = Path::new(source.file_name().unwrap_or_default()).with_extension("html");
        let notebook = match places.notebooks {
            Some(folder) => Some(folder.join(source.file_name().unwrap_or_default())),
            None => places.in_place.then(|| source.clone()),
        };
        let page = places.pages.map(|folder| folder.join(page_name));
        jobs.push(Job {
            source,
            document,
            cells,
            notebook,
            page,
            trust: places.trust,
            notes: BTreeMap::new(),
        });
    }
    check_distinct(&jobs)?;
    for folder in [places.notebooks, places.pages].into_iter().flatten() {
        std::fs::create_dir_all(folder).map_err(unwritable(folder))?;
    }
    for path in results(&jobs).map(|(path, _)| path) {
        atomic::check(path).map_err(unwritable(path))?;
    }
    Ok(jobs)
}

fn choose(document: &mut Document, choice: &Selection) -> Result<Vec<usize>, String> {
    if choice.only_this_language {
        check_language(document, choice.language)?;
    }
    let mut cells = selection::select(document, choice.only)?;
    parameters::inject(document, &mut cells, choice.parameters, choice.language)?;
    Ok(cells)
}

/// A notebook that was never run may not tell its language; then it has the kernel's.
fn check_language(document: &Document, language: &str) -> Result<(), String> {
    let metadata = document.metadata();
    let own = [
        &metadata["kernelspec"]["language"],
        &metadata["language_info"]["name"],
    ];
    let Some(own) = own.into_iter().find_map(|name| name.as_str()) else {
        return Ok(());
    };
    if own.eq_ignore_ascii_case(language) {
        return Ok(());
    }
    let kernel = metadata["kernelspec"]["name"].as_str().unwrap_or("NAME");
    Err(format!(
        "it is written in {own}, and the built-in kernel runs {language}; choose another one by --kernel {kernel}"
    ))
}

/// Two notebooks of the same name in different folders would end in one file.
fn check_distinct(jobs: &[Job]) -> Result<(), RunError> {
    let mut sources: HashMap<&Path, &Path> = HashMap::new();
    for (path, source) in results(jobs) {
        if let Some(first) = sources.insert(path, source) {
            return Err(RunError::SameResult {
                path: path.to_owned(),
                first: first.to_owned(),
                second: source.to_owned(),
            });
        }
    }
    Ok(())
}

fn results(jobs: &[Job]) -> impl Iterator<Item = (&Path, &Path)> {
    jobs.iter().flat_map(|job| {
        let paths = [job.notebook.as_deref(), job.page.as_deref()];
        paths
            .into_iter()
            .flatten()
            .map(|path| (path, job.source.as_path()))
    })
}

fn unwritable(path: &Path) -> impl Fn(io::Error) -> NotebookError + use<> {
    let path = path.to_owned();
    move |source| NotebookError::Write {
        path: path.clone(),
        source,
    }
}

#[cfg(test)]
mod tests;

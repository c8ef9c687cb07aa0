//! Plans a run: reads the notebooks and checks that all results can be written, before any cell runs.

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

/// A notebook and the files to write for it.
#[derive(Debug)]
pub struct Job {
    /// The file it was read from.
    pub source: PathBuf,
    /// Its content.
    pub document: Document,
    /// The indices of the cells to run.
    pub cells: Vec<usize>,
    /// Where the executed notebook goes, if anywhere.
    pub notebook: Option<PathBuf>,
    /// Where its HTML page goes, if anywhere.
    pub page: Option<PathBuf>,
    /// Whether the page keeps HTML and scripts unchanged.
    pub trust: bool,
    /// Notes to show on the page, by cell id.
    pub notes: BTreeMap<String, String>,
}

impl Job {
    /// Returns the file name without `.ipynb`, the title of the page.
    pub fn title(&self) -> String {
        self.source
            .file_stem()
            .unwrap_or(OsStr::new("notebook"))
            .to_string_lossy()
            .into_owned()
    }

    /// Returns the directory in which its code runs.
    pub fn folder(&self) -> &Path {
        match self.source.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        }
    }

    /// Writes the executed notebook and the page, as requested.
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
    /// Executed notebooks replace their source files.
    pub in_place: bool,
    /// Executed notebooks go into this directory, each at its place below the directory that the user names.
    pub notebooks: Option<&'a Path>,
    /// Pages go into this directory, at the same places with `.html`.
    pub pages: Option<&'a Path>,
    /// Whether pages keep the notebooks' HTML and scripts unchanged.
    pub trust: bool,
}

/// What to run of each notebook.
#[derive(Debug, Default)]
pub struct Selection<'a> {
    /// These cells and those that prepare them; empty means all.
    pub only: &'a [CellFilter],
    /// Values to inject.
    pub parameters: &'a [Parameter],
    /// The language of the kernel.
    pub language: &'a str,
    /// Whether to reject notebooks in other languages, because the user did not choose this kernel for them.
    pub only_this_language: bool,
}

/// Reads all notebooks and checks that all results can be written.
///
/// # Errors
/// [`RunError`]; nothing has changed then, except that a directory for results may have been created.
pub fn plan(
    paths: &[PathBuf],
    places: &Destinations,
    choice: &Selection,
) -> Result<Vec<Job>, RunError> {
    if places.in_place && places.notebooks.is_some() {
        return Err(RunError::Destinations);
    }
    let mut jobs = Vec::new();
    for (source, place) in notebook::collect_with_places(paths)? {
        let mut document = Document::read(&source)?;
        let cells = choose(&mut document, choice).map_err(|reason| RunError::Selection {
            path: source.clone(),
            reason,
        })?;
        let page_name = place.with_extension("html");
        let notebook = match places.notebooks {
            Some(folder) => Some(folder.join(&place)),
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
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(unwritable(folder))?;
        }
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

/// Checks that the notebook is in this language. A notebook that was never run may not state its language and passes.
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
        "the notebook is written in {own}, but the built-in kernel runs {language}; choose another kernel with --kernel {kernel}"
    ))
}

/// Rejects two notebooks at the same place below different directories, whose results would be one file.
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

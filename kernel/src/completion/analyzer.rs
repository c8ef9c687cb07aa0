//! rust-analyzer with the crates that cells use, read from their interfaces or from their whole source.

use super::database::Database;
use super::inspect::ShownSource;
use super::interfaces::Interfaces;
use super::library::{self, PackageSelection};
use super::notebook::Notebook;
use super::priority::at_low_priority;
use super::{complete, inspect};
use crate::cell::commands;
use crate::crates::HelperRequest;
use crate::prebuilt::{Cache, Helper, Toolchain};
use anyhow::Result;
use ra_ap_ide::Analysis;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

/// Completed before the first request, to load what most cells need.
const WARM_UP_CODE: &str = "let words = vec![String::new()]; let shared = std::sync::Arc::new(std::sync::Mutex::new(words));\n\
    let worker = std::thread::spawn(move || shared.lock().unwrap().iter().map(|word| word.len()).sum::<usize>());\n\
    println!(\"{}\", worker.join().unwrap()); ";

pub struct Analyzer {
    database: Database,
    crates: Crates,
}

/// The crates besides the standard library's. They are loaded once a cell asks for them.
enum Crates {
    /// Only the helper: `None` once it is loaded.
    Interfaces(Option<Interfaces>),
    Sources(Sources),
}

struct Sources {
    toolchain: Toolchain,
    /// The directory in which the engine compiles.
    workspace: PathBuf,
    /// The directory of the helper crate's source, once it is loaded.
    helper: Option<PathBuf>,
}

impl Analyzer {
    /// Loads the interface of the standard library.
    ///
    /// # Errors
    /// When it cannot be read, or the compiler does not say its `#[cfg]` options.
    pub fn of_interfaces(mut interfaces: Interfaces, toolchain: &Toolchain) -> Result<Analyzer> {
        let standard = std::mem::take(&mut interfaces.standard);
        let mut database = Database::new(&toolchain.cfg()?, toolchain.release());
        database.add(standard, Vec::new())?;
        Ok(Analyzer {
            database,
            crates: Crates::Interfaces(Some(interfaces)),
        })
    }

    /// Loads the source of the standard library. `workspace` is the directory in which the engine compiles.
    ///
    /// # Errors
    /// When the source is not installed or cannot be read.
    pub fn of_sources(toolchain: Toolchain, workspace: &Path) -> Result<Analyzer> {
        let mut database = Database::new(&toolchain.cfg()?, toolchain.release());
        database.add(library::standard(&toolchain)?, Vec::new())?;
        Ok(Analyzer {
            database,
            crates: Crates::Sources(Sources {
                toolchain,
                workspace: workspace.to_owned(),
                helper: None,
            }),
        })
    }

    /// Loads the crates that an executed cell asks for.
    pub fn load_crates(&mut self, code: &str) {
        self.load_helper(code);
        if let Crates::Sources(sources) = &self.crates
            && requests_crates(code)
        {
            let workspace = sources.workspace.clone();
            self.load(&workspace, PackageSelection::DependenciesOfRoot);
        }
    }

    /// Calls `query` with the file that has `code` as the current cell of the notebook, and the cell's offset in it. Returns
    /// the default if rust-analyzer fails.
    pub fn analyze<T: Default>(
        &mut self,
        notebook: &Notebook,
        code: &str,
        query: impl FnOnce(&Analysis, &str, usize) -> T,
    ) -> T {
        self.load_helper(code);
        let (text, start) = notebook.with_cell(code);
        self.database.set_cells(text.clone());
        let analysis = self.database.analysis();
        // rust-analyzer may panic on incomplete code; the next request may succeed.
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| query(&analysis, &text, start)));
        result.unwrap_or_else(|_| {
            tracing::warn!("rust-analyzer panicked on a cell");
            T::default()
        })
    }

    /// Loads what most cells need, by completing [`WARM_UP_CODE`].
    pub fn warm_up(&mut self, notebook: &Notebook) {
        let prelude = match self.has_helper() {
            true => "use threadbook::prelude::*;\n",
            false => "",
        };
        let code = format!("{prelude}{WARM_UP_CODE}");
        let method = code.find("len").unwrap_or_default();
        self.analyze(notebook, &code, |analysis, text, start| {
            complete::complete(analysis, text, start, code.len());
            complete::complete(analysis, text, start, method);
            inspect::inspect(analysis, start + method, ShownSource::None);
        });
    }

    /// Returns whose source it knows.
    pub fn known_source(&self) -> ShownSource {
        match self.crates {
            Crates::Interfaces(_) => ShownSource::OfCells,
            Crates::Sources(_) => ShownSource::All,
        }
    }

    fn has_helper(&self) -> bool {
        match &self.crates {
            Crates::Interfaces(waiting) => waiting.is_none(),
            Crates::Sources(sources) => sources.helper.is_some(),
        }
    }

    /// Loads the helper crate if the cell requests it.
    fn load_helper(&mut self, code: &str) {
        let Some(request) = HelperRequest::of_cell(code) else {
            return;
        };
        let sources = match &mut self.crates {
            Crates::Sources(sources) => sources,
            Crates::Interfaces(waiting) => {
                let Some(interfaces) = waiting.take() else {
                    return;
                };
                let added = self
                    .database
                    .add(interfaces.helper, interfaces.helper_names);
                return warn(added, Helper::NAME);
            }
        };
        if request == HelperRequest::default() && sources.helper.is_some() {
            return;
        }
        let source = || request.source(&std::env::current_dir()?, &Cache::open()?);
        let path = match source() {
            Ok(source) => source.path().to_owned(),
            Err(error) => return warn(Err(error), Helper::NAME),
        };
        if sources.helper.as_ref() != Some(&path) {
            sources.helper = Some(path.clone());
            self.load(&path, PackageSelection::Package(Helper::NAME));
        }
    }

    /// Loads the source of crates of the workspace in `folder`.
    fn load(&mut self, folder: &Path, wanted: PackageSelection<'_>) {
        let Crates::Sources(Sources { toolchain, .. }) = &self.crates else {
            return;
        };
        let loaded = at_low_priority(|| {
            let (libraries, names) = library::of_workspace(folder, wanted, toolchain)?;
            self.database.add(libraries, names)
        });
        warn(loaded, &folder.display().to_string());
    }
}

fn warn(loaded: Result<()>, what: &str) {
    if let Err(error) = loaded {
        tracing::warn!("cannot load {what} for completion: {error:#}");
    }
}

/// Returns whether a cell has a `:dep` line for a crate other than the helper.
pub fn requests_crates(code: &str) -> bool {
    let commands = &code[..commands::code_start(code)];
    commands
        .lines()
        .any(|line| commands::name(line) == Some(":dep") && HelperRequest::read(line).is_none())
}

//! Answers the kernel's requests.

use super::analyzer::{Analyzer, requests_crates};
use super::inspect::ShownSource;
use super::messages::{Reply, Request};
use super::notebook::Notebook;
use super::priority::lower_priority;
use super::{REPLY_TIMEOUT, complete, heap, inspect};
use crate::crates::HelperRequest;
use crate::ipc::write_frame;
use crate::prebuilt::Toolchain;
use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, bounded, never, select};
use ra_ap_ide::Analysis;
use std::io::{Write, stdout};
use std::path::Path;
use std::thread;
use std::time::Instant;

/// A request and the time it was received.
pub type Received = (Instant, Request);

pub struct Completer {
    analyzer: Analyzer,
    notebook: Notebook,
    /// The executed cells that ask for crates.
    requesting: Vec<String>,
    /// The analyzer that reads the whole source, while it is loading.
    sources: Option<LoadingSources>,
}

struct LoadingSources {
    loaded: Receiver<Analyzer>,
    /// It loads what this many of the requesting cells ask for.
    cells: usize,
}

impl Completer {
    pub fn new(analyzer: Analyzer) -> Completer {
        Completer {
            analyzer,
            notebook: Notebook::default(),
            requesting: Vec::new(),
            sources: None,
        }
    }

    /// Loads what most cells need.
    pub fn warm_up(&mut self) {
        self.analyzer.warm_up(&self.notebook);
        heap::trim();
    }

    /// Starts to read the whole source, from which requests are answered once that is done. `workspace` is the directory in
    /// which the engine compiles.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn load_sources(&mut self, toolchain: Toolchain, workspace: &Path) -> Result<()> {
        let (sender, loaded) = bounded(1);
        self.sources = Some(LoadingSources {
            loaded,
            cells: self.requesting.len(),
        });
        let workspace = workspace.to_owned();
        let (notebook, cells) = (self.notebook.clone(), self.requesting.clone());
        let load = move || {
            lower_priority();
            match Analyzer::of_sources(toolchain, &workspace) {
                Ok(mut analyzer) => {
                    cells.iter().for_each(|code| analyzer.load_crates(code));
                    analyzer.warm_up(&notebook);
                    let _ = sender.send(analyzer);
                }
                Err(error) => tracing::warn!("completion reads no source: {error:#}"),
            }
        };
        let thread = thread::Builder::new().name("threadbook-sources".to_owned());
        thread.spawn(load)?;
        Ok(())
    }

    /// Answers requests until there are no more.
    ///
    /// # Errors
    /// When an answer cannot be written.
    pub fn serve(&mut self, requests: &Receiver<Received>) -> Result<()> {
        loop {
            let loaded = self.sources.as_ref().map(|sources| sources.loaded.clone());
            select! {
                recv(requests) -> request => match request {
                    Ok(request) => {
                        self.handle(request, &mut stdout())?;
                        // rust-analyzer may have parsed a large file once more.
                        heap::trim();
                    }
                    Err(_) => return Ok(()),
                },
                // Without an analyzer the thread has failed, and has logged why.
                recv(loaded.unwrap_or_else(never)) -> analyzer => {
                    let sources = self.sources.take();
                    if let (Ok(analyzer), Some(sources)) = (analyzer, sources) {
                        self.analyzer = analyzer;
                        for code in &self.requesting[sources.cells..] {
                            self.analyzer.load_crates(code);
                        }
                        heap::trim();
                    }
                }
            }
        }
    }

    /// Answers a request, if it needs an answer and the kernel is still waiting for it.
    ///
    /// # Errors
    /// When the answer cannot be written.
    pub fn handle(&mut self, (received, request): Received, to: &mut impl Write) -> Result<()> {
        let is_current = received.elapsed() < REPLY_TIMEOUT;
        let reply = match request {
            Request::Executed { code, variables } => {
                self.notebook.execute(&code, variables);
                if HelperRequest::of_cell(&code).is_some() || requests_crates(&code) {
                    self.analyzer.load_crates(&code);
                    self.requesting.push(code);
                }
                return Ok(());
            }
            Request::Forget => {
                self.notebook.forget();
                return Ok(());
            }
            Request::Complete { .. } | Request::Inspect { .. } if !is_current => return Ok(()),
            Request::Complete { id, code, offset } => Reply::Completed {
                id,
                completions: self.analyzer.analyze(
                    &self.notebook,
                    &code,
                    |analysis, text, start| complete::complete(analysis, text, start, offset),
                ),
            },
            Request::Inspect {
                id,
                code,
                offsets,
                with_source,
            } => {
                let shown = match with_source {
                    true => self.analyzer.known_source(),
                    false => ShownSource::None,
                };
                let query = |analysis: &Analysis, _: &str, start| {
                    let mut offsets = offsets.iter().map(|offset| start + offset);
                    offsets.find_map(|offset| inspect::inspect(analysis, offset, shown))
                };
                Reply::Inspected {
                    id,
                    found: self.analyzer.analyze(&self.notebook, &code, query),
                }
            }
        };
        write_frame(to, &reply)?;
        to.flush().context("the kernel has closed the connection")
    }
}

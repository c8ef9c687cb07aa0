//! Invokes rustc, unless the messages and the library are cached.

use super::compile_stats::CompileStats;
use super::timing_sections::without_sections;
use crate::ipc::TIMINGS_VAR;
use crate::prebuilt::{Key, Store, Toolchain, dylib_name};
use anyhow::{Context, Result, bail};
use std::cell::RefCell;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The file of a cell's source, relative to the directory in which rustc runs. Panics and `dbg!` name it.
const SOURCE_FILE: &str = "src/lib.rs";

/// The crate name of every cell. All have the same, so that a type of the notebook is the same type in each cell.
const CRATE_NAME: &str = "ctx";

/// Sources above this size, in bytes, are compiled incrementally, so that the next cell reuses rustc's work on their functions.
/// Below, saving this work takes longer than repeating it.
const INCREMENTAL_MIN_BYTES: usize = 48 << 10;

/// Flags that make rustc show types in full.
const PROBE_FLAGS: [&str; 2] = ["--diagnostic-width=100000", "-Ztrim-diagnostic-paths=no"];

/// rustc for the cells of one notebook.
pub struct Rustc {
    toolchain: Toolchain,
    store: Store,
    /// The directory in which rustc works. Libraries stay there while the kernel lives.
    folder: PathBuf,
    /// The number of libraries so far.
    libraries: u32,
    work: RefCell<Vec<CompileStats>>,
}

/// How cells are compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub edition: String,
    pub opt_level: String,
    pub linker: String,
    /// Environment variables for rustc alone.
    pub environment: Vec<(String, String)>,
}

/// The result of a compilation.
pub struct Compiled {
    /// The library, if the cell has compiled.
    pub library: Option<PathBuf>,
    /// rustc's messages, a line of JSON each.
    pub messages: String,
}

impl Rustc {
    /// The file of a cell's source, relative to the directory in which rustc runs.
    pub const SOURCE_FILE: &str = SOURCE_FILE;

    pub fn new(toolchain: Toolchain, store: Store, folder: PathBuf) -> Result<Rustc> {
        std::fs::create_dir_all(folder.join("src"))?;
        Ok(Rustc {
            toolchain,
            store,
            folder,
            libraries: 0,
            work: RefCell::default(),
        })
    }

    pub fn toolchain(&self) -> &Toolchain {
        &self.toolchain
    }

    pub fn set_toolchain(&mut self, toolchain: Toolchain) {
        self.toolchain = toolchain;
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns the work done since the last call.
    pub fn take_stats(&self) -> Vec<CompileStats> {
        self.work.take()
    }

    /// Runs a probe, with nightly features, and returns rustc's messages, a line of JSON each. Generates no code.
    ///
    /// # Errors
    /// When rustc cannot be started.
    pub fn ask(&self, source: &str, settings: &Settings, crates: &[String]) -> Result<String> {
        self.messages(source, settings, &PROBE_FLAGS, crates)
    }

    /// Runs a probe whose messages show the signature of each closure in a type.
    ///
    /// # Errors
    /// When rustc cannot be started.
    pub fn probe_verbose(
        &self,
        source: &str,
        settings: &Settings,
        crates: &[String],
    ) -> Result<String> {
        let flags = [&PROBE_FLAGS[..], &["-Zverbose-internals"]].concat();
        self.messages(source, settings, &flags, crates)
    }

    /// Checks for errors and returns rustc's messages. Generates no code.
    ///
    /// # Errors
    /// When rustc cannot be started.
    pub fn check(&self, source: &str, settings: &Settings, crates: &[String]) -> Result<String> {
        self.messages(source, settings, &[], crates)
    }

    fn messages(
        &self,
        source: &str,
        settings: &Settings,
        flags: &[&str],
        crates: &[String],
    ) -> Result<String> {
        let begin = Instant::now();
        let is_nightly = !flags.is_empty();
        let flags: Vec<String> = ["--emit=metadata"]
            .iter()
            .chain(flags)
            .map(|flag| (*flag).to_owned())
            .collect();
        let key = self.key(source, settings, &flags, crates);
        if let Some(cached) = key.as_ref().and_then(|key| self.store.get("question", key)) {
            self.note(begin, None, true);
            return Ok(String::from_utf8(cached)?);
        }
        let mut rustc = self.command(settings, &flags, crates);
        rustc.arg("-o").arg(self.folder.join("question.rmeta"));
        if is_nightly {
            rustc.env("RUSTC_BOOTSTRAP", "1");
        }
        let messages = self.run(rustc, source)?;
        self.note(begin, None, false);
        if let Some(key) = key {
            // If the disk is full, only the next probe is slower.
            let _ = self.store.put("question", &key, messages.as_bytes());
        }
        Ok(messages)
    }

    /// Compiles a cell.
    ///
    /// # Errors
    /// When rustc cannot be started, or a file cannot be written.
    pub fn compile(
        &mut self,
        source: &str,
        settings: &Settings,
        crates: &[String],
    ) -> Result<Compiled> {
        let begin = Instant::now();
        self.libraries += 1;
        let library = self
            .folder
            .join(dylib_name(&format!("cell_{}", self.libraries)));
        let flags = self.code_flags(source, settings);
        let key = self.key(source, settings, &flags, crates);
        if let Some(key) = &key {
            if self.store.copy("cell", key, &library) {
                self.note(begin, None, true);
                return Ok(Compiled {
                    library: Some(library),
                    messages: String::new(),
                });
            }
            if let Some(cached) = self.store.get("messages", key) {
                self.note(begin, None, true);
                return Ok(Compiled {
                    library: None,
                    messages: String::from_utf8(cached)?,
                });
            }
        }
        let mut rustc = self.command(settings, &flags, crates);
        rustc.arg("-o").arg(&library);
        if std::env::var_os(TIMINGS_VAR).is_some() {
            // Permits these two options; the generated code is the same.
            rustc
                .args(["-Zunstable-options", "--json=timings"])
                .env("RUSTC_BOOTSTRAP", "1");
        }
        let messages = self.run(rustc, source)?;
        let (messages, link) = without_sections(&messages);
        self.note(begin, link, false);
        let library = Some(library).filter(|library| library.exists());
        if let Some(key) = key {
            let cached = match &library {
                Some(library) => self.store.put_file("cell", &key, library),
                None => self.store.put("messages", &key, messages.as_bytes()),
            };
            if let Err(error) = cached {
                tracing::debug!("cannot cache a cell: {error:#}");
            }
        }
        Ok(Compiled { library, messages })
    }

    /// Compiles a cell's source once more, with line numbers, and returns the library, which is not to be run.
    ///
    /// # Errors
    /// When it does not compile, or rustc cannot be started.
    pub fn compile_with_lines(
        &self,
        source: &str,
        settings: &Settings,
        crates: &[String],
    ) -> Result<PathBuf> {
        let library = self.folder.join(dylib_name("lines"));
        // An earlier one may be in use, so its content must not change.
        let _ = std::fs::remove_file(&library);
        let mut flags = self.code_flags(source, settings);
        flags.retain(|flag| !flag.starts_with("-Cincremental="));
        flags.push("-Cdebuginfo=line-tables-only".to_owned());
        let mut rustc = self.command(settings, &flags, crates);
        rustc.arg("-o").arg(&library);
        self.run(rustc, source)?;
        if !library.exists() {
            bail!("the cell does not compile any more");
        }
        Ok(library)
    }

    /// Returns rustc's flags for code generation.
    fn code_flags(&self, source: &str, settings: &Settings) -> Vec<String> {
        let is_optimised = settings.opt_level != "0";
        let mut flags = vec![
            format!("-Copt-level={}", settings.opt_level),
            "--crate-type=cdylib".to_owned(),
            // The default depends on whether unstable options are permitted.
            "-Csymbol-mangling-version=v0".to_owned(),
            // Binds a function with a C name to this cell's definition, even if an earlier cell defines one of that name.
            "-Clink-arg=-Wl,-Bsymbolic-functions".to_owned(),
        ];
        if source.len() > INCREMENTAL_MIN_BYTES {
            flags.push(format!(
                "-Cincremental={}",
                self.folder.join("incremental").display()
            ));
        } else if !is_optimised {
            // For little code, threads cost more than they gain.
            flags.push("-Ccodegen-units=1".to_owned());
        }
        if settings.linker == "lld" || settings.linker == "mold" {
            flags.push(format!("-Clink-arg=-fuse-ld={}", settings.linker));
        }
        flags
    }

    fn command(&self, settings: &Settings, flags: &[String], crates: &[String]) -> Command {
        let mut rustc = Command::new(self.toolchain.rustc());
        if flags.iter().all(|flag| !flag.starts_with("--crate-type")) {
            rustc.arg("--crate-type=lib");
        }
        rustc
            .arg(format!("--edition={}", settings.edition))
            .args([
                "--crate-name",
                CRATE_NAME,
                "--error-format=json",
                "-Awarnings",
            ])
            .args([
                "-Cdebug-assertions=on",
                "-Coverflow-checks=on",
                "-Cprefer-dynamic",
            ])
            .args(flags)
            .args(crates)
            .arg(SOURCE_FILE)
            .envs(settings.environment.iter().cloned())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        rustc
    }

    /// Runs rustc on `source` and returns its messages.
    ///
    /// # Errors
    /// When rustc cannot be started, crashes or is killed.
    fn run(&self, mut rustc: Command, source: &str) -> Result<String> {
        let mut file = std::fs::File::create(self.folder.join(SOURCE_FILE))?;
        file.write_all(source.as_bytes())?;
        drop(file);
        let output = rustc.output().context("cannot start rustc")?;
        let messages = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0 | 1) => Ok(messages),
            // rustc has crashed; its message about that is not JSON.
            Some(_) => {
                let lines: Vec<_> = messages
                    .lines()
                    .filter(|line| !line.starts_with('{'))
                    .take(3)
                    .collect();
                bail!("rustc failed on this cell: {}", lines.join(" "))
            }
            None => bail!("rustc was killed: {}", output.status),
        }
    }

    fn note(&self, begin: Instant, link: Option<f64>, from_store: bool) {
        let seconds = if from_store {
            0.0
        } else {
            begin.elapsed().as_secs_f64()
        };
        self.work.borrow_mut().push(CompileStats {
            seconds,
            link,
            from_store,
        });
    }

    /// Returns the cache key of all inputs. `None` if the source may read files or environment variables, or if a library that it
    /// links with does not exist.
    fn key(
        &self,
        source: &str,
        settings: &Settings,
        flags: &[String],
        crates: &[String],
    ) -> Option<String> {
        if may_read(source) {
            return None;
        }
        let mut key = Key::default();
        key.add(self.toolchain.identity());
        key.add(format!("{settings:?}"));
        key.add(source);
        for flag in flags
            .iter()
            .filter(|flag| !flag.starts_with("-Cincremental="))
        {
            key.add(flag);
        }
        for flag in crates {
            key.add(flag);
            if let Some((_, path)) = flag
                .strip_prefix("--extern=")
                .and_then(|named| named.split_once('='))
            {
                let file = std::fs::metadata(Path::new(path)).ok()?;
                let age = file
                    .modified()
                    .ok()?
                    .duration_since(std::time::UNIX_EPOCH)
                    .ok()?;
                key.add(format!("{} {}", file.len(), age.as_nanos()));
            }
        }
        Some(key.end())
    }
}

/// Whether a source may have macros that read files or the environment, whose values are unknown before rustc runs.
fn may_read(source: &str) -> bool {
    ["include", "env!"].iter().any(|word| source.contains(word))
}

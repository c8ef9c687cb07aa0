//! Takes cargo's place where a cell is compiled.
//!
//! evcxr calls cargo for every cell, and what cargo looks at takes as long as rustc. So the engine gives evcxr this
//! program for a cargo. It calls rustc as cargo would, by a recipe that cargo itself has given once, and not even rustc
//! when the same source has been compiled before in the same way. All other commands go to cargo.

mod compilation;
mod input;
mod recipe;
mod recorder;
mod request;
mod runtime_module;
mod rustc;
mod source;
mod tally;

pub use recorder::{is_wanted as is_recorder, run as record};
pub use tally::{Tally, Work};

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::prebuilt::{Store, Toolchain};
use recipe::Recipe;
use request::Request;

/// The cargo whose place is taken.
const CARGO_VAR: &str = "THREADBOOK_CARGO";
/// What tells the compiler apart from all others.
const COMPILER_VAR: &str = "THREADBOOK_COMPILER";
/// The folder of the [`Store`].
const STORE_VAR: &str = "THREADBOOK_STORE";

/// The name that this program goes by in cargo's place.
const NAME: &str = "cargo";

/// Whether this process was started in cargo's place.
pub fn is_wanted() -> bool {
    let name = std::env::args_os().next();
    name.is_some_and(|name| {
        Path::new(&name)
            .file_name()
            .is_some_and(|name| name == NAME)
    }) && std::env::var_os(CARGO_VAR).is_some()
}

/// Does what cargo would do.
pub fn run() -> ExitCode {
    match StandIn::from_env().and_then(|stand_in| stand_in.run()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(101)
        }
    }
}

/// The programs to start, for a process with this toolchain.
///
/// evcxr asks rustup which programs to use, so a rustup of ours is put in `folder`, which must come first on evcxr's
/// PATH; it is slow to ask besides.
///
/// # Errors
/// When the folder cannot be filled.
pub fn install(folder: &Path, toolchain: &Toolchain) -> Result<()> {
    let cargo = folder.join(NAME);
    let program = std::env::current_exe()?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // An engine before this one may have left it.
    let _ = std::fs::remove_file(&cargo);
    std::os::unix::fs::symlink(program, &cargo)
        .with_context(|| format!("cannot make {}", cargo.display()))?;
    let rustup = folder.join("rustup");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n'which cargo') echo '{}' ;;\n'which rustc') echo '{}' ;;\n*) PATH=${{PATH#*:}} exec rustup \"$@\" ;;\nesac\n",
        cargo.display(),
        toolchain.rustc().display(),
    );
    std::fs::write(&rustup, script)?;
    std::fs::set_permissions(&rustup, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// The source of the cell that was compiled last in this folder of a crate, which lines of panics belong to; `None` if
/// cargo has compiled it from what evcxr wrote.
pub fn last_source(folder: &Path) -> Option<String> {
    source::Source::last(folder)
}

/// What processes that take cargo's place need to know, for their environment.
pub fn environment(toolchain: &Toolchain, store: &Store) -> [(&'static str, OsString); 3] {
    [
        (CARGO_VAR, toolchain.cargo().into()),
        (COMPILER_VAR, toolchain.identity().into()),
        (STORE_VAR, store.folder().into()),
    ]
}

struct StandIn {
    cargo: PathBuf,
    compiler: String,
    store: Store,
    arguments: Vec<OsString>,
}

impl StandIn {
    fn from_env() -> Result<StandIn> {
        let var = |name| std::env::var_os(name).with_context(|| format!("{name} is not set"));
        let compiler = var(COMPILER_VAR)?;
        Ok(StandIn {
            cargo: var(CARGO_VAR)?.into(),
            compiler: compiler.to_string_lossy().into_owned(),
            store: Store::at(var(STORE_VAR)?.into()),
            arguments: std::env::args_os().skip(1).collect(),
        })
    }

    fn run(&self) -> Result<u8> {
        let Some(request) = Request::parse(&self.arguments) else {
            return Err(self.cargo().exec().into());
        };
        let input = input::Input::of(&request, &self.compiler)?;
        if let Some(input) = &input
            && let Some(recipe) = Recipe::find(input, &self.store)
        {
            return compilation::run(&recipe, input, &self.store);
        }
        source::Source::forget(&std::env::current_dir()?);
        match input {
            Some(input) => recorder::cook(self.cargo(), &input, &self.store),
            None => Err(self.cargo().exec().into()),
        }
    }

    fn cargo(&self) -> Command {
        let mut cargo = Command::new(&self.cargo);
        cargo.args(&self.arguments);
        cargo
    }
}

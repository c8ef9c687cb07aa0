//! Takes cargo's place where a cell is compiled.
//!
//! evcxr calls cargo for every cell, and what cargo looks at takes as long as rustc. So the engine gives evcxr this
//! program for a cargo. It calls rustc as cargo would, by a recipe that cargo itself has given once, and not even rustc
//! when the same source has been compiled before in the same way. What rust-analyzer asks cargo and rustc at each start is
//! answered from what they said before. All else goes to them.

mod answers;
mod compilation;
mod folder;
mod input;
mod kept;
mod moved;
mod recipe;
mod recorder;
mod request;
mod runtime_module;
mod rustc;
mod source;
mod tally;

pub use kept::may_read;
pub use moved::Moved;
pub use recorder::{is_wanted as is_recorder, run as record};
pub use tally::{Tally, Work};

use std::ffi::OsString;
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

use anyhow::{Context, Result};

use crate::prebuilt::{
    CARGO_HOME_VAR, OWN_CARGO_HOME_VAR, Store, Toolchain, own_cargo_home, restore_own_cargo_home,
};
use answers::Question;
use input::Input;
use recipe::Recipe;
use request::Request;
use source::Source;

/// The programs whose places are taken.
const CARGO_VAR: &str = "THREADBOOK_CARGO";
const RUSTC_VAR: &str = "THREADBOOK_RUSTC";
/// What tells the compiler apart from all others.
const COMPILER_VAR: &str = "THREADBOOK_COMPILER";
/// The folder of the [`Store`].
const STORE_VAR: &str = "THREADBOOK_STORE";

/// What cargo ends with when it fails.
const FAILED: u8 = 101;

/// The code of a program that has ended; one that was ended by a signal has failed.
fn code_of(status: ExitStatus) -> u8 {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.unwrap_or(FAILED)
}

/// The names that this program goes by in the places of others.
const CARGO: &str = "cargo";
const RUSTC: &str = "rustc";

/// Whether this process was started in the place of cargo or rustc.
pub fn is_wanted() -> bool {
    role().is_some()
}

fn role() -> Option<&'static str> {
    std::env::var_os(CARGO_VAR)?;
    let path = PathBuf::from(std::env::args_os().next()?);
    let name = path.file_name()?;
    [CARGO, RUSTC].into_iter().find(|role| name == *role)
}

/// Does what the other program would do.
pub fn run() -> ExitCode {
    // SAFETY: this process has a single thread still.
    unsafe { restore_own_cargo_home() };
    match StandIn::from_env().and_then(|stand_in| stand_in.run()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

/// Puts programs for cargo and rustc into the folder `home`; the folder that they are in, which must come first on evcxr's PATH.
/// evcxr asks rustup which programs to use, so there is a rustup of ours too.
///
/// # Errors
/// When the folder cannot be filled.
pub fn install(home: &Path, toolchain: &Toolchain) -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = home.join("bin");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    for name in [CARGO, RUSTC] {
        let link = folder.join(name);
        // An engine before this one may have left it.
        let _ = std::fs::remove_file(&link);
        symlink(&program, &link).with_context(|| format!("cannot make {}", link.display()))?;
    }
    let rustup = folder.join("rustup");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n'which cargo') echo '{}' ;;\n'which rustc') echo '{}' ;;\n*) PATH=${{PATH#*:}} exec rustup \"$@\" ;;\nesac\n",
        folder.join(CARGO).display(),
        toolchain.rustc().display(),
    );
    std::fs::write(&rustup, script)?;
    std::fs::set_permissions(&rustup, Permissions::from_mode(0o700))?;
    Ok(folder)
}

/// The environment for processes that are to use the programs in `home`, see [`install`], and for these programs. The first four
/// are rust-analyzer's way of being told.
pub fn environment(
    home: &Path,
    toolchain: &Toolchain,
    store: &Store,
) -> [(&'static str, OsString); 8] {
    let programs = home.join("bin");
    [
        (ANALYZERS_VARS[0], programs.join(CARGO).into()),
        (ANALYZERS_VARS[1], programs.join(RUSTC).into()),
        (OWN_CARGO_HOME_VAR, own_cargo_home()),
        (CARGO_HOME_VAR, home.into()),
        (CARGO_VAR, toolchain.cargo().into()),
        (RUSTC_VAR, toolchain.rustc().into()),
        (COMPILER_VAR, toolchain.identity().into()),
        (STORE_VAR, store.folder().into()),
    ]
}

/// The variables by which rust-analyzer finds cargo and rustc.
pub const ANALYZERS_VARS: [&str; 2] = ["CARGO", "RUSTC"];

/// Whether evcxr's module, which comes with the first variable, is there as a library.
pub fn knows_module(store: &Store, toolchain: &Toolchain) -> bool {
    runtime_module::is_known(store, &toolchain.identity())
}

/// The source of the cell that was compiled last in this folder of a crate, which lines of panics belong to; `None` if
/// cargo has compiled it from what evcxr wrote.
pub fn last_source(folder: &Path) -> Option<String> {
    Source::last(folder)
}

struct StandIn {
    /// What is asked: cargo or rustc.
    role: &'static str,
    program: PathBuf,
    compiler: String,
    store: Store,
    arguments: Vec<OsString>,
}

impl StandIn {
    fn from_env() -> Result<StandIn> {
        let var = |name| std::env::var_os(name).with_context(|| format!("{name} is not set"));
        let role = role().context("nobody's place is to be taken")?;
        let compiler = var(COMPILER_VAR)?;
        Ok(StandIn {
            role,
            program: var(if role == RUSTC { RUSTC_VAR } else { CARGO_VAR })?.into(),
            compiler: compiler.to_string_lossy().into_owned(),
            store: Store::at(var(STORE_VAR)?.into()),
            arguments: std::env::args_os().skip(1).collect(),
        })
    }

    fn run(&self) -> Result<u8> {
        match Request::parse(&self.arguments).filter(|_| self.role == CARGO) {
            Some(request) => self.compile(request),
            None => self.answer(),
        }
    }

    fn compile(&self, request: Request) -> Result<u8> {
        let folder = std::env::current_dir()?;
        let moved = Moved::of(&folder);
        if request == Request::Build
            && !moved.is_empty()
            && let Some(messages) = moved.messages(Source::read(&folder)?.text())
        {
            eprint!("{messages}");
            return Ok(FAILED);
        }
        let input = Input::of(request, &self.compiler)?;
        if let Some(input) = &input
            && let Some(recipe) = Recipe::find(input, &self.store)
        {
            return compilation::run(&recipe, input, &self.store);
        }
        Source::forget(&folder);
        match input {
            Some(input) => recorder::cook(self.command(), &input, &self.store),
            None => Err(self.command().exec().into()),
        }
    }

    fn answer(&self) -> Result<u8> {
        let arguments: Option<Vec<_>> = self
            .arguments
            .iter()
            .map(|argument| argument.to_str())
            .collect();
        let Some(arguments) = arguments else {
            return Err(self.command().exec().into());
        };
        let question = Question {
            name: self.role,
            program: self.program.clone(),
            arguments: arguments.into_iter().map(str::to_owned).collect(),
            compiler: &self.compiler,
            folder: std::env::var_os("EVCXR_TMPDIR").map(PathBuf::from),
        };
        question.answer(&self.store)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command
    }
}

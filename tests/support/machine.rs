//! A simulated machine with only some programs on its PATH.

use super::sandbox::Sandbox;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs that cells need. `cc` calls `as` and `ld`.
pub const NEEDED: [&str; 6] = ["cargo", "rustc", "rustup", "cc", "as", "ld"];

/// A sandbox whose PATH has only the programs that were added.
pub struct Machine {
    pub sandbox: Sandbox,
    programs: PathBuf,
}

impl Machine {
    pub fn with(names: impl IntoIterator<Item = &'static str>) -> Self {
        Self::of(Sandbox::with_fresh_cache(), names)
    }

    /// As [`Machine::with`], in this sandbox.
    pub fn of(sandbox: Sandbox, names: impl IntoIterator<Item = &'static str>) -> Self {
        let programs = sandbox.path("bin");
        fs::create_dir(&programs).expect("a directory");
        let machine = Self { sandbox, programs };
        for name in names {
            if let Some(found) = find(name) {
                machine.link(name, &found);
            }
        }
        machine
    }

    pub fn without(missing: &str) -> Self {
        Self::with(NEEDED.into_iter().filter(|name| *name != missing))
    }

    /// Adds a link to a program under this name.
    pub fn link(&self, name: &str, program: &Path) {
        symlink(program, self.programs.join(name)).expect("a link");
    }

    /// Adds a program that prints this text.
    pub fn add(&self, name: &str, prints: &str) {
        self.add_script(name, &format!("echo '{prints}'\n"));
    }

    /// Adds a shell script.
    pub fn add_script(&self, name: &str, script: &str) {
        let path = self.programs.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}")).expect("a program");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("permissions");
    }

    /// Returns a command that runs `threadbook` with this first argument on this machine.
    pub fn threadbook(&self, argument: &str) -> Command {
        let mut command = self.sandbox.threadbook();
        // conda's compilers are not on this machine.
        command
            .env("PATH", &self.programs)
            .env_remove("CONDA_PREFIX")
            .arg(argument);
        command
    }
}

/// Finds the program on the PATH of the tests.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").expect("a PATH");
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

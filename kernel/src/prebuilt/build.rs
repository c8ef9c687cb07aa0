//! A build by cargo, whose progress is shown.

use super::follow::follow;
use super::progress::BuildProgress;
use super::toolchain::Toolchain;
use anyhow::{Context, Result, bail};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What cargo builds.
pub struct Build {
    /// What it is to a person.
    pub what: &'static str,
    pub package: &'static str,
    /// The command that builds it, without the package.
    pub command: &'static [&'static str],
    /// Which of its features are wanted.
    pub features: &'static [&'static str],
}

impl Build {
    /// The command, which builds the package in `source` into the folder `target`.
    ///
    /// # Errors
    /// When the compiler does not say which computer it is for.
    pub fn command(&self, source: &Path, target: &Path, toolchain: &Toolchain) -> Result<Command> {
        let mut cargo = toolchain.cargo_build(source, target);
        cargo
            .args(self.command)
            // Said here, no configuration of the user's says otherwise.
            .args(["--target", toolchain.host()?])
            .args(["--package", self.package])
            .args(self.features);
        Ok(cargo)
    }

    /// Builds it; `show` gets lines of progress.
    pub fn run(
        &self,
        source: &Path,
        target: &Path,
        toolchain: &Toolchain,
        show: &mut dyn FnMut(&str),
    ) -> Result<()> {
        fs::create_dir_all(target).with_context(|| format!("cannot make {}", target.display()))?;
        let crates = self.count_crates(source, target, toolchain)?;
        let mut progress = BuildProgress::new(self.what, crates);
        show(&progress.line(""));
        let mut cargo = self.command(source, target, toolchain)?;
        let (status, errors) = follow(
            cargo.arg("--message-format=json").stdin(Stdio::null()),
            |messages| {
                progress.follow(messages, &mut *show, |_| ());
            },
        )?;
        if !status.success() {
            bail!(
                "cannot build {} in {}:\n{}{errors}",
                self.what,
                source.display(),
                progress.complaints()
            );
        }
        Ok(())
    }

    /// About how many crates the build has; only the bar depends on it.
    fn count_crates(&self, source: &Path, target: &Path, toolchain: &Toolchain) -> Result<usize> {
        let output = toolchain
            .cargo_build(source, target)
            .args(["tree", "--package", self.package])
            .args(self.features)
            .args(["--prefix", "none", "--edges", "normal,build"])
            .stdin(Stdio::null())
            .output()
            .context("cannot start cargo")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let crates: HashSet<_> = text
            .lines()
            .map(|line| line.trim_end_matches(" (*)"))
            .collect();
        Ok(crates.len())
    }
}

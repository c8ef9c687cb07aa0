//! Runs a cargo build and shows its progress.

use super::follow::follow;
use super::progress::BuildProgress;
use super::toolchain::Toolchain;
use anyhow::{Context, Result, bail};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// A package for cargo to build.
pub struct Build {
    /// Its name in messages.
    pub what: &'static str,
    pub package: &'static str,
    /// cargo's arguments, without the package.
    pub command: &'static [&'static str],
    /// The flags that select its features.
    pub features: &'static [&'static str],
}

impl Build {
    /// Returns the command that builds the package in `source` into the directory `target`.
    ///
    /// # Errors
    /// When the compiler does not report its host.
    pub fn command(&self, source: &Path, target: &Path, toolchain: &Toolchain) -> Result<Command> {
        let mut cargo = toolchain.cargo_build(source, target);
        cargo
            .args(self.command)
            // Overrides the user's configuration.
            .args(["--target", toolchain.host()?])
            .args(["--package", self.package])
            .args(self.features);
        Ok(cargo)
    }

    /// Builds the package; `show` gets progress lines.
    pub fn run(
        &self,
        source: &Path,
        target: &Path,
        toolchain: &Toolchain,
        show: &mut dyn FnMut(&str),
    ) -> Result<()> {
        fs::create_dir_all(target)
            .with_context(|| format!("cannot create {}", target.display()))?;
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

    /// Returns roughly how many crates the build has, for the progress bar.
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

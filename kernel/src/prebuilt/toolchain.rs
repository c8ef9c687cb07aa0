//! The Rust toolchain that compiles cells.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Settings that the user's configuration must not change, because other notebooks use the same build. They are cargo's
/// defaults (The Cargo Book, "Profiles").
const PROFILE: [&str; 9] = [
    "opt-level=3",
    "debug=false",
    "strip=\"none\"",
    "debug-assertions=false",
    "overflow-checks=false",
    "lto=false",
    "panic=\"unwind\"",
    "incremental=false",
    "codegen-units=16",
];

/// rustc's flags for all crates. tokio reports its tasks only with `tokio_unstable`, see its documentation.
const RUSTFLAGS: [&str; 3] = ["-Cprefer-dynamic", "--cfg", "tokio_unstable"];

#[derive(Clone)]
pub struct Toolchain {
    sysroot: PathBuf,
    /// What `rustc -vV` prints: the version, the commit and the host.
    identity: String,
}

impl Toolchain {
    /// Finds the compiler on the PATH, through rustup if that is installed.
    pub fn find() -> Result<Toolchain> {
        Toolchain::of("rustc")
    }

    fn of(program: &str) -> Result<Toolchain> {
        let sysroot = PathBuf::from(ask(program, &["--print", "sysroot"])?.trim_end());
        let rustc = sysroot.join("bin/rustc");
        let identity = ask(
            rustc
                .to_str()
                .context("the path of the toolchain is not valid UTF-8")?,
            &["-vV"],
        )?;
        Ok(Toolchain { sysroot, identity })
    }

    /// Returns rustup's toolchain with a name such as `nightly`.
    pub fn named(name: &str) -> Result<Toolchain> {
        let rustc = ask("rustup", &["which", "--toolchain", name, "rustc"])?;
        Toolchain::of(rustc.trim_end())
    }

    pub fn sysroot(&self) -> &Path {
        &self.sysroot
    }

    pub fn rustc(&self) -> PathBuf {
        self.sysroot.join("bin/rustc")
    }

    pub fn cargo(&self) -> PathBuf {
        let beside = self.sysroot.join("bin/cargo");
        if beside.exists() {
            beside
        } else {
            PathBuf::from("cargo")
        }
    }

    /// Returns a cargo command without arguments, for the package in `source` and the existing directory `target`.
    /// Libraries that it builds share `std` with the cells. `target` is also the directory for temporary files, so that
    /// those of killed compilers stay in it.
    pub fn cargo_build(&self, source: &Path, target: &Path) -> Command {
        let mut cargo = Command::new(self.cargo());
        for setting in PROFILE {
            cargo.args(["--config", &format!("profile.release.{setting}")]);
        }
        cargo
            .current_dir(source)
            .env("RUSTC", self.rustc())
            .env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\x1f"))
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_BUILD_BUILD_DIR", target)
            .env("TMPDIR", target)
            // Empty, so that no configuration names one.
            .env("RUSTC_WRAPPER", "")
            .env("RUSTC_WORKSPACE_WRAPPER", "")
            .env_remove("CARGO_INCREMENTAL");
        cargo
    }

    /// Returns the directory below `target` into which `cargo build --release` for the host writes libraries.
    ///
    /// # Errors
    /// When the compiler does not report its host.
    pub fn release_folder(&self, target: &Path) -> Result<PathBuf> {
        Ok(target.join(self.host()?).join("release"))
    }

    /// Returns a text that differs whenever the libraries of two compilers could be incompatible.
    pub fn identity(&self) -> String {
        format!(
            "{}\n{}\n{}",
            self.sysroot.display(),
            self.identity,
            RUSTFLAGS.join(" ")
        )
    }

    pub fn host(&self) -> Result<&str> {
        self.identity
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .context("`rustc -vV` does not report a host")
    }

    /// Returns the directory of the standard library's source, which may not be installed. Distributions that have it
    /// elsewhere set `RUST_SRC_PATH`.
    pub fn library_source(&self) -> PathBuf {
        match std::env::var_os("RUST_SRC_PATH") {
            Some(path) => PathBuf::from(path),
            None => self.sysroot.join("lib/rustlib/src/rust/library"),
        }
    }

    /// Returns the values for `#[cfg]` on this host, one per line as in `rustc --print cfg`, including those that only
    /// the standard library may use.
    pub fn cfg(&self) -> Result<String> {
        let output = Command::new(self.rustc())
            .args(["--print", "cfg"])
            .env("RUSTC_BOOTSTRAP", "1")
            .output()
            .context("cannot start rustc")?;
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Returns the version, such as `1.95.0`.
    pub fn release(&self) -> Option<&str> {
        self.identity
            .lines()
            .find_map(|line| line.strip_prefix("release: "))
    }

    /// Returns the directory of the dynamic `libstd`.
    pub fn library_dir(&self) -> Result<PathBuf> {
        Ok(self
            .sysroot
            .join("lib/rustlib")
            .join(self.host()?)
            .join("lib"))
    }
}

/// Returns advice to add to an error of rustup that has no toolchain: it looks below the home directory, where a user of a
/// server has none.
pub fn rustup_advice(error: &str) -> &'static str {
    match error.contains("no default is configured") {
        true => {
            "; if Rust is installed for all users, set RUSTUP_HOME and CARGO_HOME to its directory where kernels start"
        }
        false => "",
    }
}

fn ask(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| {
            format!("cannot start {program}; install Rust from https://rustup.rs and try again")
        })?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{program} {} failed: {}{}",
            arguments.join(" "),
            stderr.trim_end(),
            rustup_advice(&stderr)
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Returns the file name of a dynamic library, such as `libthreadbook.so`.
pub fn dylib_name(name: &str) -> String {
    format!(
        "{}{name}{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    )
}

/// Returns whether a build depends on the file: a source, a manifest, or a file that a library includes.
pub fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["rs", "md", "toml", "mp4"]
            .iter()
            .any(|known| extension == *known)
    })
}

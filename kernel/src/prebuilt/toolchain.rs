//! The Rust compiler that cells are built with.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What no configuration of the user's may change: others use what is built. These are cargo's own defaults (The Cargo Book,
/// "Profiles").
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

/// rustc's flags for all crates. tokio tells of its tasks only with `tokio_unstable`, see its documentation.
const RUSTFLAGS: [&str; 3] = ["-Cprefer-dynamic", "--cfg", "tokio_unstable"];

pub struct Toolchain {
    sysroot: PathBuf,
    /// What `rustc -vV` prints: the version, the commit and the host.
    identity: String,
}

impl Toolchain {
    /// Finds the compiler on the PATH, through rustup where that is used.
    pub fn find() -> Result<Toolchain> {
        Toolchain::of("rustc")
    }

    fn of(program: &str) -> Result<Toolchain> {
        let sysroot = PathBuf::from(ask(program, &["--print", "sysroot"])?.trim_end());
        let rustc = sysroot.join("bin/rustc");
        let identity = ask(
            rustc
                .to_str()
                .context("a toolchain path that is no UTF-8")?,
            &["-vV"],
        )?;
        Ok(Toolchain { sysroot, identity })
    }

    /// The toolchain of rustup's that goes by a name such as `nightly`.
    pub fn named(name: &str) -> Result<Toolchain> {
        let rustc = ask("rustup", &["which", "--toolchain", name, "rustc"])?;
        Toolchain::of(rustc.trim_end())
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

    /// A cargo that builds the package in `source` into the folder `target`, for libraries that share `std` with the
    /// cells. Its arguments are still to be given. `target` must be there: what compilers leave when
    /// they are ended by force is left in it.
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

    /// Where `cargo build --release` for this computer leaves libraries, in the folder `target`.
    ///
    /// # Errors
    /// When the compiler does not say which computer it is for.
    pub fn release_folder(&self, target: &Path) -> Result<PathBuf> {
        Ok(target.join(self.host()?).join("release"))
    }

    /// Differs whenever two compilers could make libraries that do not fit together.
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
            .context("rustc -vV names no host")
    }

    /// The folder of the standard library's source, which may not be installed. Distributions
    /// that have it elsewhere set `RUST_SRC_PATH`.
    pub fn library_source(&self) -> PathBuf {
        match std::env::var_os("RUST_SRC_PATH") {
            Some(path) => PathBuf::from(path),
            None => self.sysroot.join("lib/rustlib/src/rust/library"),
        }
    }

    /// What `#[cfg]` can ask for on this computer, one a line as in `rustc --print cfg`, with
    /// what only the standard library may ask for.
    pub fn cfg(&self) -> Result<String> {
        let output = Command::new(self.rustc())
            .args(["--print", "cfg"])
            .env("RUSTC_BOOTSTRAP", "1")
            .output()
            .context("cannot start rustc")?;
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The version, such as `1.95.0`.
    pub fn release(&self) -> Option<&str> {
        self.identity
            .lines()
            .find_map(|line| line.strip_prefix("release: "))
    }

    /// The folder of the dynamic `libstd`.
    pub fn library_dir(&self) -> Result<PathBuf> {
        Ok(self
            .sysroot
            .join("lib/rustlib")
            .join(self.host()?)
            .join("lib"))
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
        bail!(
            "{program} {} failed: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The name of a dynamic library file, such as `libthreadbook.so`.
pub fn dylib_name(name: &str) -> String {
    format!(
        "{}{name}{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    )
}

/// Whether `path` is the name of a file that a build depends on: a source, a manifest, or what is included in a library.
pub fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["rs", "md", "toml", "mp4"]
            .iter()
            .any(|known| extension == *known)
    })
}

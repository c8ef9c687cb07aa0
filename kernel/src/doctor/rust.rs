//! Checks the Rust compiler and what it needs.

use std::path::Path;

use super::finding::Finding;
use super::program;
use crate::prebuilt::rustup_advice;

/// The oldest version that compiles cells and the helper crate.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

/// Checks for cargo, rustc, the source of the standard library, and the linker.
pub async fn examine() -> (Finding, Finding, Finding, Finding) {
    let (cargo, rustc, sysroot, rustup, linker) = tokio::join!(
        program::ask("cargo", &["--version"]),
        program::ask("rustc", &["--version"]),
        program::ask("rustc", &["--print", "sysroot"]),
        program::ask("rustup", &["--version"]),
        linker(),
    );
    let installer = Installer::of(rustup.is_ok());
    let missing = |name, reason: String| {
        let help = installer.install(&reason);
        let advice = rustup_advice(&reason);
        Finding::missing(name, reason + advice, help)
    };
    let cargo = match cargo {
        Ok(version) => Finding::there("cargo", version),
        Err(reason) => missing("cargo", reason),
    };
    let rustc = match rustc {
        Ok(version) if is_new_enough(&version) => Finding::there("rustc", version),
        Ok(version) => Finding::missing(
            "rustc",
            format!("{version} is too old; {OLDEST} or later is needed"),
            installer.update(),
        ),
        Err(reason) => missing("rustc", reason),
    };
    let source = match sysroot.map(|sysroot| source_in(Path::new(&sysroot))) {
        Ok((path, true)) => Finding::there("rust-src", path),
        Ok((path, false)) => Finding::missing(
            "rust-src",
            format!("{path} does not exist; needed for completion and tooltips"),
            installer.source(),
        ),
        Err(reason) => missing("rust-src", reason),
    };
    (cargo, rustc, source.optional(), linker)
}

/// Returns the path of the standard library's source, and whether it exists.
fn source_in(sysroot: &Path) -> (String, bool) {
    let path = sysroot.join("lib/rustlib/src/rust/library");
    let is_there = path.join("std/src/lib.rs").is_file();
    (path.display().to_string(), is_there)
}

/// Compares a version such as `rustc 1.95.0 (…)` with [`OLDEST`], such as `1.95`.
fn is_new_enough(version: &str) -> bool {
    let numbers = |text: &str| -> Option<(u32, u32)> {
        let mut parts = text.split(['.', '-']);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    let own = version.split(' ').nth(1).and_then(numbers);
    own.is_some() && own >= numbers(OLDEST)
}

const INSTALL_RUSTUP: &str = "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh";

/// Returns the toolchain that rustup says is not installed, which a project or a variable asks for.
fn toolchain_in(reason: &str) -> Option<&str> {
    let (_, rest) = reason.split_once("toolchain '")?;
    let (name, rest) = rest.split_once('\'')?;
    rest.starts_with(" is not installed").then_some(name)
}

/// The installer of the compiler on this machine.
enum Installer {
    Rustup { is_there: bool },
    Conda,
}

impl Installer {
    fn of(has_rustup: bool) -> Self {
        if !has_rustup && std::env::var_os("CONDA_PREFIX").is_some() {
            return Self::Conda;
        }
        Self::Rustup {
            is_there: has_rustup,
        }
    }

    /// Returns the command that installs what is missing for the `reason` that a program gives.
    fn install(&self, reason: &str) -> String {
        match self {
            Self::Conda => "conda install -c conda-forge rust".to_owned(),
            Self::Rustup { is_there: true } => match toolchain_in(reason) {
                Some(toolchain) => format!("rustup toolchain install {toolchain}"),
                None => "rustup default stable".to_owned(),
            },
            Self::Rustup { is_there: false } => INSTALL_RUSTUP.to_owned(),
        }
    }

    fn update(&self) -> &'static str {
        match self {
            Self::Conda => "conda update -c conda-forge rust",
            Self::Rustup { is_there: true } => "rustup update stable",
            Self::Rustup { is_there: false } => INSTALL_RUSTUP,
        }
    }

    fn source(&self) -> &'static str {
        match self {
            Self::Conda => "conda install -c conda-forge rust-src",
            Self::Rustup { is_there: true } => "rustup component add rust-src",
            Self::Rustup { is_there: false } => INSTALL_RUSTUP,
        }
    }
}

/// Checks that `cc`, with which rustc links, can link a program: it may be there without a C library.
async fn linker() -> Finding {
    let failed = |reason: String| Finding::missing("C linker", reason, install_linker());
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => {
            return failed(format!(
                "cannot create a temporary directory to test it in: {error}"
            ));
        }
    };
    let program = folder.path().join("program");
    let arguments = ["-x", "c", "-", "-o", &program.to_string_lossy()];
    match program::feed("cc", &arguments, "int main(void) { return 0; }\n").await {
        Err(reason) => failed(reason),
        Ok(_) => match program::ask("cc", &["--version"]).await {
            Ok(version) => Finding::there("C linker", first_line(&version)),
            Err(_) => Finding::there("C linker", "cc"),
        },
    }
}

fn install_linker() -> &'static str {
    if cfg!(target_os = "macos") {
        return "xcode-select --install";
    }
    if std::env::var_os("CONDA_PREFIX").is_some() {
        return "conda install -c conda-forge gcc";
    }
    // os-release(5): `ID` and `ID_LIKE` name the distribution and those it derives from.
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    linker_of(&system)
}

fn linker_of(os_release: &str) -> &'static str {
    let names: Vec<&str> = os_release
        .lines()
        .filter_map(|line| {
            line.strip_prefix("ID=")
                .or_else(|| line.strip_prefix("ID_LIKE="))
        })
        .flat_map(|value| value.trim_matches('"').split(' '))
        .collect();
    let managers = [
        ("debian", "sudo apt-get install gcc libc6-dev"),
        ("ubuntu", "sudo apt-get install gcc libc6-dev"),
        ("fedora", "sudo dnf install gcc"),
        ("rhel", "sudo dnf install gcc"),
        ("arch", "sudo pacman -S gcc"),
        ("suse", "sudo zypper install gcc"),
        ("opensuse", "sudo zypper install gcc"),
    ];
    let known = managers.iter().find(|(name, _)| names.contains(name));
    known.map_or(
        "install gcc with your system's package manager",
        |(_, command)| command,
    )
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        for (version, expected) in [
            ("rustc 1.95.0 (abc 2026-01-01)", true),
            ("rustc 1.100.0-nightly (abc)", true),
            ("rustc 2.0.0", true),
            ("rustc 1.94.1", false),
            ("rustc 1.9.0", false),
            ("rustc", false),
            ("", false),
        ] {
            assert_eq!(is_new_enough(version), expected, "{version}");
        }
    }

    #[test]
    fn the_advice_fits_what_is_missing() {
        let rustup = Installer::Rustup { is_there: true };
        for (reason, advice) in [
            (
                "`rustc --version` failed: toolchain 'nightly-x86_64-unknown-linux-gnu' is not installed",
                "rustup toolchain install nightly-x86_64-unknown-linux-gnu",
            ),
            (
                "`rustc --version` failed: rustup could not choose a version of rustc to run, because one wasn't specified \
                 explicitly, and no default is configured.",
                "rustup default stable",
            ),
        ] {
            assert_eq!(rustup.install(reason), advice);
        }
        let nothing = Installer::Rustup { is_there: false };
        assert!(nothing.install("no program `rustc`").starts_with("curl "));
    }

    #[test]
    fn the_linker_comes_from_the_system() {
        for (release, word) in [
            ("NAME=\"Debian\"\nID=debian\n", "apt-get"),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "apt-get"),
            ("ID=fedora", "dnf"),
            ("ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"", "zypper"),
            ("ID=unheard-of", "package manager"),
            ("", "package manager"),
        ] {
            assert!(linker_of(release).contains(word), "{release}");
        }
    }
}

//! Builds the library of a notebook's crates: cargo compiles the crates, and rustc links them into one library.

use super::dependencies::Dependencies;
use super::library::Description;
use super::manifest::manifest;
use super::quota::mark_used;
use super::request::Request;
use super::resolve::{Package, Resolved, complaint, resolve};
use crate::prebuilt::{BuildProgress, Lock, Toolchain, dylib_name, follow, seed};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::env::consts::DLL_SUFFIX;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The full compiler output; the error shows only the first error in it.
const LOG: &str = "build.log";

/// Builds the library in `folder`, whose lock `turn` this process holds. `show` gets progress lines.
///
/// # Errors
/// The first error of cargo or rustc, and the path of the log with the others.
pub fn build(
    request: &Request,
    folder: &Path,
    turn: &Lock,
    toolchain: &Toolchain,
    show: &mut dyn FnMut(&str),
) -> Result<Description> {
    let target = folder.join("target");
    fs::create_dir_all(&target).with_context(|| format!("cannot create {}", target.display()))?;
    fs::write(folder.join("Cargo.toml"), manifest(request.dependencies))?;
    fs::write(folder.join("lib.rs"), "")?;
    begin_with_base(request, folder, &target)?;
    show("Resolving crates");
    let resolved = resolve(folder, &target, toolchain, request.offline)?;
    let Compiled { libraries, has_c } = compile(folder, &target, turn, toolchain, &resolved, show)?;
    let mut externs = Vec::new();
    for Package { name, id, .. } in &resolved.named {
        let library = libraries
            .get(id)
            .with_context(|| format!("the crate `{name}` has no library, only programs"))?;
        externs.push((name.clone(), library.clone()));
    }
    let folders = libraries.values().filter_map(|file| file.parent());
    let folders: BTreeSet<PathBuf> = folders.map(Path::to_owned).collect();
    let name = link(request, folder, &externs, &folders, has_c, toolchain)?;
    Ok(Description {
        name,
        externs,
        folders: folders.into_iter().collect(),
        crates: resolved.crates,
        named: resolved.named,
    })
}

/// Copies the build output and Cargo.lock of the earlier libraries, so that their crates are not compiled again and
/// keep their versions. Without earlier libraries, uses the cached library that has most of the crates.
fn begin_with_base(request: &Request, folder: &Path, target: &Path) -> Result<()> {
    let nearest = match (request.base, request.helper) {
        (None, None) => nearest(folder, request.dependencies),
        _ => None,
    };
    let (before, lock) = match (request.base, request.helper, &nearest) {
        (Some(base), ..) => (base.folder().join("target"), base.folder()),
        (None, Some(helper), _) => (helper.target().to_owned(), helper.source()),
        (None, None, Some((nearest, _))) => (nearest.join("target"), nearest.as_path()),
        (None, None, None) => return Ok(()),
    };
    seed(&before, target)?;
    let lock = lock.join("Cargo.lock");
    if lock.exists() {
        fs::copy(lock, folder.join("Cargo.lock"))?;
    }
    Ok(())
}

/// Returns the finished library next to `folder` that has most of the crates, if one has any, and the file whose lock
/// keeps it from being removed.
fn nearest(folder: &Path, dependencies: &Dependencies) -> Option<(PathBuf, File)> {
    let entries = fs::read_dir(folder.parent()?).ok()?.flatten();
    let shared = |folder: &Path| {
        let externs = Description::read(folder).map(|description| description.externs);
        let externs = externs.into_iter().flatten();
        externs.filter(|(name, _)| dependencies.has(name)).count()
    };
    let libraries = entries
        .map(|entry| entry.path())
        .map(|path| (shared(&path), path));
    let (_, nearest) = libraries.filter(|(shared, _)| *shared > 0).max()?;
    let in_use = mark_used(&nearest).ok()?;
    let is_whole = nearest.join("target").is_dir() && nearest.join("Cargo.lock").is_file();
    is_whole.then_some((nearest, in_use))
}

/// The result of cargo's build.
#[derive(Default)]
struct Compiled {
    /// The library of each package.
    libraries: HashMap<String, PathBuf>,
    /// Whether some contain native libraries, which are not written in Rust.
    has_c: bool,
}

/// Compiles all crates with cargo.
fn compile(
    folder: &Path,
    target: &Path,
    turn: &Lock,
    toolchain: &Toolchain,
    resolved: &Resolved,
    show: &mut dyn FnMut(&str),
) -> Result<Compiled> {
    let mut cargo = toolchain.cargo_build(folder, target);
    cargo.args([
        "build",
        "--release",
        "--offline",
        "--target",
        toolchain.host()?,
    ]);
    cargo.arg("--message-format=json").stdin(turn.shared()?);
    let mut progress = BuildProgress::new("crates", resolved.crates.len());
    show(&progress.line(""));
    let mut compiled = Compiled::default();
    let (status, stderr) = follow(&mut cargo, |messages| {
        progress.follow(messages, &mut *show, |message| {
            compiled.libraries.extend(library(message));
            let libraries = message["linked_libs"].as_array();
            compiled.has_c |= libraries.is_some_and(|libraries| !libraries.is_empty());
        });
    })?;
    if !status.success() {
        let log = folder.join(LOG);
        fs::write(&log, format!("{}{stderr}", progress.complaints()))?;
        let first = match first_error(progress.complaints()) {
            Some(error) => error,
            None => complaint(&stderr),
        };
        bail!(
            "cannot build the crates: {first}\nfull compiler output: {}",
            log.display()
        );
    }
    Ok(compiled)
}

/// Returns the package and the file of a finished library in a message of cargo.
fn library(message: &Value) -> Option<(String, PathBuf)> {
    let files = message["filenames"]
        .as_array()?
        .iter()
        .filter_map(Value::as_str);
    let is_library = |file: &&str| file.ends_with(".rlib") || file.ends_with(DLL_SUFFIX);
    let files: Vec<&str> = files.filter(is_library).collect();
    // A crate that produces both is linked as an rlib.
    let file = files
        .iter()
        .find(|file| file.ends_with(".rlib"))
        .or(files.first())?;
    Some((
        message["package_id"].as_str()?.to_owned(),
        PathBuf::from(file),
    ))
}

/// Returns the first error in rendered messages, without the warnings before it. Truncates long lines, such as a
/// linker's arguments.
fn first_error(complaints: &str) -> Option<String> {
    const LINES: usize = 15;
    const WIDTH: usize = 200;
    let start = complaints
        .lines()
        .position(|line| line.starts_with("error"))?;
    let lines = complaints
        .lines()
        .skip(start)
        .take_while(|line| !line.trim().is_empty());
    let lines = lines
        .take(LINES)
        .map(|line| match line.char_indices().nth(WIDTH) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line.to_owned(),
        });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// Links all crates that are not in an earlier library into one library; returns its crate name.
fn link(
    request: &Request,
    folder: &Path,
    externs: &[(String, PathBuf)],
    folders: &BTreeSet<PathBuf>,
    has_c: bool,
    toolchain: &Toolchain,
) -> Result<String> {
    let key = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let name = format!("threadbook_{}", key.replace('-', "_"));
    let mut source = String::new();
    for before in request.libraries_before() {
        source.push_str(&format!("extern crate {before} as _;\n"));
    }
    let is_macro = |file: &Path| {
        file.extension()
            .is_some_and(|extension| extension != "rlib")
    };
    for (extern_name, _) in externs.iter().filter(|(_, file)| !is_macro(file)) {
        source.push_str(&format!("pub extern crate {};\n", raw(extern_name)));
    }
    fs::write(folder.join("crates.rs"), source)?;
    let building = tempfile::tempdir_in(folder)?;
    let file = dylib_name(&name);
    let mut rustc = Command::new(toolchain.rustc());
    if has_c {
        rustc.arg(format!("-Clinker={}", exporting_linker(folder)?.display()));
    }
    let output = rustc
        .args([
            "--edition=2024",
            "--crate-name",
            &name,
            "--crate-type=dylib",
        ])
        .args(["-Cprefer-dynamic", "-Copt-level=3", "--cap-lints=allow"])
        .args(
            externs
                .iter()
                .map(|(name, file)| format!("--extern={name}={}", file.display())),
        )
        .args(
            folders
                .iter()
                .map(|folder| format!("-Ldependency={}", folder.display())),
        )
        .args(request.flags_before())
        .arg("-o")
        .arg(building.path().join(&file))
        .arg("crates.rs")
        .current_dir(folder)
        .output()
        .context("cannot start rustc")?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let log = folder.join(LOG);
        fs::write(&log, stderr.as_bytes())?;
        let first = first_error(&stderr).unwrap_or_default();
        bail!(
            "cannot link the crates into one library: {first}\nfull compiler output: {}",
            log.display()
        );
    }
    fs::rename(building.path().join(&file), folder.join(&file))?;
    Ok(name)
}

/// Creates a linker that also exports C symbols. rustc exports only Rust symbols, but code inlined into cells may call
/// C.
fn exporting_linker(folder: &Path) -> Result<PathBuf> {
    let script = folder.join("linker.sh");
    fs::write(&script, LINKER)?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700))?;
    Ok(script)
}

/// Removes from rustc's version script the `local:` that hides all other symbols (ld(1), "VERSION").
const LINKER: &str = "#!/bin/sh
for argument; do
    case $argument in
    -Wl,--version-script=*) sed -i 's/local:/global:/' \"${argument#-Wl,--version-script=}\" ;;
    esac
done
exec cc \"$@\"
";

/// Returns the name as a raw identifier if it is a keyword.
fn raw(name: &str) -> String {
    if is_keyword(name) {
        format!("r#{name}")
    } else {
        name.to_owned()
    }
}

fn is_keyword(name: &str) -> bool {
    ra_ap_parser::SyntaxKind::from_keyword(name, ra_ap_parser::Edition::CURRENT).is_some()
}

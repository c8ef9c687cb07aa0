//! Packs the source of the helper crate and of its network library into the program, so that notebooks need nothing else.
//!
//! The archive depends on the content of the files alone: the same source gives the same archive.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tar::{Builder, Header};
use toml::{Table, Value};

/// The directories with the source, relative to the project.
const FOLDERS: [&str; 2] = ["src", "network"];

/// The extensions of the files that a build of the helper needs.
const EXTENSIONS: [&str; 3] = ["rs", "toml", "mp4"];

/// The permissions of each file.
const MODE: u32 = 0o644;

fn main() -> Result<(), Box<dyn Error>> {
    let kernel = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let project = kernel
        .parent()
        .ok_or("the kernel has no directory above it")?;
    for name in ["Cargo.toml", "Cargo.lock"].iter().chain(&FOLDERS) {
        let path = project.join(name);
        if !path.exists() {
            let path = path.display();
            return Err(format!("{path} is missing: the kernel contains the helper crate's source, so build it from the whole project").into());
        }
        println!("cargo::rerun-if-changed={}", path.display());
    }
    let archive = fs::File::create(PathBuf::from(env::var("OUT_DIR")?).join("helper.tar.gz"))?;
    let mut archive = Builder::new(GzEncoder::new(archive, Compression::best()));
    let manifest = fs::read_to_string(project.join("Cargo.toml"))?;
    append(
        &mut archive,
        "Cargo.toml",
        standalone(&manifest)?.as_bytes(),
    )?;
    append(
        &mut archive,
        "Cargo.lock",
        &fs::read(project.join("Cargo.lock"))?,
    )?;
    for folder in FOLDERS {
        for file in sources(&project.join(folder))? {
            append(&mut archive, file.strip_prefix(project)?, &fs::read(&file)?)?;
        }
    }
    archive.into_inner()?.finish()?;
    Ok(())
}

/// Returns the manifest of the helper without what is not in the archive: the kernel, tests and benchmarks.
fn standalone(manifest: &str) -> Result<String, Box<dyn Error>> {
    let mut manifest: Table = manifest.parse()?;
    for key in ["dev-dependencies", "profile", "test", "bench"] {
        manifest.remove(key);
    }
    let workspace = manifest.get_mut("workspace").and_then(Value::as_table_mut);
    let workspace = workspace.ok_or("the project is not a workspace")?;
    for key in ["default-members", "exclude"] {
        workspace.remove(key);
    }
    let network = Value::String("network".to_owned());
    workspace.insert("members".to_owned(), Value::Array(vec![network]));
    Ok(manifest.to_string())
}

/// Returns the source files below a directory, in order.
fn sources(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        entries.push(entry?.path());
    }
    entries.sort();
    let mut files = Vec::new();
    for path in entries {
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) {
            files.push(path);
        }
    }
    Ok(files)
}

fn append(
    archive: &mut Builder<impl io::Write>,
    path: impl AsRef<Path>,
    content: &[u8],
) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(MODE);
    header.set_mtime(0);
    archive.append_data(&mut header, path, content)
}

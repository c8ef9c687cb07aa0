//! The shared cache: a directory that an administrator or a teacher fills for all users of a machine, who only read it.

use super::archive::embedded_key;
use super::toolchain::Toolchain;
use super::trust::check_trust;
use super::write::write_atomically;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The variable with the directory of the shared cache; empty if none is to be used.
pub const SHARED_VAR: &str = "THREADBOOK_SHARED_CACHE";

/// The directory without that variable (Filesystem Hierarchy Standard 3.0, "/var/cache").
pub const SYSTEM_FOLDER: &str = "/var/cache/threadbook";

/// The file that says what the cache was prepared for. It is written last: without it the cache is not used.
const RECORD: &str = "prepared.json";

/// A directory that is configured as the shared cache.
pub struct SharedCache {
    root: PathBuf,
    /// What it was prepared for, or why it cannot be used.
    state: Result<Record>,
}

/// What a shared cache was prepared for.
#[derive(Serialize, Deserialize)]
struct Record {
    /// Its directory, whose path the libraries in it contain.
    folder: PathBuf,
    /// The version of the program.
    version: String,
    /// The key of the helper crate's source.
    source: String,
    /// The compiler's identity.
    compiler: String,
}

impl SharedCache {
    /// Returns the directory in [`SHARED_VAR`], or else [`SYSTEM_FOLDER`] if that exists.
    pub fn find() -> Option<SharedCache> {
        let named = std::env::var_os(SHARED_VAR).map(PathBuf::from);
        let is_named = named.is_some();
        let root = named.unwrap_or_else(|| PathBuf::from(SYSTEM_FOLDER));
        let is_wanted = !root.as_os_str().is_empty() && (is_named || root.exists());
        is_wanted.then(|| SharedCache::at(&root))
    }

    fn at(root: &Path) -> SharedCache {
        let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        SharedCache {
            state: Record::read(&real),
            root: real,
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns whether kernels use it. What does not fit their compiler or program is not found in it.
    pub fn is_usable(&self) -> bool {
        self.state.is_ok()
    }

    /// Returns why kernels with this compiler do not find in it what they need, and what to do.
    pub fn problem(&self, toolchain: &Toolchain) -> Option<String> {
        let root = self.root.display();
        let again = format!("prepare it again: `threadbook prepare --dir {root}`");
        let record = match &self.state {
            Ok(record) => record,
            Err(error) => return Some(format!("the shared cache is not used: {error:#}")),
        };
        let version = env!("CARGO_PKG_VERSION");
        if record.version != version || record.source != embedded_key() {
            let other = match record.version == version {
                true => format!("another build of threadbook {version}"),
                false => format!("threadbook {}", record.version),
            };
            return Some(format!(
                "the shared cache {root} is of {other}, not of this program; {again}"
            ));
        }
        let compiler = toolchain.identity();
        (record.compiler != compiler).then(|| {
            format!(
                "the shared cache {root} is for {}, but the compiler is {}; {again}",
                first_lines(&record.compiler),
                first_lines(&compiler)
            )
        })
    }
}

impl Record {
    fn read(root: &Path) -> Result<Record> {
        let shown = root.display();
        let advice = || format!("run `threadbook prepare --dir {shown}`");
        if !root.exists() {
            bail!("{shown} does not exist; {}", advice());
        }
        check_trust(root)?;
        let text = fs::read(root.join(RECORD))
            .with_context(|| format!("{shown} is not completely prepared; {}", advice()))?;
        let record: Record = serde_json::from_slice(&text).with_context(|| {
            format!(
                "{shown} was prepared by another version of threadbook; {}",
                advice()
            )
        })?;
        if record.folder != root {
            let before = record.folder.display();
            bail!(
                "{shown} was prepared as {before}, whose path it contains; {}",
                advice()
            );
        }
        Ok(record)
    }
}

/// Returns the sysroot and the version in a compiler's identity.
fn first_lines(identity: &str) -> String {
    identity.lines().take(2).collect::<Vec<_>>().join(", ")
}

/// Declares the directory prepared, and lets all users read it.
///
/// # Errors
/// When the permissions cannot be changed, or the directory is not to be trusted.
pub fn publish(root: &Path, toolchain: &Toolchain) -> Result<()> {
    let record = Record {
        folder: root.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        source: embedded_key().to_owned(),
        compiler: toolchain.identity(),
    };
    let path = root.join(RECORD);
    write_atomically(&path, &serde_json::to_vec_pretty(&record)?)?;
    let published = make_readable(root).and_then(|()| check_trust(root));
    if published.is_err() {
        // Nobody uses it then.
        let _ = fs::remove_file(path);
    }
    published
}

/// Lets all users read the directory and what is in it, and lets no one but the owner write.
fn make_readable(path: &Path) -> Result<()> {
    let about = path.symlink_metadata()?;
    if about.is_symlink() {
        return Ok(());
    }
    let mode = about.permissions().mode() & 0o7777;
    let executable = if about.is_dir() || mode & 0o100 != 0 {
        0o111
    } else {
        0
    };
    let wanted = mode & !0o022 | 0o444 | executable;
    if wanted != mode {
        fs::set_permissions(path, Permissions::from_mode(wanted))
            .with_context(|| format!("cannot change the permissions of {}", path.display()))?;
    }
    if about.is_dir() {
        for entry in fs::read_dir(path)? {
            make_readable(&entry?.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_is_used_where_it_was_prepared() {
        let parent = tempfile::tempdir().unwrap();
        let parent = parent.path().canonicalize().unwrap();
        let [root, moved] = ["cache", "moved"].map(|name| parent.join(name));
        fs::create_dir(&root).unwrap();
        let toolchain = Toolchain::find().unwrap();
        let problem = |root: &Path| {
            SharedCache::at(root)
                .problem(&toolchain)
                .unwrap_or_default()
        };
        assert!(problem(&root).contains("not completely prepared"));
        let private = root.join("private");
        fs::write(&private, "").unwrap();
        fs::set_permissions(&private, Permissions::from_mode(0o600)).unwrap();
        publish(&root, &toolchain).unwrap();
        assert_eq!(problem(&root), "");
        let mode = private.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
        fs::rename(&root, &moved).unwrap();
        assert!(problem(&moved).contains("was prepared as"));
        assert!(problem(&root).contains("does not exist"));
        assert!(!SharedCache::at(&moved).is_usable());
    }

    #[test]
    fn another_compiler_or_program_is_told() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let toolchain = Toolchain::find().unwrap();
        publish(&root, &toolchain).unwrap();
        let text = fs::read_to_string(root.join(RECORD)).unwrap();
        let record: Record = serde_json::from_str(&text).unwrap();
        for (from, to, part) in [
            (&*record.source, "other", "another build of threadbook"),
            (
                &*record.compiler.replace('\n', "\\n"),
                "/opt/rust\\nrustc 1.0.0",
                "/opt/rust, rustc 1.0.0",
            ),
        ] {
            assert!(text.contains(from), "{text}");
            fs::write(root.join(RECORD), text.replace(from, to)).unwrap();
            let cache = SharedCache::at(&root);
            let problem = cache.problem(&toolchain).unwrap();
            assert!(problem.contains(part) && cache.is_usable(), "{problem}");
        }
    }
}

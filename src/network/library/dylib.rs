//! The network library as a file in the directory of this one.
//!
//! Threadbook's kernel builds it in the background, once. While it does, it holds a lock on the file `network.lock`
//! there. If there is no library afterwards, `network.log` says why.

use std::env;
use std::ffi::{CStr, CString, OsStr, c_void};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use threadbook_network::interface::{Functions, GetFunctions, Kind, SYMBOL, VERSION};

use crate::network::failure::Failure;

/// The environment variable that names a library to use instead.
const LIBRARY_VAR: &str = "THREADBOOK_NETWORK_LIBRARY";

/// Loads the library. Waits for it if it is being built.
pub(super) fn functions() -> Result<&'static Functions, Failure> {
    let path = match env::var_os(LIBRARY_VAR) {
        Some(path) => path.into(),
        None => {
            let folder = own_directory()?;
            let name = format!(
                "{}threadbook_network{}",
                env::consts::DLL_PREFIX,
                env::consts::DLL_SUFFIX
            );
            let path = folder.join(name);
            if !path.exists() {
                wait_for_build(&path, &folder)?;
            }
            path
        }
    };
    let functions = load(&path)?;
    if functions.version == VERSION {
        Ok(functions)
    } else {
        Err(failure(format!(
            "{} belongs to another version of this crate",
            path.display()
        )))
    }
}

/// Returns the directory of the file that contains this code.
fn own_directory() -> Result<PathBuf, Failure> {
    let mut found = libc::Dl_info {
        dli_fname: std::ptr::null(),
        dli_fbase: std::ptr::null_mut(),
        dli_sname: std::ptr::null(),
        dli_saddr: std::ptr::null_mut(),
    };
    let here: fn() -> Result<PathBuf, Failure> = own_directory;
    // SAFETY: dladdr takes any address, and fills in the structure if it knows it.
    let known = unsafe { libc::dladdr(here as *const c_void, &raw mut found) } != 0;
    if !known || found.dli_fname.is_null() {
        return Err(failure("cannot find the path of this program".to_owned()));
    }
    // SAFETY: the name is that of a loaded library, which stays loaded as long as this code.
    let file = unsafe { CStr::from_ptr(found.dli_fname) };
    let file = Path::new(OsStr::from_bytes(file.to_bytes()));
    Ok(file.parent().unwrap_or(file).to_owned())
}

/// Waits until no one builds the library `path` any more.
fn wait_for_build(path: &Path, folder: &Path) -> Result<(), Failure> {
    let lock = File::open(folder.join("network.lock")).map_err(|_| {
        failure(format!(
            "{} does not exist, and the crate `threadbook` was built without its feature `network`",
            path.display()
        ))
    })?;
    if lock.try_lock().is_err() {
        let note = b"Building the network library. This happens once and takes about a minute.\n";
        // A stream that no one reads is no reason to fail.
        let _ = io::stderr().write_all(note);
        lock.lock()
            .map_err(|error| failure(format!("cannot wait for the network library: {error}")))?;
    }
    if path.exists() {
        return Ok(());
    }
    let log = fs::read_to_string(folder.join("network.log")).unwrap_or_default();
    Err(failure(format!(
        "cannot build the network library; run the notebook's first cell again to retry. Cargo's output:\n{log}"
    )))
}

fn load(path: &Path) -> Result<&'static Functions, Failure> {
    let name = CString::new(path.as_os_str().as_bytes())
        .map_err(|_| failure(format!("{} is not a valid path", path.display())))?;
    let symbol =
        CString::new(SYMBOL).map_err(|_| failure("a symbol with a NUL byte".to_owned()))?;
    // SAFETY: both strings are NUL-terminated. The library is this crate's own; loading it runs only std's
    // initialisers. It is never unloaded.
    let address = unsafe {
        let library = libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        if library.is_null() {
            return Err(cannot_load(path));
        }
        libc::dlsym(library, symbol.as_ptr())
    };
    if address.is_null() {
        return Err(cannot_load(path));
    }
    // SAFETY: the library exports such a function under this name.
    let get = unsafe { std::mem::transmute::<*mut c_void, GetFunctions>(address) };
    Ok(get())
}

/// Returns the error of the last dlopen or dlsym.
fn cannot_load(path: &Path) -> Failure {
    // SAFETY: dlerror returns null or a string that lives until the next such call of this thread.
    let reason = unsafe {
        let text = libc::dlerror();
        if text.is_null() {
            c"no reason was given"
        } else {
            CStr::from_ptr(text)
        }
    };
    failure(format!(
        "cannot load the network library {}: {}; run the notebook's first cell again to build it",
        path.display(),
        reason.to_string_lossy()
    ))
}

fn failure(message: String) -> Failure {
    Failure {
        kind: Kind::Internal,
        message,
    }
}

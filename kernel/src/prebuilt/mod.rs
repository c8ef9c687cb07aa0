//! Build products in the user's cache directory, or in the shared one of the machine: the helper crate with its network
//! library, the std bridge, the stub of the standard library's source, and compiled cells.

mod archive;
mod build;
mod cache;
mod compile_once;
mod embedded;
mod follow;
mod helper;
mod key;
mod network;
mod progress;
mod seed;
mod shared;
mod std_bridge;
mod std_stub;
mod store;
mod toolchain;
mod trust;
mod working_folder;
mod write;

pub use archive::embedded_key;
pub use cache::{Cache, Lock, temporary_root, user_root};
pub use compile_once::compile_once;
pub use embedded::embedded_file;
pub use follow::follow;
pub use helper::{Helper, HelperSource, OLD_TAGS};
pub use key::Key;
pub use progress::{BuildProgress, line as progress_line};
pub use seed::seed;
pub use shared::{SHARED_VAR, SYSTEM_FOLDER, SharedCache, publish};
pub use std_bridge::std_bridge;
pub use std_stub::std_stub;
pub use store::Store;
pub use toolchain::{Toolchain, dylib_name, rustup_advice};
pub use trust::check_trust;
pub use working_folder::WorkingFolder;
pub use write::write_atomically;

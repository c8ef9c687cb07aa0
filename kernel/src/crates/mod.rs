//! The crates that a notebook asks for with `:dep`: built once per user, as one dynamic library.
//!
//! [`dependencies`] holds the crates of the `:dep` lines, and [`lookup`] finds their library in the cache or has cargo
//! [`build`] it. Cells link with that library, so they contain none of its code, and its statics exist once. Crates
//! that a notebook asks for later form another library, which uses the earlier ones.

mod build;
mod build_lock;
mod dependencies;
mod dependency;
mod helper_request;
mod library;
mod lookup;
mod manifest;
mod notebook;
mod quota;
mod request;
mod resolve;

pub use dependency::Dependency;
pub use helper_request::{HelperRequest, names_helper};
pub use library::CrateLibrary;
pub use notebook::NotebookCrates;
pub use quota::Quota;

//! The crates that a notebook asks for with `:dep`: built once for a user, as one dynamic library.
//!
//! [`dependencies`] are read from the lines, [`lookup`] finds what was built for them before or has cargo [`build`] it, and cells
//! are linked with that library: whatever is in it, they have none of its code, and its statics exist once. Crates that a notebook
//! asks for later are a library of their own, which uses those before it.

mod build;
mod build_lock;
mod dependencies;
mod dependency;
mod library;
mod lookup;
mod manifest;
mod notebook;
mod quota;
mod request;
mod resolve;

pub use dependency::Dependency;
pub use library::CrateLibrary;
pub use notebook::NotebookCrates;
pub use quota::Quota;

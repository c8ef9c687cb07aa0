//! The archive with the helper crate's source, which this program contains (`build.rs`).

use super::key::Key;
use std::sync::LazyLock;

pub const ARCHIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/helper.tar.gz"));

static KEY: LazyLock<String> = LazyLock::new(|| Key::from_iter([ARCHIVE]).end());

/// Returns a text that differs whenever the source does.
pub fn embedded_key() -> &'static str {
    &KEY
}

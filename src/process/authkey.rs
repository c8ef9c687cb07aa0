//! The key that all processes of a program have in common.

use std::sync::OnceLock;

use rand::RngCore;

/// Created before the first fork, so that all processes have the same.
static KEY: OnceLock<[u8; 32]> = OnceLock::new();

/// Creates the key, unless it exists; the caller is the main process, or has inherited it.
pub(super) fn share() -> &'static [u8; 32] {
    KEY.get_or_init(|| {
        let mut key = [0; 32];
        rand::rng().fill_bytes(&mut key);
        key
    })
}

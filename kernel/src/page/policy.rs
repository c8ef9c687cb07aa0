//! What a page may do and load: the second wall, behind the cleaning.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The Content Security Policy of a page with this script. Nothing is loaded, nothing is sent, and no other script runs.
///
/// With `trust`, scripts run and may load what they need, by HTTPS.
pub fn content_security_policy(script: &str, trust: bool) -> String {
    if trust {
        return "default-src https: data: blob: 'unsafe-inline' 'unsafe-eval'; object-src 'none'; \
                base-uri 'none'; form-action 'none'"
            .to_owned();
    }
    let hash = STANDARD.encode(Sha256::digest(script));
    format!(
        "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; \
         script-src 'sha256-{hash}'; frame-src 'none'; base-uri 'none'; form-action 'none'"
    )
}

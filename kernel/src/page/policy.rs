//! The page's Content Security Policy: the second line of defence, behind the sanitizer.

use data_encoding::BASE64;
use ring::digest::{SHA256, digest};

/// Returns the Content Security Policy of a page with this script: the page loads and sends nothing, and no other
/// script runs.
///
/// With `trust`, scripts run and may load what they need over HTTPS.
pub fn content_security_policy(script: &str, trust: bool) -> String {
    if trust {
        return "default-src https: data: blob: 'unsafe-inline' 'unsafe-eval'; object-src 'none'; \
                base-uri 'none'; form-action 'none'"
            .to_owned();
    }
    let hash = BASE64.encode(digest(&SHA256, script.as_bytes()).as_ref());
    format!(
        "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; \
         script-src 'sha256-{hash}'; frame-src 'none'; base-uri 'none'; form-action 'none'"
    )
}

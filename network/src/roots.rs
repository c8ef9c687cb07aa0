//! The certificate authorities that clients trust.

use crate::failure::Failure;
use crate::interface::Kind;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// Returns the authorities that Mozilla trusts, which are built in, so that a machine without any setup will do; and
/// those of the machine (including `SSL_CERT_FILE`), which may have a school's own.
pub fn of_the_internet() -> RootCertStore {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    // Some of a machine's certificates may be too old to be parsed.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// Returns only the authorities in a PEM file.
pub fn of_file(path: &str) -> Result<RootCertStore, Failure> {
    let unusable = |reason: String| {
        Failure::new(
            Kind::Invalid,
            format!("cannot use the certificates in {path}: {reason}"),
        )
    };
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("the file contains none".to_owned()));
    }
    Ok(roots)
}

/// Returns the TLS configuration of a client that trusts these.
pub fn client_config(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

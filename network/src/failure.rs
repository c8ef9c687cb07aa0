//! Failures: one line that says what failed and what to do.

use crate::class::NotInClass;
use crate::interface::Kind;
use std::error::Error;
use std::io;
use std::time::Duration;

#[derive(Debug)]
pub struct Failure {
    pub kind: Kind,
    pub message: String,
}

impl Failure {
    pub fn new(kind: Kind, message: impl Into<String>) -> Failure {
        Failure {
            kind,
            message: message.into(),
        }
    }

    /// Returns why a request failed.
    pub fn of_request(error: &reqwest::Error, request: &RequestContext) -> Failure {
        let host = host(error.url(), request.url);
        if let Some(unknown) = cause::<NotInClass>(error) {
            return Failure::new(Kind::NotInClass, unknown.to_string());
        }
        if error.is_timeout() {
            return timeout(&host, request);
        }
        if error.is_redirect() {
            let redirects = request.max_redirects;
            let message = format!("{} redirects more than {redirects} times", request.url);
            return Failure::new(Kind::TooManyRedirects, message);
        }
        if let Some(error) = cause::<rustls::Error>(error) {
            let message = format!("no secure connection to {host}: {}", tls_reason(error));
            return Failure::new(Kind::Tls, message);
        }
        if error.is_dns() {
            let message =
                format!("no address found for {host}; check the name and the internet connection");
            return Failure::new(Kind::Dns, message);
        }
        let reason = innermost(error);
        match cause::<io::Error>(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => Failure::new(
                Kind::Refused,
                format!("{host} refused the connection; is a server running there?"),
            ),
            _ if error.is_connect() => {
                Failure::new(Kind::Connect, format!("cannot connect to {host}: {reason}"))
            }
            _ if error.is_builder() => Failure::new(
                Kind::Invalid,
                format!("cannot request {}: {reason}", request.url),
            ),
            _ => Failure::new(
                Kind::Broken,
                format!("connection to {host} broken: {reason}"),
            ),
        }
    }

    /// Returns why the rest of a body could not be read.
    pub fn of_body(error: &io::Error, request: &RequestContext) -> Failure {
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(error) => Failure::of_request(error, request),
            None => {
                let message = format!("connection to {} broken: {error}", request.url);
                Failure::new(Kind::Broken, message)
            }
        }
    }
}

/// The parts of a request that its failure messages need.
#[derive(Clone)]
pub struct RequestContext<'a> {
    pub url: &'a str,
    pub timeout: Option<Duration>,
    pub max_redirects: u32,
}

fn timeout(host: &str, request: &RequestContext) -> Failure {
    let limit = match request.timeout {
        Some(limit) => format!("{} s", limit.as_secs_f64()),
        None => "the time limit".to_owned(),
    };
    Failure::new(Kind::Timeout, format!("no data from {host} within {limit}"))
}

/// Returns the host and port of `url`, or `requested` if there is none.
fn host(url: Option<&reqwest::Url>, requested: &str) -> String {
    let Some(url) = url else {
        return requested.to_owned();
    };
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        _ => url.to_string(),
    }
}

/// Describes a TLS error. Rustls's own messages give a certificate's times in seconds since 1970.
fn tls_reason(error: &rustls::Error) -> String {
    use rustls::CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
        NotValidYetContext, UnknownIssuer,
    };
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            Expired | ExpiredContext { .. } => "its certificate has expired".to_owned(),
            NotValidYet | NotValidYetContext { .. } => {
                "its certificate is not valid yet; check this computer's clock".to_owned()
            }
            NotValidForName | NotValidForNameContext { .. } => {
                "its certificate is for another name".to_owned()
            }
            UnknownIssuer => "its certificate is from an untrusted authority".to_owned(),
            other => format!("its certificate is invalid: {other}"),
        },
        other => other.to_string(),
    }
}

/// Returns the first error of type `E` in the chain. Also looks inside `io::Error`, whose `source` skips what it wraps.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(error).find_map(|error| error.downcast_ref())
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> + 'a {
    std::iter::successors(Some(error), |&error| {
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

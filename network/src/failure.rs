//! Why a request failed, in one line that says what to do.

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

    /// Why a request was not answered.
    pub fn of_request(error: &reqwest::Error, info: &RequestInfo) -> Failure {
        let host = host(error.url(), info.url);
        if let Some(unknown) = cause::<NotInClass>(error) {
            return Failure::new(Kind::NotInClass, unknown.to_string());
        }
        if error.is_timeout() {
            return timeout(&host, info);
        }
        if error.is_redirect() {
            let redirects = info.max_redirects;
            let message = format!("{} redirects more than {redirects} times", info.url);
            return Failure::new(Kind::TooManyRedirects, message);
        }
        if let Some(wrong) = cause::<rustls::Error>(error) {
            let message = format!(
                "cannot make a secure connection to {host}: {}",
                tls_reason(wrong)
            );
            return Failure::new(Kind::Tls, message);
        }
        if error.is_dns() {
            let message =
                format!("no address found for {host}: check the name and the internet connection");
            return Failure::new(Kind::Dns, message);
        }
        let reason = innermost(error);
        match cause::<io::Error>(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => Failure::new(
                Kind::Refused,
                format!("{host} refused the connection: is a server running there?"),
            ),
            _ if error.is_connect() => {
                Failure::new(Kind::Connect, format!("cannot connect to {host}: {reason}"))
            }
            _ if error.is_builder() => Failure::new(
                Kind::Invalid,
                format!("cannot request {}: {reason}", info.url),
            ),
            _ => Failure::new(
                Kind::Broken,
                format!("{host} broke off the connection: {reason}"),
            ),
        }
    }

    /// Why the rest of a body did not arrive.
    pub fn of_body(error: &io::Error, info: &RequestInfo) -> Failure {
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(error) => Failure::of_request(error, info),
            None => {
                let message = format!("{} broke off the connection: {error}", info.url);
                Failure::new(Kind::Broken, message)
            }
        }
    }
}

/// The parts of a request that the message of its failure names.
#[derive(Clone)]
pub struct RequestInfo<'a> {
    pub url: &'a str,
    pub timeout: Option<Duration>,
    pub max_redirects: u32,
}

fn timeout(host: &str, info: &RequestInfo) -> Failure {
    let limit = match info.timeout {
        Some(limit) => format!("{} s", limit.as_secs_f64()),
        None => "the time limit".to_owned(),
    };
    Failure::new(
        Kind::Timeout,
        format!("timed out: {host} sent nothing within {limit}"),
    )
}

/// Returns the host and port that were contacted, or the URL where that is not known.
fn host(url: Option<&reqwest::Url>, asked: &str) -> String {
    let Some(url) = url else {
        return asked.to_owned();
    };
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        _ => url.to_string(),
    }
}

/// Returns rustls's message, but readable: in it a certificate's times are seconds since 1970.
fn tls_reason(error: &rustls::Error) -> String {
    use rustls::CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
        NotValidYetContext, UnknownIssuer,
    };
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            Expired | ExpiredContext { .. } => "its certificate has expired".to_owned(),
            NotValidYet | NotValidYetContext { .. } => {
                "its certificate is not valid yet; is this computer's clock right?".to_owned()
            }
            NotValidForName | NotValidForNameContext { .. } => {
                "its certificate is for another name".to_owned()
            }
            UnknownIssuer => {
                "its certificate was issued by an authority that is not trusted".to_owned()
            }
            other => format!("its certificate is not valid: {other}"),
        },
        other => other.to_string(),
    }
}

/// Returns the first error of type `E` in the chain, also inside an `io::Error`, which hides what it wraps.
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

//! The HTTP clients, and what they may reach.

use crate::class::{self, Class};
use crate::failure::Failure;
use crate::interface::Kind;
use crate::roots;
use crate::settings::Settings;
use crate::transfer::Transfer;
use reqwest::Url;
use reqwest::blocking::Client;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::{Attempt, Policy};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The User-Agent header.
const USER_AGENT: &str = concat!("threadbook/", env!("CARGO_PKG_VERSION"));

/// How many clients are kept, each for other settings. Each has a thread and connections.
const MAX_CLIENTS: usize = 8;

/// The state that is kept between requests.
#[derive(Default)]
pub struct Network {
    class: OnceLock<Arc<Class>>,
    /// The client that was used last comes last.
    clients: Mutex<Vec<(Settings, Client)>>,
}

impl Network {
    /// Requests `url`, follows redirects and waits for the head of the response. `headers` are `Name: value` lines.
    pub fn open(&self, url: &str, headers: &str, settings: Settings) -> Result<Transfer, Failure> {
        let parsed = parse(url)?;
        if !settings.live {
            class::check(&parsed)
                .map_err(|error| Failure::new(Kind::NotInClass, error.to_string()))?;
        }
        let headers = parse_headers(headers)?;
        let answer = self
            .client(&settings)?
            .get(parsed)
            .headers(headers)
            .send()
            .map_err(|error| Failure::of_request(&error, &settings.info(url)))?;
        Ok(Transfer::new(answer, url, settings))
    }

    /// Returns the client for these settings, which is kept for the next request.
    fn client(&self, settings: &Settings) -> Result<Client, Failure> {
        // Nothing below leaves the list half changed.
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let known = clients.iter().position(|(known, _)| known == settings);
        let (settings, client) = match known {
            Some(at) => clients.remove(at),
            None => (settings.clone(), self.build(settings)?),
        };
        clients.push((settings, client.clone()));
        let forgotten = (clients.len() > MAX_CLIENTS).then(|| clients.remove(0));
        drop(clients);
        // Dropping a client waits for its thread.
        drop(forgotten);
        Ok(client)
    }

    fn build(&self, settings: &Settings) -> Result<Client, Failure> {
        let internal = |error: &dyn std::fmt::Display| {
            Failure::new(Kind::Internal, format!("cannot make a client: {error}"))
        };
        let usual = settings.verify.is_empty();
        let mut builder = Client::builder()
            .user_agent(USER_AGENT)
            .timeout(settings.timeout)
            .connect_timeout(settings.timeout);
        let mut trusted = match usual {
            true => rustls::RootCertStore::empty(),
            false => roots::of_file(&settings.verify)?,
        };
        let redirects = settings.max_redirects as usize;
        if settings.live {
            if usual {
                trusted = roots::of_the_internet();
            }
            builder = builder.redirect(Policy::limited(redirects));
        } else {
            let class = self.class()?;
            trusted
                .add(class.authority().clone())
                .map_err(|error| internal(&error))?;
            builder = builder
                .no_proxy()
                .dns_resolver(class)
                .redirect(Policy::custom(move |attempt| {
                    stay_in_class(attempt, redirects)
                }));
        }
        let config = roots::client_config(trusted).map_err(|error| internal(&error))?;
        builder
            .tls_backend_preconfigured(config)
            .build()
            .map_err(|error| internal(&error))
    }

    /// Returns the class network, which the first call starts.
    fn class(&self) -> Result<Arc<Class>, Failure> {
        if let Some(class) = self.class.get() {
            return Ok(class.clone());
        }
        let started = Class::start().map_err(|error| {
            Failure::new(
                Kind::Internal,
                format!("cannot start the class network: {error}"),
            )
        })?;
        Ok(self.class.get_or_init(|| Arc::new(started)).clone())
    }
}

fn stay_in_class(attempt: Attempt, redirects: usize) -> reqwest::redirect::Action {
    match class::check(attempt.url()) {
        Ok(()) => Policy::limited(redirects).redirect(attempt),
        Err(error) => attempt.error(error),
    }
}

fn parse(url: &str) -> Result<Url, Failure> {
    let invalid =
        |reason: &str| Failure::new(Kind::Invalid, format!("{url:?} is not a URL: {reason}"));
    let parsed = match Url::parse(url) {
        Ok(parsed) => parsed,
        Err(_) if !url.contains("://") => {
            return Err(invalid(&format!(
                "its scheme is missing, as in https://{url}"
            )));
        }
        Err(error) => return Err(invalid(&error.to_string())),
    };
    match parsed.scheme() {
        "http" | "https" => Ok(parsed),
        other => Err(invalid(&format!("{other} is not http or https"))),
    }
}

fn parse_headers(lines: &str) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for line in lines.lines() {
        let invalid = || Failure::new(Kind::Invalid, format!("invalid header: {line:?}"));
        let (name, value) = line.split_once(": ").ok_or_else(invalid)?;
        let name: HeaderName = name.parse().map_err(|_| invalid())?;
        let value: HeaderValue = value.parse().map_err(|_| invalid())?;
        headers.append(name, value);
    }
    Ok(headers)
}

//! HTTP clients, and the hosts they may reach.

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

/// The `User-Agent` header of every request.
const USER_AGENT: &str = concat!("threadbook/", env!("CARGO_PKG_VERSION"));

/// The number of cached clients, one for each set of settings. Each has a thread and connections.
const MAX_CLIENTS: usize = 8;

/// The state shared by all requests.
#[derive(Default)]
pub struct Network {
    class: OnceLock<Arc<Class>>,
    /// Least recently used first.
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
        let response = self
            .client(&settings)?
            .get(parsed)
            .headers(headers)
            .send()
            .map_err(|error| Failure::of_request(&error, &settings.context(url)))?;
        Ok(Transfer::new(response, url, settings))
    }

    /// Returns the cached client for these settings, or builds one.
    fn client(&self, settings: &Settings) -> Result<Client, Failure> {
        // A panic below cannot leave the list inconsistent.
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = clients.iter().position(|(cached, _)| cached == settings);
        let (settings, client) = match cached {
            Some(index) => clients.remove(index),
            None => (settings.clone(), self.build(settings)?),
        };
        clients.push((settings, client.clone()));
        let evicted = (clients.len() > MAX_CLIENTS).then(|| clients.remove(0));
        drop(clients);
        // Dropping a client waits for its thread, so the lock is released first.
        drop(evicted);
        Ok(client)
    }

    fn build(&self, settings: &Settings) -> Result<Client, Failure> {
        let internal = |error: &dyn std::fmt::Display| {
            Failure::new(
                Kind::Internal,
                format!("cannot create an HTTP client: {error}"),
            )
        };
        let default_roots = settings.verify.is_empty();
        let mut builder = Client::builder()
            .user_agent(USER_AGENT)
            .timeout(settings.timeout)
            .connect_timeout(settings.timeout);
        let mut trusted = match default_roots {
            true => rustls::RootCertStore::empty(),
            false => roots::from_file(&settings.verify)?,
        };
        let redirects = settings.max_redirects as usize;
        if settings.live {
            if default_roots {
                trusted = roots::public();
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

    /// Returns the class network, and starts it on first use.
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
        |reason: &str| Failure::new(Kind::Invalid, format!("invalid URL {url:?}: {reason}"));
    let parsed = match Url::parse(url) {
        Ok(parsed) => parsed,
        Err(_) if !url.contains("://") => {
            return Err(invalid(&format!("missing scheme, as in https://{url}")));
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
        let invalid = || Failure::new(Kind::Invalid, format!("invalid header {line:?}"));
        let (name, value) = line.split_once(": ").ok_or_else(invalid)?;
        let name: HeaderName = name.parse().map_err(|_| invalid())?;
        let value: HeaderValue = value.parse().map_err(|_| invalid())?;
        headers.append(name, value);
    }
    Ok(headers)
}

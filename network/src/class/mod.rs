//! The class network: a few sites of our own under well-known names, for a room without internet.
//!
//! They are served only on this machine, over real TLS. Their certificate authority is created when the network starts
//! and known only to its clients; its key is gone before the first of them sends a request.

mod certificate;
mod http;
mod not_in_class;
mod pages;
mod server;
mod site;

use certificate::Certificates;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::pki_types::CertificateDer;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

pub use not_in_class::NotInClass;
pub use site::{CLIP_TITLE, clip_streams, is_clip};

/// The running network. It runs as long as the process.
pub struct Class {
    address: SocketAddr,
    authority: CertificateDer<'static>,
}

impl Class {
    /// Starts the server.
    pub fn start() -> Result<Class, Box<dyn std::error::Error>> {
        let Certificates {
            authority,
            chain,
            key,
        } = certificate::make(&site::HOSTS)?;
        let address = server::start(chain, key)?;
        Ok(Class { address, authority })
    }

    /// Returns the authority that issued the sites' certificates.
    pub fn authority(&self) -> &CertificateDer<'static> {
        &self.authority
    }
}

/// Resolves the names of the class network, and this machine's own.
impl Resolve for Class {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str();
        let found: Result<Vec<SocketAddr>, _> = if site::HOSTS.contains(&name) {
            Ok(vec![self.address])
        } else if name == LOCALHOST {
            // The port is that of the URL.
            let here = [
                IpAddr::from(Ipv4Addr::LOCALHOST),
                Ipv6Addr::LOCALHOST.into(),
            ];
            Ok(here.map(|address| (address, 0).into()).into())
        } else {
            Err(NotInClass(name.to_owned()))
        };
        Box::pin(std::future::ready(match found {
            Ok(addresses) => Ok(Box::new(addresses.into_iter()) as Addrs),
            Err(unknown) => Err(unknown.into()),
        }))
    }
}

const LOCALHOST: &str = "localhost";

/// Checks that a URL can be requested without leaving this machine.
pub fn check(url: &Url) -> Result<(), NotInClass> {
    let host = url.host_str().unwrap_or_default();
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    let here = host == LOCALHOST || address.is_some_and(|address| address.is_loopback());
    let known = site::HOSTS.contains(&host) && url.port().is_none();
    if here || known {
        Ok(())
    } else {
        Err(NotInClass(url.to_string()))
    }
}

//! The live network, with a stand-in for the internet: a proxy on this machine that connects all names to our own
//! server.

use crate::apart;
use crate::authority::Authority;
use crate::server::{Request, Server, join, write};
use std::io::{BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use threadbook::prelude::*;
use threadbook::requests::{Error, Network};

#[test]
fn pages_come_from_the_internet() {
    if apart::inside() {
        let response = requests::get("https://example.com/page").unwrap();
        assert_eq!(response.text(), "from afar: /page");
        assert_eq!(response.network(), Network::Live);
        // A server with the wrong certificate is not trusted on the internet either.
        let error = requests::get("https://google.com").unwrap_err();
        assert!(matches!(error, Error::Tls(_)), "{error:?}");
        requests::use_network(Network::Class);
        assert_eq!(
            requests::get("https://example.com")
                .unwrap()
                .content()
                .len(),
            1256
        );
        return;
    }
    let authority = Authority::new();
    let server = Server::secure(authority.server("example.com"), |request, stream| {
        write(
            stream,
            "200 OK",
            format!("from afar: {}", request.path).as_bytes(),
        )
    });
    let proxy = lead_all_to(server.address);
    let mut command = apart::command("live::pages_come_from_the_internet", &[]);
    command
        .env("THREADBOOK_NETWORK", "live")
        .env("HTTPS_PROXY", format!("http://{proxy}"))
        .env("SSL_CERT_FILE", authority.file());
    apart::expect_pass(command);
    assert_eq!(server.requests().len(), 1);
}

/// A proxy (RFC 9110, 9.3.6) that connects everyone with `target`.
fn lead_all_to(target: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut client = BufReader::new(client);
                let request = Request::read(&mut client)?;
                assert_eq!(request.method, "CONNECT");
                client.get_mut().write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
                join(client.into_inner(), TcpStream::connect(target)?)
            });
        }
    });
    address
}

//! Every way to fail says what failed.

use crate::authority::Authority;
use crate::server::{Server, write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use threadbook::prelude::*;
use threadbook::requests::{Error, Network, Session};

const SHORT: Duration = Duration::from_millis(300);

#[track_caller]
fn expect(error: Error, wanted: fn(String) -> Error, words: &str) {
    let text = error.to_string();
    assert_eq!(error, wanted(text.clone()));
    assert!(text.contains(words) && !text.contains('\n'), "{text}");
}

#[test]
fn nothing_listens() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = requests::get(format!("http://127.0.0.1:{port}")).unwrap_err();
    let words = format!("127.0.0.1:{port} refused the connection");
    expect(error, Error::Refused, &words);
}

#[test]
fn a_name_without_an_address() {
    // A label of a name has at most 63 letters, so this fails without a query (RFC 1035, 2.3.4).
    let host = format!("{}.example", "a".repeat(64));
    let session = Session::new().network(Network::Live);
    let error = session.get(format!("http://{host}")).unwrap_err();
    expect(error, Error::Dns, &format!("no address found for {host}"));
}

#[test]
fn an_authority_that_is_not_trusted() {
    let authority = Authority::new();
    let server = Server::secure(authority.server("localhost"), |_, stream| {
        write(stream, "200 OK", b"safe")
    });
    let url = server.url("https", "/");
    for network in [Network::Class, Network::Live] {
        let error = Session::new().network(network).get(&url).unwrap_err();
        expect(error, Error::Tls, "an authority that is not trusted");
        let trusting = Session::new().network(network).verify(authority.file());
        assert_eq!(trusting.get(&url).unwrap().text(), "safe");
    }
}

#[test]
fn a_certificate_for_another_name() {
    let authority = Authority::new();
    let server = Server::secure(authority.server("example.com"), |_, stream| {
        write(stream, "200 OK", b"")
    });
    let session = Session::new().verify(authority.file());
    let error = session.get(server.url("https", "/")).unwrap_err();
    expect(error, Error::Tls, "its certificate is for another name");
}

#[test]
fn a_certificate_that_has_expired() {
    let authority = Authority::new();
    let server = Server::secure(authority.expired_server("localhost"), |_, stream| {
        write(stream, "200 OK", b"")
    });
    let session = Session::new().verify(authority.file());
    let error = session.get(server.url("https", "/")).unwrap_err();
    expect(error, Error::Tls, "its certificate has expired");
}

/// Keeps a connection open until the test is over.
struct Silence(Mutex<mpsc::Receiver<()>>);

impl Silence {
    fn new() -> (mpsc::Sender<()>, Silence) {
        let (sender, receiver) = mpsc::channel();
        (sender, Silence(Mutex::new(receiver)))
    }

    fn keep(&self) {
        // It is closed when the sender is dropped.
        let _ = self.0.lock().unwrap().recv();
    }
}

#[test]
fn a_server_that_never_answers() {
    let (_over, silence) = Silence::new();
    let server = Server::plain(move |_, _| {
        silence.keep();
        Ok(())
    });
    let began = Instant::now();
    let error = Session::new()
        .timeout(SHORT)
        .get(server.url("http", "/"))
        .unwrap_err();
    expect(error, Error::Timeout, "within 0.3 s");
    assert!((SHORT..20 * SHORT).contains(&began.elapsed()));
}

#[test]
fn a_body_that_never_ends() {
    let (_over, silence) = Silence::new();
    let server = Server::plain(move |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf ")?;
        stream.flush()?;
        silence.keep();
        Ok(())
    });
    let error = Session::new()
        .timeout(SHORT)
        .get(server.url("http", "/"))
        .unwrap_err();
    expect(error, Error::Timeout, "within 0.3 s");
}

#[test]
fn a_slow_body_is_waited_for() {
    // It takes longer than the timeout, which applies to each part.
    let server = Server::plain(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n")?;
        for _ in 0..10 {
            std::thread::sleep(Duration::from_millis(60));
            stream.write_all(b".")?;
            stream.flush()?;
        }
        Ok(())
    });
    let response = Session::new()
        .timeout(SHORT)
        .get(server.url("http", "/"))
        .unwrap();
    assert_eq!(response.content(), b"..........");
}

#[test]
fn a_body_that_is_cut() {
    let server = Server::plain(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf ")
    });
    let error = requests::get(server.url("http", "/")).unwrap_err();
    expect(error, Error::Broken, "broke off the connection");
}

#[test]
fn no_answer_but_an_end() {
    let server = Server::plain(|_, _| Ok(()));
    let error = requests::get(server.url("http", "/")).unwrap_err();
    expect(error, Error::Broken, "broke off the connection");
}

#[test]
fn an_answer_that_is_no_http() {
    let server = Server::plain(|_, stream| stream.write_all(b"220 mail.example ESMTP\r\n"));
    let error = requests::get(server.url("http", "/")).unwrap_err();
    expect(error, Error::Broken, "broke off the connection");
}

#[test]
fn a_body_that_is_too_large() {
    // One announces its size, the other would go on for ever.
    let server = Server::plain(|request, stream| match request.path.as_str() {
        "/told" => write(stream, "200 OK", &[b'.'; 1001]),
        "/just-not" => write(stream, "200 OK", &[b'.'; 1000]),
        _ => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            loop {
                stream.write_all(b"4\r\nmore\r\n")?;
            }
        }
    });
    let session = Session::new().max_size(1000);
    for path in ["/told", "/endless"] {
        let error = session.get(server.url("http", path)).unwrap_err();
        expect(error, Error::TooLarge, "has more than 1000 bytes");
    }
    assert_eq!(
        session
            .get(server.url("http", "/just-not"))
            .unwrap()
            .content()
            .len(),
        1000
    );
}

#[test]
fn what_cannot_be_asked() {
    for (url, words) in [
        (
            "example.com",
            "its scheme is missing, as in https://example.com",
        ),
        ("ftp://example.com", "ftp is not http or https"),
        ("https://", "empty host"),
        ("", "its scheme is missing"),
    ] {
        expect(requests::get(url).unwrap_err(), Error::Invalid, words);
    }
    let error = Session::new()
        .header("a b", "c")
        .get("https://example.com")
        .unwrap_err();
    expect(error, Error::Invalid, "invalid header");
    let missing = Session::new().verify("/there/is/none.pem");
    let error = missing.get("https://example.com").unwrap_err();
    expect(
        error,
        Error::Invalid,
        "cannot use the certificates in /there/is/none.pem",
    );
}

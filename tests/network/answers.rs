//! Requests and their responses.

use crate::server::{Server, write};
use threadbook::prelude::*;
use threadbook::requests::{Error, Session};

#[test]
fn redirects() {
    let server = Server::plain(|request, stream| {
        let to = match request.path.as_str() {
            "/first" => "/second",
            "/second" => "/last",
            "/away" => "https://www.rust-lang.org/",
            "/away-by-number" => "http://192.0.2.1/",
            "/last" => return write(stream, "200 OK", b"here"),
            _ => "/loop",
        };
        write(stream, &format!("302 Found\r\nlocation: {to}"), b"")
    });
    let response = requests::get(server.url("http", "/first")).unwrap();
    assert_eq!(
        (response.url(), response.content()),
        (&*server.url("http", "/last"), &b"here"[..])
    );

    let error = Session::new()
        .max_redirects(4)
        .get(server.url("http", "/loop"))
        .unwrap_err();
    let words = format!(
        "{} redirects more than 4 times",
        server.url("http", "/loop")
    );
    assert_eq!(error, Error::TooManyRedirects(words));
    let loops = server
        .requests()
        .iter()
        .filter(|request| request.path == "/loop")
        .count();
    assert_eq!(loops, 5);

    for path in ["/away", "/away-by-number"] {
        let error = requests::get(server.url("http", path)).unwrap_err();
        assert!(matches!(error, Error::NotInClass(_)), "{error:?}");
    }
}

#[test]
fn errors_of_the_server() {
    let server = Server::plain(|request, stream| {
        write(stream, request.path.trim_start_matches('/'), b"sorry")
    });
    for (status, words) in [
        ("404", "Not Found"),
        ("500", "Internal Server Error"),
        ("418", ""),
    ] {
        let url = server.url("http", &format!("/{status}"));
        let response = requests::get(&url).unwrap();
        assert_eq!(
            (
                response.status_code().to_string().as_str(),
                response.reason()
            ),
            (status, words)
        );
        assert_eq!(
            (response.ok(), response.text()),
            (false, "sorry".to_owned())
        );
        assert!(
            response
                .raise_for_status()
                .unwrap_err()
                .to_string()
                .starts_with(status)
        );
    }
}

#[test]
fn what_is_sent() {
    let server = Server::plain(|_, stream| {
        write(
            stream,
            "200 OK\r\ncontent-type: text/plain; charset=ISO-8859-1",
            b"\xe9",
        )
    });
    let session = Session::new()
        .header("Accept-Language", "de")
        .header("X-Two", "a\r\nX-Three: b");
    assert_eq!(
        session
            .get(server.url("http", "/path?query"))
            .unwrap()
            .text(),
        "é"
    );
    let [request] = &server.requests()[..] else {
        panic!("one request");
    };
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("GET", "/path?query")
    );
    assert_eq!(request.header("accept-language"), Some("de"));
    assert_eq!(request.header("x-two"), Some("a  X-Three: b"));
    assert!(request.header("x-three").is_none());
    assert!(
        request
            .header("user-agent")
            .unwrap()
            .starts_with("threadbook/")
    );
}

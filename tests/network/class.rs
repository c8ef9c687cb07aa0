//! Pages without internet.

use crate::apart;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use threadbook::prelude::*;
use threadbook::requests::{Error, Network, Session};

const PAGES: [(&str, usize); 3] = [
    ("https://github.com", 230_041),
    ("https://google.com", 21788),
    ("https://example.com", 1256),
];

#[test]
fn the_pages_have_their_sizes_and_come_in_order() {
    let (sender, receiver) = mpsc::channel();
    // The setup at the first use must not count.
    requests::get("https://github.com").unwrap();
    let began = Instant::now();
    thread::scope(|scope| {
        for (url, _) in PAGES.iter().rev() {
            let sender = sender.clone();
            scope.spawn(move || {
                let response = requests::get(url).unwrap();
                sender.send((*url, response.content().len())).unwrap();
            });
        }
    });
    let took = began.elapsed();
    let came: Vec<_> = receiver.try_iter().collect();
    assert_eq!(came, PAGES);
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_page_is_html_and_tells_where_it_came_from() {
    let response = requests::get("https://google.com").unwrap();
    assert_eq!((response.status_code(), response.reason()), (200, "OK"));
    assert!(response.ok() && response.raise_for_status().is_ok());
    assert_eq!(response.network(), Network::Class);
    assert_eq!(response.url(), "https://google.com/");
    assert_eq!(response.headers().get("CONTENT-LENGTH"), Some("21788"));
    let text = response.text();
    assert!(text.starts_with("<!doctype html>") && text.ends_with("</html>\n"));
    // The same at every request.
    assert_eq!(
        requests::get("https://google.com/").unwrap().content(),
        response.content()
    );
}

#[test]
fn an_insecure_url_leads_to_the_secure_one() {
    let response = requests::get("http://example.com").unwrap();
    assert_eq!(response.url(), "https://example.com/");
    assert_eq!(response.content().len(), 1256);
}

#[test]
fn a_missing_page_is_an_answer() {
    let response = requests::get("https://github.com/missing").unwrap();
    assert_eq!((response.status_code(), response.ok()), (404, false));
    let error = response.raise_for_status().unwrap_err();
    assert_eq!(
        error,
        Error::Status(404, "404 Not Found for https://github.com/missing".into())
    );
}

#[test]
fn what_is_not_in_the_class_is_not_asked_for() {
    // The class network's server would answer the last two if only their names counted.
    for url in [
        "https://www.rust-lang.org/",
        "http://192.0.2.1/",
        "https://example.com:8443/",
        "https://example.com.evil.example/",
    ] {
        let began = Instant::now();
        let error = requests::get(url).unwrap_err();
        assert!(matches!(error, Error::NotInClass(_)), "{error:?}");
        let text = error.to_string();
        assert!(
            text.contains(url) && text.contains("use_network(Network::Live)"),
            "{text}"
        );
        assert!(text.contains("THREADBOOK_NETWORK=live"), "{text}");
        assert!(began.elapsed() < Duration::from_secs(1));
    }
}

#[test]
fn a_hundred_threads_at_once() {
    let sizes = thread::scope(|scope| {
        let threads: Vec<_> = (0..100)
            .map(|number| {
                scope.spawn(move || {
                    (
                        number,
                        requests::get(PAGES[number % 3].0).unwrap().content().len(),
                    )
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert!(
        sizes
            .iter()
            .all(|&(number, size)| size == PAGES[number % 3].1)
    );
}

#[test]
fn the_environment_chooses_the_network() {
    if apart::inside() {
        match std::env::var("THREADBOOK_NETWORK").unwrap().as_str() {
            "live" => assert_eq!(requests::network(), Network::Live),
            "class" => assert_eq!(requests::network(), Network::Class),
            other => {
                let error = requests::get("https://example.com").unwrap_err();
                let text = format!(
                    "the environment variable THREADBOOK_NETWORK is `{other}`; it must be `class` or `live`"
                );
                assert_eq!(error, Error::Invalid(text));
                // The program's choice takes precedence.
                requests::use_network(Network::Class);
                assert!(requests::get("https://example.com").is_ok());
            }
        }
        return;
    }
    for value in ["live", "class", "lvie"] {
        let mut command = apart::command("class::the_environment_chooses_the_network", &[]);
        command.env("THREADBOOK_NETWORK", value);
        apart::expect_pass(command);
    }
}

#[test]
fn a_session_has_its_own_network() {
    let session = Session::new().network(Network::Class);
    assert_eq!(
        session.get("https://github.com").unwrap().network(),
        Network::Class
    );
}

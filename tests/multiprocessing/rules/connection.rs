//! `multiprocessing.connection`: wait, Listener and Client.

use std::io::{Error, ErrorKind};
use std::thread;
use std::time::{Duration, Instant};

use threadbook::prelude::*;

use crate::life::*;
use crate::python::python;

const MOMENT: Duration = Duration::from_millis(30);

#[test]
fn wait_returns_those_that_are_ready_and_none_after_its_timeout() {
    within(30, || {
        let (from_a, a) = Pipe::one_way::<i32>();
        let (from_b, b) = Pipe::one_way::<i32>();
        let began = Instant::now();
        let ready = connection::wait(&[&from_a, &from_b], Some(MOMENT)).unwrap();
        assert!(ready.is_empty() && began.elapsed() >= MOMENT);
        b.send(&1).unwrap();
        assert_eq!(connection::wait(&[&from_a, &from_b], None).unwrap(), [1]);
        a.send(&1).unwrap();
        assert_eq!(connection::wait(&[&from_a, &from_b], None).unwrap(), [0, 1]);
        from_b.recv().unwrap();
        drop(b);
        assert_eq!(
            connection::wait(&[&from_b], None).unwrap(),
            [0],
            "the end of the messages"
        );
    });
}

#[test]
fn wait_takes_connections_and_processes_at_once() {
    within(30, || {
        let go = Event::new();
        let (receivers, processes): (Vec<_>, Vec<_>) = (0..4)
            .map(|n| {
                let (receiver, sender) = Pipe::one_way();
                let go = go.clone();
                let p = start(move || {
                    sender.send(&n).unwrap();
                    go.wait();
                });
                (receiver, p)
            })
            .unzip();
        let mut seen = Vec::new();
        while seen.len() < 4 {
            let objects: Vec<&dyn connection::Waitable> = receivers
                .iter()
                .map(|r| r as &dyn connection::Waitable)
                .chain(processes.iter().map(|p| p as _))
                .collect();
            for index in connection::wait(&objects, None).unwrap() {
                assert!(index < 4, "no process has ended");
                seen.push(receivers[index].recv().unwrap());
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3]);
        go.set();
        join_all(processes);
        assert_eq!(
            connection::wait(&[&Process::new(|| ())], None)
                .unwrap_err()
                .to_string(),
            "process not started"
        );
    });
}

/// Connects over `listener`, with `server` at its end and `client` at the other.
fn connect(
    listener: &Listener,
    client: impl FnOnce(Address) + 'static,
    server: impl FnOnce(&Listener),
) {
    let address = listener.address().clone();
    let p = start(move || client(address));
    server(listener);
    join_all([p]);
}

fn listeners() -> [Listener; 2] {
    [
        Listener::new().unwrap(),
        Listener::bind(("127.0.0.1", 0)).unwrap(),
    ]
}

#[test]
fn a_client_and_a_listener_exchange_values_and_bytes() {
    within(30, || {
        for listener in listeners().map(|listener| listener.authkey(b"peekaboo")) {
            let client = |address: Address| {
                let c = Client::connect_with_key::<(f64, Option<String>)>(&address, b"peekaboo")
                    .unwrap();
                assert_eq!(c.recv().unwrap(), (2.25, Some("junk".into())));
                assert_eq!(c.recv_bytes().unwrap(), b"hello");
                let mut buffer = [0; 10];
                assert_eq!(c.recv_bytes_into(&mut buffer).unwrap(), 4);
                assert_eq!(&buffer[..5], b"\0\x01\x02\x03\0");
                let large = c.recv_bytes().unwrap();
                c.send_bytes(&large).unwrap();
                assert_eq!(c.recv().unwrap_err().kind(), ErrorKind::UnexpectedEof);
            };
            connect(&listener, client, |listener| {
                let c = listener.accept::<(f64, Option<String>)>().unwrap();
                assert!(c.fileno() > 2 && c.readable() && c.writable());
                c.send(&(2.25, Some("junk".into()))).unwrap();
                c.send_bytes(b"hello").unwrap();
                c.send_bytes(b"\0\x01\x02\x03").unwrap();
                let large: Vec<u8> = (0..5_000_000_u32).map(|n| n as u8).collect();
                thread::scope(|s| {
                    s.spawn(|| c.send_bytes(&large).unwrap());
                    assert_eq!(c.recv_bytes().unwrap(), large);
                });
                assert!(!c.poll(MOMENT).unwrap());
                c.close();
                assert_eq!(error_of(c.recv()), "handle is closed");
            });
        }
    });
}

#[test]
fn a_buffer_that_is_too_short_is_an_error_with_the_whole_message() {
    within(30, || {
        let (a, b) = Pipe::new::<()>();
        a.send_bytes(b"12345").unwrap();
        let error = b.recv_bytes_into(&mut [0; 4]).unwrap_err();
        let inner = error.get_ref().unwrap().downcast_ref::<BufferTooShort>();
        assert_eq!(inner.unwrap().message, b"12345");
    });
}

fn is_authentication_error(error: &Error) -> bool {
    let inner = error.get_ref();
    error.kind() == ErrorKind::PermissionDenied
        && inner.is_some_and(|inner| inner.is::<AuthenticationError>())
}

#[test]
fn a_wrong_key_is_authentication_error_at_both_ends_and_the_listener_goes_on() {
    within(30, || {
        for listener in listeners().map(|listener| listener.authkey("right")) {
            let client = |address: Address| {
                let error = Client::connect_with_key::<()>(&address, b"wrong").unwrap_err();
                assert!(is_authentication_error(&error));
                assert_eq!(error.to_string(), "digest sent was rejected");
                Client::connect_with_key::<()>(&address, b"right").unwrap();
            };
            connect(&listener, client, |listener| {
                let error = listener.accept::<()>().unwrap_err();
                assert!(is_authentication_error(&error));
                assert_eq!(error.to_string(), "digest received was wrong");
                assert_eq!(listener.last_accepted(), None);
                listener.accept::<()>().unwrap();
                assert!(listener.last_accepted().is_some());
            });
        }
    });
}

#[test]
fn a_listener_must_prove_its_key_too() {
    within(30, || {
        // Its first message is no challenge, or it has none at all.
        let listener = Listener::new().unwrap();
        let client = |address: Address| {
            for expected in [
                "expected a challenge: the other end uses no key",
                "the other end closed the connection",
            ] {
                let error = Client::connect_with_key::<()>(&address, b"key").unwrap_err();
                assert!(is_authentication_error(&error));
                assert_eq!(error.to_string(), expected);
            }
        };
        connect(&listener, client, |listener| {
            let first = listener.accept::<()>().unwrap();
            first.send_bytes(b"welcome, friend").unwrap();
            drop(listener.accept::<()>().unwrap());
        });
        // It welcomes everyone, but answers the client's challenge with a digest of another key.
        let listener = Listener::new().unwrap();
        let client = |address: Address| {
            let error = Client::connect_with_key::<()>(&address, b"key").unwrap_err();
            assert_eq!(error.to_string(), "digest received was wrong");
        };
        connect(&listener, client, |listener| {
            let c = listener.accept::<()>().unwrap();
            c.send_bytes(&[b"#CHALLENGE#{sha256}".as_slice(), &[1; 40]].concat())
                .unwrap();
            c.recv_bytes().unwrap();
            c.send_bytes(b"#WELCOME#").unwrap();
            c.recv_bytes().unwrap();
            c.send_bytes(&[b"{sha256}".as_slice(), &[1; 32]].concat())
                .unwrap();
            assert_eq!(c.recv_bytes().unwrap(), b"#FAILURE#");
        });
    });
}

#[test]
fn no_one_at_the_address_is_connection_refused_or_file_not_found() {
    within(30, || {
        let [unix, tcp] = listeners().map(|listener| {
            let address = listener.address().clone();
            listener.close();
            Client::connect::<()>(&address).unwrap_err()
        });
        assert_eq!(unix.kind(), ErrorKind::NotFound);
        assert_eq!(tcp.kind(), ErrorKind::ConnectionRefused);
        assert!(
            tcp.to_string()
                .starts_with("cannot connect to ('127.0.0.1', ")
        );
    });
}

#[test]
fn a_listener_removes_its_socket_file_and_a_forked_child_does_not() {
    within(30, || {
        let listener = Listener::new().unwrap();
        let Address::Unix(path) = listener.address().clone() else {
            panic!("{listener:?}");
        };
        let error = Listener::bind(path.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        let listener = std::rc::Rc::new(listener);
        let in_child = std::rc::Rc::clone(&listener);
        let child = start(move || drop(std::rc::Rc::try_unwrap(in_child)));
        join_all([child]);
        assert!(path.exists());
        drop(listener);
        assert!(!path.exists());
    });
}

#[test]
fn wait_takes_sockets_and_listeners() {
    within(30, || {
        let listener = Listener::new().unwrap();
        assert!(
            connection::wait(&[&listener], Some(Duration::ZERO))
                .unwrap()
                .is_empty()
        );
        let client = Client::connect::<i32>(listener.address()).unwrap();
        assert_eq!(connection::wait(&[&client, &listener], None).unwrap(), [1]);
        let server = listener.accept::<i32>().unwrap();
        server.send(&5).unwrap();
        assert_eq!(connection::wait(&[&client, &listener], None).unwrap(), [0]);
        assert_eq!(client.recv().unwrap(), 5);
    });
}

/// What CPython has done since 3.12; older ones have MD5 alone.
const HANDSHAKE: &str = r"
import hmac, os, sys
from multiprocessing.connection import Client, Listener
if sys.version_info < (3, 12):
    def answer(c, key):
        message = c.recv_bytes(256)[len(b'#CHALLENGE#'):]
        assert message.startswith(b'{sha256}')
        c.send_bytes(b'{sha256}' + hmac.new(key, message, 'sha256').digest())
        assert c.recv_bytes(256) == b'#WELCOME#'
    def deliver(c, key):
        message = b'{sha256}' + os.urandom(40)
        c.send_bytes(b'#CHALLENGE#' + message)
        ok = c.recv_bytes(256) == b'{sha256}' + hmac.new(key, message, 'sha256').digest()
        c.send_bytes(b'#WELCOME#' if ok else b'#FAILURE#')
        assert ok
    import multiprocessing.connection as m
    m.answer_challenge, m.deliver_challenge = answer, deliver
";

#[test]
fn python_connects_to_rust_and_rust_to_python() {
    let Some(python) = python(|| ()) else {
        return;
    };
    within(60, move || {
        for listener in listeners().map(|listener| listener.authkey(b"both")) {
            let script = format!(
                "{HANDSHAKE}\nwith Client({}, authkey=b'both') as c:\n    c.send_bytes(c.recv_bytes() * 30000); print(c.poll(10), c.recv_bytes())",
                listener.address()
            );
            thread::scope(|s| {
                let printed = s.spawn(|| python.run(&script));
                let c = listener.accept::<()>().unwrap();
                c.send_bytes(b"abc").unwrap();
                assert_eq!(c.recv_bytes().unwrap(), b"abc".repeat(30000));
                c.send_bytes(b"").unwrap();
                assert_eq!(printed.join().unwrap(), "True b''\n");
            });
        }
        let path = std::env::temp_dir().join(format!("threadbook-test-{}", std::process::id()));
        let script = format!(
            "{HANDSHAKE}\nwith Listener('{}', authkey=b'both') as l, l.accept() as c: c.send_bytes(b'from Python')",
            path.display()
        );
        thread::scope(|s| {
            s.spawn(|| python.run(&script));
            until(|| path.exists());
            let c = loop {
                // The file is there a moment before Python listens.
                match Client::connect_with_key::<()>(path.clone(), b"both") {
                    Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                        thread::yield_now()
                    }
                    c => break c.unwrap(),
                }
            };
            assert_eq!(c.recv_bytes().unwrap(), b"from Python");
        });
    });
}

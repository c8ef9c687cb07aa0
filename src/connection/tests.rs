//! The tokens of messages, and one end that several processes share.

use std::io::{ErrorKind, Read, Write};
use std::thread;
use std::time::Duration;

use super::*;
use crate::ipc::testing::{end_of, join_all, kill, start, within};
use crate::os;

fn pipe<T: Item>(connection: &Connection<T>) -> &Endpoint {
    match &*connection.end {
        End::Pipe(pipe) => pipe,
        End::Socket(_) => panic!("it is a socket"),
    }
}

#[test]
fn threads_and_processes_share_one_end() {
    within(60, || {
        let (a, b) = Pipe::new::<(u8, Vec<u8>)>();
        let senders: Vec<_> = (0..4u8)
            .map(|n| (n, vec![n; 1000 * n as usize]))
            .map(|message| {
                let sender = a.clone();
                start(move || (0..2000).for_each(|_| sender.send(&message).unwrap()))
            })
            .collect();
        let count = thread::scope(|s| {
            let take = || {
                (0..2000)
                    .map(|_| b.recv().unwrap())
                    .inspect(|(n, bytes)| assert_eq!(*bytes, vec![*n; 1000 * *n as usize]))
                    .count()
            };
            let takers: Vec<_> = (0..4).map(|_| s.spawn(take)).collect();
            takers
                .into_iter()
                .map(|taker| taker.join().unwrap())
                .sum::<usize>()
        });
        assert_eq!(count, 8000);
        join_all(senders);
    });
}

/// Starts a process that is killed after it has taken a token and before it has taken the message.
fn take_a_token_only<T: Item>(receiver: &Connection<T>) {
    let receiver = receiver.clone();
    join_all([start(move || {
        let mut tokens = &pipe(&receiver).receiver.as_ref().unwrap().tokens;
        tokens.read_exact(&mut [0]).unwrap();
    })]);
}

#[test]
fn a_message_whose_token_is_lost_is_found() {
    within(30, || {
        let (receiver, sender) = Pipe::one_way();
        sender.send(&1).unwrap();
        take_a_token_only(&receiver);
        assert!(receiver.poll(Duration::from_secs(20)).unwrap());
        assert_eq!(receiver.recv().unwrap(), 1);
        sender.send(&2).unwrap();
        assert_eq!(receiver.recv().unwrap(), 2);
        // Also at the end of the messages.
        sender.send(&3).unwrap();
        take_a_token_only(&receiver);
        drop(sender);
        assert_eq!(receiver.recv().unwrap(), 3);
        assert_eq!(
            receiver.recv().unwrap_err().kind(),
            ErrorKind::UnexpectedEof
        );
    });
}

#[test]
fn a_message_whose_token_is_lost_is_found_also_while_its_writer_waits_for_room() {
    within(30, || {
        let (receiver, sender) = Pipe::one_way();
        let large = vec![1_u8; 10 << 20];
        let sent = large.clone();
        let p = start(move || sender.send(&sent).unwrap());
        receiver.wait().unwrap();
        take_a_token_only(&receiver);
        assert!(receiver.recv().unwrap() == large);
        join_all([p]);
    });
}

#[test]
fn a_token_without_a_message_is_passed_over() {
    within(30, || {
        let (receiver, sender) = Pipe::one_way();
        let mut tokens = &pipe(&sender).sender.as_ref().unwrap().tokens;
        tokens.write_all(&[0]).unwrap();
        let later = sender.clone();
        let p = start(move || {
            thread::sleep(Duration::from_millis(100));
            later.send(&1).unwrap();
        });
        assert_eq!(receiver.recv().unwrap(), 1);
        join_all([p]);
        tokens.write_all(&[0]).unwrap();
        drop(sender);
        assert_eq!(
            receiver.recv().unwrap_err().kind(),
            ErrorKind::UnexpectedEof
        );
    });
}

#[test]
fn a_receiver_killed_in_the_middle_costs_that_message_only() {
    within(30, || {
        let (sender, receiver) = Pipe::new::<Vec<u8>>();
        let large = sender.clone();
        let large = start(move || large.send(&vec![1; 50 << 20]).unwrap());
        receiver.wait().unwrap();
        let in_child = receiver.clone();
        let p = start(move || {
            in_child.recv().unwrap();
            thread::park();
        });
        // Wait until the token is gone: then it is reading.
        while receiver.poll(Duration::ZERO).unwrap() {
            thread::yield_now();
        }
        kill(p.pid().unwrap());
        assert_eq!(end_of(&p, 10), Some(-9));
        // It waits for the rest of the large message to be skipped.
        let small = start(move || sender.send(&vec![2; 3]).unwrap());
        let mut next = receiver.recv().unwrap();
        if next.len() != 3 {
            // It was killed when it had only the token.
            assert!(next == vec![1; 50 << 20], "half a message");
            next = receiver.recv().unwrap();
        }
        assert!(next == [2; 3]);
        join_all([large, small]);
    });
}

#[test]
fn a_descriptor_is_readable_while_there_are_messages() {
    within(30, || {
        let (receiver, sender) = Pipe::one_way();
        let readable = || os::wait_readable(receiver.as_fd(), 0);
        assert!(!readable());
        sender.send(&1).unwrap();
        sender.send(&2).unwrap();
        assert!(readable());
        receiver.recv().unwrap();
        assert!(readable());
        receiver.recv().unwrap();
        assert!(!readable());
        assert!(!os::has_no_reader(sender.as_fd()));
        receiver.close();
        assert!(os::has_no_reader(sender.as_fd()));
    });
}

#[test]
fn a_sender_that_waits_learns_at_once_that_the_other_end_is_closed() {
    within(30, || {
        let (receiver, sender) = Pipe::one_way::<Vec<u8>>();
        let childs_copy = receiver.clone();
        let p = start(move || {
            childs_copy.close();
            let error = sender.send(&vec![0; 10 << 20]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        });
        receiver.wait().unwrap();
        receiver.close();
        join_all([p]);
    });
}

#[test]
fn who_does_not_answer_a_challenge_in_time_is_refused() {
    let (here, _there) = std::os::unix::net::UnixStream::pair().unwrap();
    let socket = SocketEnd::new(socket::Stream::Unix(here));
    let deadline = Instant::now() + Duration::from_millis(20);
    let error = authentication::deliver_challenge(&socket, b"key", deadline).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert_eq!(error.to_string(), "the other end did not answer within 20s");
}

#[test]
fn a_challenge_with_another_digest_or_of_another_form_is_refused() {
    let challenge = |text: &[u8]| {
        let (here, there) = std::os::unix::net::UnixStream::pair().unwrap();
        let [here, there] = [here, there].map(|end| SocketEnd::new(socket::Stream::Unix(end)));
        there.send(text).unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        let error = authentication::answer_challenge(&here, b"key", deadline).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        error.to_string()
    };
    let weak = "the other end does not use SHA-256: Python does from 3.12 on";
    assert_eq!(
        challenge(&[b"#CHALLENGE#".as_slice(), &[7; 20]].concat()),
        weak
    );
    assert_eq!(
        challenge(&[b"#CHALLENGE#{md5}".as_slice(), &[7; 40]].concat()),
        weak
    );
    assert_eq!(challenge(b"#CHALLENGE#{sha256}short"), weak);
    assert_eq!(
        challenge(b"hello"),
        "expected a challenge: the other end uses no key"
    );
    assert_eq!(
        challenge(&[7; 257]),
        "the other end does not answer with a digest"
    );
}

#[test]
fn wrong_lengths_are_errors_and_allocate_nothing() {
    let received = |bytes: &[u8]| {
        let (here, mut there) = std::os::unix::net::UnixStream::pair().unwrap();
        there.write_all(bytes).unwrap();
        drop(there);
        let mut message = Vec::new();
        let error = SocketEnd::new(socket::Stream::Unix(here))
            .recv(&mut message, usize::MAX, None)
            .unwrap_err();
        assert!(message.capacity() <= 2 << 20);
        (error.kind(), error.to_string())
    };
    let in_message = (
        ErrorKind::UnexpectedEof,
        "got end of file during message".to_owned(),
    );
    assert_eq!(received(b"\0\0"), in_message);
    assert_eq!(received(b"\0\0\0\x05abcd"), in_message);
    assert_eq!(received(b"\x7f\xff\xff\xffabcd"), in_message);
    assert_eq!(
        received(&[255; 12]),
        in_message,
        "2^64 - 1 bytes are announced"
    );
    assert_eq!(received(&[255, 255, 255, 254]).1, "bad message length");
}

//! The rules of Python's pipes.

use std::io::{ErrorKind, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::ipc::testing::{end_of, join_all, kill, start, within};
use crate::os;

#[test]
fn both_ends_of_a_duplex_pipe_send_and_receive() {
    within(30, || {
        let (a, b) = Pipe::new();
        let p = start(move || {
            let n: u64 = b.recv().unwrap();
            b.send(&(n + 1)).unwrap();
        });
        a.send(&41).unwrap();
        assert_eq!(a.recv().unwrap(), 42);
        join_all([p]);
    });
}

#[test]
fn a_one_way_pipe_refuses_the_wrong_direction() {
    let (receiver, sender) = Pipe::one_way::<i32>();
    sender.send(&1).unwrap();
    assert!(receiver.poll(Duration::ZERO).unwrap());
    assert_eq!(receiver.recv().unwrap(), 1);
    assert_eq!(
        receiver.send(&2).unwrap_err().to_string(),
        "connection is read-only"
    );
    let write_only = "connection is write-only";
    assert_eq!(sender.recv().unwrap_err().to_string(), write_only);
    assert_eq!(
        sender.poll(Duration::ZERO).unwrap_err().to_string(),
        write_only
    );
    assert!(receiver.readable() && !receiver.writable());
    assert_eq!(format!("{sender:?}"), "<Connection write-only>");
}

#[test]
fn recv_gives_what_is_left_and_then_the_end() {
    within(30, || {
        let (a, b) = Pipe::new();
        let p = start(move || {
            b.send(&1).unwrap();
            b.send(&2).unwrap();
        });
        join_all([p]);
        assert_eq!((a.recv().unwrap(), a.recv().unwrap()), (1, 2));
        assert!(a.poll(Duration::ZERO).unwrap(), "the end counts");
        assert_eq!(a.recv().unwrap_err().kind(), ErrorKind::UnexpectedEof);
        assert_eq!(a.recv().unwrap_err().kind(), ErrorKind::UnexpectedEof);
    });
}

#[test]
fn send_to_a_closed_end_is_a_broken_pipe() {
    within(30, || {
        let (a, b) = Pipe::new();
        let in_child = start(move || {
            assert_eq!(b.recv().unwrap(), vec![0u8; 10]);
        });
        a.send(&vec![0; 10]).unwrap();
        join_all([in_child]);
        assert_eq!(
            a.send(&vec![0; 10]).unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
    });
}

#[test]
fn a_reader_that_leaves_early_breaks_the_pipe_of_a_waiting_sender() {
    within(30, || {
        let (a, b) = Pipe::new();
        let reader = start(move || drop::<Vec<u8>>(b.recv().unwrap()));
        let error = (0..10_000).find_map(|_| a.send(&vec![0u8; 1 << 20]).err());
        assert!(matches!(
            error.unwrap().kind(),
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
        ));
        join_all([reader]);
    });
}

#[test]
fn poll_waits_at_most_the_timeout() {
    let (a, b) = Pipe::new();
    let moment = Duration::from_millis(50);
    let began = Instant::now();
    assert!(!a.poll(moment).unwrap());
    assert!(began.elapsed() >= moment);
    thread::scope(|s| {
        s.spawn(|| {
            thread::sleep(moment);
            b.send(&1).unwrap();
        });
        assert!(a.poll(Duration::MAX).unwrap());
    });
    a.wait().unwrap();
    assert_eq!(a.recv().unwrap(), 1);
}

#[test]
fn messages_of_0_bytes_64_kib_and_100_mb() {
    within(60, || {
        let (a, b) = Pipe::new();
        let parents_end = a.clone();
        let echo = start(move || {
            parents_end.close();
            while let Ok(message) = b.recv() {
                b.send(&message).unwrap();
            }
        });
        for size in [0, 1, 64 << 10, 100_000_000] {
            let message: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            a.send(&message).unwrap();
            assert_eq!(a.recv().unwrap(), message);
        }
        a.close();
        assert_eq!(a.send(&vec![]).unwrap_err().to_string(), "handle is closed");
        assert_eq!(a.recv().unwrap_err().to_string(), "handle is closed");
        join_all([echo]);
    });
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

#[test]
fn a_sender_killed_in_the_middle_is_an_error_also_if_others_hold_the_end() {
    within(30, || {
        let (a, b) = Pipe::new();
        let held = b.clone();
        let sender = start(move || b.send(&vec![1u8; 10 << 20]).unwrap());
        a.wait().unwrap();
        thread::sleep(Duration::from_millis(50));
        kill(sender.pid().unwrap());
        assert_eq!(end_of(&sender, 10), Some(-9));
        let error = a.recv().unwrap_err().to_string();
        assert!(error.contains("in the middle of sending"), "{error}");
        drop(held);
    });
}

/// A process that was killed after it had taken a token, and before it took the message.
fn take_a_token_only(receiver: &Connection<i32>) {
    let receiver = receiver.clone();
    join_all([start(move || {
        let mut tokens = &receiver.end.receiver.as_ref().unwrap().tokens;
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
        // Also at the end.
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
fn a_token_without_a_message_is_passed_over() {
    within(30, || {
        let (receiver, sender) = Pipe::one_way();
        let mut tokens = &sender.end.sender.as_ref().unwrap().tokens;
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
        // Until the token is gone: it is at it.
        while receiver.poll(Duration::ZERO).unwrap() {
            thread::yield_now();
        }
        kill(p.pid().unwrap());
        assert_eq!(end_of(&p, 10), Some(-9));
        // It waits for the rest of the large one to be passed over.
        let small = start(move || sender.send(&vec![2; 3]).unwrap());
        assert_eq!(receiver.recv().unwrap(), [2; 3]);
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

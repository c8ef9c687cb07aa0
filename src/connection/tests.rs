//! The rules of Python's pipes.

use std::io::{ErrorKind, Write};
use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::ipc::testing::{end_of, join_all, kill, start, within};

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
fn a_length_from_2_gib_on_takes_8_more_bytes() {
    let mut frame = Vec::new();
    way::begin_frame(&mut frame);
    frame.extend_from_slice(b"abc");
    way::end_frame(&mut frame);
    assert_eq!(frame, b"\0\0\0\x03abc");
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

#[test]
fn a_receiver_killed_in_the_middle_is_an_error_for_the_next() {
    within(30, || {
        let (a, b) = Pipe::new::<Vec<u8>>();
        let next = b.clone();
        let receiver = start(move || drop(b.recv().unwrap()));
        // Half a message.
        a.socket
            .stream
            .try_clone()
            .unwrap()
            .write_all(&[0, 0, 0, 9, 1])
            .unwrap();
        thread::sleep(Duration::from_millis(50));
        kill(receiver.pid().unwrap());
        assert_eq!(end_of(&receiver, 10), Some(-9));
        let error = next.recv().unwrap_err().to_string();
        assert!(error.contains("in the middle of receiving"), "{error}");
    });
}

//! Pipe.

use std::io::ErrorKind;
use std::thread;
use std::time::{Duration, Instant};

use threadbook::prelude::*;

use crate::life::*;

const SHORT: Duration = Duration::from_millis(30);

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
fn of_a_one_way_pipe_the_first_end_receives_and_the_second_sends() {
    within(30, || {
        let (receiver, sender) = Pipe::one_way::<i32>();
        sender.send(&1).unwrap();
        assert_eq!(receiver.recv().unwrap(), 1);
        assert!(receiver.readable() && !receiver.writable());
        assert!(sender.writable() && !sender.readable());
        assert_eq!(error_of(receiver.send(&2)), "connection is read-only");
        assert_eq!(error_of(sender.recv()), "connection is write-only");
        assert_eq!(
            error_of(sender.poll(Duration::ZERO)),
            "connection is write-only"
        );
    });
}

#[test]
fn a_closed_end_is_an_error() {
    within(30, || {
        let (a, _b) = Pipe::new::<i32>();
        let clone = a.clone();
        a.close();
        a.close();
        assert_eq!(error_of(clone.send(&1)), "handle is closed");
        assert_eq!(error_of(clone.recv()), "handle is closed");
        assert_eq!(error_of(clone.poll(Duration::ZERO)), "handle is closed");
    });
}

#[test]
fn recv_waits_and_poll_waits_as_long_as_it_is_told() {
    within(30, || {
        let (a, b) = Pipe::new();
        assert!(!a.poll(Duration::ZERO).unwrap());
        let began = Instant::now();
        assert!(!a.poll(SHORT).unwrap());
        assert!(began.elapsed() >= SHORT);
        let p = start(move || {
            for n in [1, 2] {
                thread::sleep(SHORT);
                b.send(&n).unwrap();
            }
        });
        a.wait().unwrap();
        assert!(a.poll(Duration::MAX).unwrap());
        assert_eq!((a.recv().unwrap(), a.recv().unwrap()), (1, 2));
        join_all([p]);
    });
}

#[test]
fn recv_gives_what_is_left_and_then_eof_when_all_writers_are_closed() {
    within(30, || {
        let (a, b) = Pipe::new();
        join_all([start(move || (1..=2).for_each(|n| b.send(&n).unwrap()))]);
        assert_eq!((a.recv().unwrap(), a.recv().unwrap()), (1, 2));
        for _ in 0..2 {
            assert!(a.poll(Duration::ZERO).unwrap(), "the end counts");
            assert_eq!(a.recv().unwrap_err().kind(), ErrorKind::UnexpectedEof);
        }
    });
}

#[test]
fn a_reader_that_holds_a_copy_of_the_writers_end_sees_no_eof_until_it_closes_that() {
    within(30, || {
        let (reader, writer) = Pipe::one_way::<i32>();
        let copy = writer.clone();
        let (close, closed) = (Event::new(), Event::new());
        let p = start({
            let (close, closed) = (close.clone(), closed.clone());
            move || {
                assert!(!reader.poll(SHORT).unwrap());
                close.set();
                closed.wait();
                assert!(!reader.poll(SHORT).unwrap(), "its own copy is still open");
                copy.close();
                assert_eq!(reader.recv().unwrap_err().kind(), ErrorKind::UnexpectedEof);
            }
        });
        close.wait();
        writer.close();
        closed.set();
        join_all([p]);
    });
}

#[test]
fn the_end_that_is_given_to_a_process_is_closed_in_the_parent_by_the_start() {
    within(30, || {
        let (a, b) = Pipe::new::<i32>();
        join_all([start(move || drop(b))]);
        assert_eq!(a.recv().unwrap_err().kind(), ErrorKind::UnexpectedEof);
    });
}

#[test]
fn send_to_an_end_that_is_closed_everywhere_is_a_broken_pipe() {
    within(30, || {
        let (a, b) = Pipe::new();
        a.send(&0).unwrap();
        join_all([start(move || assert_eq!(b.recv().unwrap(), 0))]);
        assert_eq!(a.send(&1).unwrap_err().kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn several_users_of_one_end_do_not_damage_the_messages() {
    within(60, || {
        let (a, b) = Pipe::new();
        let senders: Vec<_> = (0..4_u8)
            .map(|n| {
                let sender = a.clone();
                let message = vec![n; 3000 * usize::from(n)];
                start(move || (0..500).for_each(|_| sender.send(&message).unwrap()))
            })
            .collect();
        let mut lengths = [0; 4];
        for _ in 0..2000 {
            let message: Vec<u8> = b.recv().unwrap();
            assert!(
                message
                    .iter()
                    .all(|&byte| usize::from(byte) == message.len() / 3000)
            );
            lengths[message.len() / 3000] += 1;
        }
        assert_eq!(lengths, [500; 4]);
        join_all(senders);
    });
}

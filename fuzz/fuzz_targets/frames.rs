//! Checks that the reader of ZeroMQ frames panics on no input and stays within its memory limits.

#![no_main]

#[allow(dead_code, reason = "the kernel uses the rest")]
#[path = "../../kernel/src/zmtp/frame.rs"]
mod frame;

use frame::{Limits, Received};

/// `frame.rs` imports it as `super::Message`, as in the kernel.
type Message = Vec<bytes::Bytes>;

const LIMITS: Limits = Limits {
    bytes: 1 << 16,
    frames: 100,
};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut from = data;
    while let Ok(received) = futures::executor::block_on(frame::read(&mut from, LIMITS)) {
        let Received::Message(message) = received else {
            continue;
        };
        let length: usize = message.iter().map(|frame| frame.len()).sum();
        assert!(message.len() <= LIMITS.frames && length <= LIMITS.bytes);
        let encoded = frame::encode(&message);
        let again = futures::executor::block_on(frame::read(&mut &encoded[..], LIMITS));
        assert_eq!(again.ok(), Some(Received::Message(message)));
    }
});

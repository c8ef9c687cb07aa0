//! No bytes that arrive on a connection make the reader of ZeroMQ's frames panic, or take more
//! memory than it may.

#![no_main]

#[allow(dead_code, reason = "the kernel uses the rest")]
#[path = "../../kernel/src/zmtp/frame.rs"]
mod frame;

use frame::{Limits, Received};

/// Where the kernel has it too, as seen from its reader of frames.
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

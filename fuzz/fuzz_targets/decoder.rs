//! Checks that the decoder of Jupyter messages panics on no input.

#![no_main]

#[path = "../decode.rs"]
mod decode;
#[path = "../../kernel/src/jupyter/replay.rs"]
mod replay;
#[allow(dead_code, reason = "the kernel uses the rest")]
#[path = "../../kernel/src/jupyter/request.rs"]
mod request;
#[allow(dead_code, reason = "the kernel uses the rest")]
#[path = "../../kernel/src/jupyter/wire.rs"]
mod wire;

libfuzzer_sys::fuzz_target!(|data: &[u8]| decode::decode(data));

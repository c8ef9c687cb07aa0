//! The Jupyter protocol, for the kernel and its clients: wire messages, connection files and kernelspecs.

pub mod connection;
pub mod replay;
pub mod request;
pub mod spec;
pub mod wire;

#[cfg(test)]
#[path = "../../../fuzz/decode.rs"]
mod decode;
#[cfg(test)]
mod fuzz_tests;

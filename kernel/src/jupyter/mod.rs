//! What both sides of the Jupyter protocol share: messages on the wire, connection files, kernelspecs.

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

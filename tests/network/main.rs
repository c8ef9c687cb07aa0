//! The network as a cell sees it. All servers are on this machine.

mod answers;
mod apart;
mod authority;
mod broken_clips;
mod class;
mod clips;
/// The part of the kernel's helpers that does not run the kernel.
#[allow(dead_code, reason = "the kernel's tests use all of it")]
#[path = "../common"]
mod common {
    pub mod not_run;
    pub mod run;
    pub mod tools;
}
mod failures;
mod full_disk;
mod live;
mod processes;
mod server;
mod yt_dlp;

//! The network as a cell sees it. All servers are on this machine.

mod answers;
mod apart;
mod authority;
mod broken_clips;
mod class;
mod clips;
mod failures;
mod full_disk;
mod live;
mod processes;
mod server;
mod yt_dlp;

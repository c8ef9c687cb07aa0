//! Downloads a clip: `cargo run --example download -- [DIRECTORY [URL]]`

use std::env;
use std::process::ExitCode;
use threadbook::prelude::*;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".into());
    let url = arguments
        .next()
        .unwrap_or_else(|| "https://www.youtube.com/watch?v=BxuY9FET9Y4".into());
    match download(&url, &folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn download(url: &str, folder: &str) -> Result<(), youtube::Error> {
    let clip = YouTube::new(url)
        .on_progress(|stream, _chunk, left| {
            eprint!("\r{:3} %", 100 - 100 * left / stream.filesize())
        })
        .on_complete(|_stream, path| eprintln!(" {}", path.display()));
    let wanted = Filter::new().file_extension("mp4");
    let stream = clip
        .streams()?
        .filter(wanted)
        .last()
        .expect("a clip has a stream");
    stream.download(folder).map(drop)
}

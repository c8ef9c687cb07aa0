//! Finds the streams of a clip with the program yt-dlp, which keeps up with the sites.

use crate::clip::{Clip, Stream};
use crate::failure::Failure;
use crate::interface::Kind;
use serde_json::Value;
use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const PROGRAM: &str = "yt-dlp";

/// How long yt-dlp may take. It makes several requests.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Looks up the clip at `url`. Needs the internet.
pub fn find(url: &str) -> Result<Clip, Failure> {
    let text = run(url)?;
    let found: Value = serde_json::from_slice(&text)
        .map_err(|error| failed(format!("{PROGRAM} did not print JSON: {error}")))?;
    Ok(Clip {
        title: found["title"].as_str().unwrap_or("clip").to_owned(),
        streams: streams(&found),
    })
}

/// Returns the streams that a plain HTTP request can download, the best first.
fn streams(found: &Value) -> Vec<Stream> {
    let formats = found["formats"].as_array().map(Vec::as_slice);
    formats
        .unwrap_or(std::slice::from_ref(found))
        .iter()
        .rev()
        .filter_map(stream)
        .collect()
}

fn stream(format: &Value) -> Option<Stream> {
    let text = |name: &str| format[name].as_str().unwrap_or_default().to_owned();
    if !matches!(format["protocol"].as_str(), Some("http" | "https")) {
        return None;
    }
    // A site that does not say has video and audio in one stream.
    let has = |codec: &str| format[codec].as_str() != Some("none");
    let headers = format["http_headers"].as_object();
    Some(Stream {
        itag: text("format_id"),
        url: format["url"].as_str()?.to_owned(),
        headers: headers
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some(format!("{name}: {}\n", value.as_str()?)))
            .collect(),
        extension: text("ext"),
        resolution: format["height"]
            .as_u64()
            .map(|height| format!("{height}p"))
            .unwrap_or_default(),
        size: format["filesize"].as_u64(),
        has_video: has("vcodec"),
        has_audio: has("acodec"),
    })
}

fn run(url: &str) -> Result<Vec<u8>, Failure> {
    let started = Command::new(PROGRAM)
        .args(["--dump-single-json", "--no-playlist", "--no-warnings", "--"])
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(failed(format!(
                "clips from the internet are found by the program {PROGRAM}, which is not installed; \
                 install it with `pip install {PROGRAM}` or `conda install -c conda-forge {PROGRAM}`"
            )));
        }
        Err(error) => return Err(failed(format!("cannot start {PROGRAM}: {error}"))),
    };
    let output = collect(child.stdout.take());
    let errors = collect(child.stderr.take());
    // Both end when the program exits.
    let (output, errors) = match output.recv_timeout(TIMEOUT) {
        Ok(output) => (output, errors.recv().unwrap_or_default()),
        Err(_) => {
            end(&mut child);
            let seconds = TIMEOUT.as_secs();
            return Err(failed(format!(
                "{PROGRAM} timed out: it found nothing at {url} within {seconds} s"
            )));
        }
    };
    let status = child
        .wait()
        .map_err(|error| failed(format!("cannot wait for {PROGRAM}: {error}")))?;
    if status.success() {
        Ok(output)
    } else {
        let errors = String::from_utf8_lossy(&errors);
        let reason = errors
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("ERROR: "))
            .or(errors.lines().last())
            .unwrap_or("no reason given");
        Err(failed(format!(
            "{PROGRAM} found no clip at {url}: {reason}"
        )))
    }
}

/// Reads to the end in a separate thread.
fn collect(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut stream) = stream {
            // What cannot be read is only missing from the message.
            let _ = stream.read_to_end(&mut text);
        }
        // After the timeout no one waits for it any more.
        let _ = sender.send(text);
    });
    receiver
}

fn end(child: &mut Child) {
    // It may have exited by itself.
    let _ = child.kill();
    let _ = child.wait();
}

fn failed(message: String) -> Failure {
    Failure::new(Kind::YtDlp, message)
}

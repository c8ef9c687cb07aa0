//! What the reader would see of a run.

use crate::ipc::{ExploredFailure as Failure, Shown};
use crate::runtime::control::{Piece, Splitter};

/// Splits the bytes that a run wrote into its output and its value.
pub fn shown(written: &[u8], failure: Option<Failure>) -> Shown {
    let mut splitter = Splitter::default();
    let mut pieces = splitter.push(written);
    pieces.extend(splitter.finish());
    let mut output = Vec::new();
    let mut value = None;
    let mut is_plain = false;
    for piece in pieces {
        match piece {
            Piece::Text(text) => output.extend(text),
            Piece::Control(lines) => {
                for line in String::from_utf8_lossy(&lines).lines() {
                    if let Some(mime) = line.strip_prefix("EVCXR_BEGIN_CONTENT ") {
                        is_plain = mime.trim() == "text/plain";
                        if is_plain {
                            value = Some(Vec::new());
                        }
                    } else if line == "EVCXR_END_CONTENT" {
                        is_plain = false;
                    } else if is_plain && let Some(value) = &mut value {
                        value.push(line.to_owned());
                    }
                }
            }
        }
    }
    Shown {
        output: String::from_utf8_lossy(&output).into_owned(),
        value: value.map(|lines| lines.join("\n")),
        failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_told_from_the_output() {
        let written = b"a\nEVCXR_BEGIN_CONTENT text/html\n<b>2</b>\nEVCXR_END_CONTENT\n\
                        EVCXR_BEGIN_CONTENT text/plain\n2\n3\nEVCXR_END_CONTENT\nb";
        let shown = shown(written, None);
        assert_eq!(shown.output, "a\nb");
        assert_eq!(shown.value.as_deref(), Some("2\n3"));
    }

    #[test]
    fn without_a_value_there_is_none() {
        let shown = shown(b"a\n", Some(Failure::Deadlock));
        assert_eq!((&*shown.output, shown.value), ("a\n", None));
    }
}

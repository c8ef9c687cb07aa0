//! What a cell has shown, in case it takes some of it back.
//!
//! A front end follows a text that goes back to the start of its line, and no further. Bars of several lines go up to lines
//! that were written before: then all that the cell has shown is cleared, and shown again as a terminal would show it.

mod text;

use crate::ipc::Stream;
use jupyter_protocol::{ClearOutput, JupyterMessageContent, UpdateDisplayData};
use text::{Step, Text, content};

/// Above that many bytes nothing is shown again: it would take too long each time.
const MAX_REPLAY_BYTES: usize = 256 << 10;

#[derive(Default)]
pub struct StreamDisplay {
    /// All but the text at the end.
    before: Vec<JupyterMessageContent>,
    end: Option<Text>,
    bytes: usize,
    /// Whether nothing may be taken back any more.
    is_final: bool,
}

impl StreamDisplay {
    /// From now on text is passed on as it is.
    pub fn end(&mut self) {
        *self = StreamDisplay {
            is_final: true,
            ..StreamDisplay::default()
        };
    }

    /// Notes what is shown beside the streams.
    pub fn add(&mut self, content: &JupyterMessageContent) {
        if self.is_final {
            return;
        }
        match content {
            JupyterMessageContent::ClearOutput(_) => *self = StreamDisplay::default(),
            JupyterMessageContent::UpdateDisplayData(update) => self.update(update),
            content => {
                let size = serde_json::to_string(content).map_or(0, |text| text.len());
                self.close_text();
                self.before.push(content.clone());
                self.count(size);
            }
        }
    }

    /// Text that was written to a stream: what front ends are to be told.
    pub fn write(&mut self, stream: Stream, text: &str) -> Vec<JupyterMessageContent> {
        if !self.is_final {
            self.count(text.len());
        }
        if self.is_final {
            return vec![content(stream, text)];
        }
        if self.end.as_ref().is_none_or(|end| end.stream != stream) {
            self.close_text();
            self.end = Some(Text::new(stream));
        }
        let Some(end) = &mut self.end else {
            return Vec::new();
        };
        match end.write(text) {
            Step::Append(text) if text.is_empty() => Vec::new(),
            Step::Append(text) => vec![content(stream, &text)],
            Step::Redraw => {
                let mut all = vec![ClearOutput { wait: true }.into()];
                all.extend(self.before.iter().cloned());
                all.extend(self.end.as_mut().map(Text::content));
                all
            }
        }
    }

    /// What is shown again is shown as it is now.
    fn update(&mut self, update: &UpdateDisplayData) {
        for content in &mut self.before {
            if let JupyterMessageContent::DisplayData(display) = content
                && let Some(transient) = &display.transient
                && transient.display_id == update.transient.display_id
            {
                display.data = update.data.clone();
                display.metadata = update.metadata.clone();
            }
        }
    }

    fn close_text(&mut self) {
        if let Some(mut text) = self.end.take() {
            self.before.push(text.content());
        }
    }

    fn count(&mut self, bytes: usize) {
        self.bytes += bytes;
        if self.bytes > MAX_REPLAY_BYTES {
            self.end();
        }
    }
}

#[cfg(test)]
mod tests;

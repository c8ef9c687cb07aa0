//! Remembers what a cell has shown, in case the cell overwrites part of it.
//!
//! Front ends support text that returns to the start of its line, but no other cursor movement. Progress bars of several
//! lines move up to earlier lines: then this module clears all output of the cell, and shows it again as a terminal would.

mod text;

use crate::ipc::Stream;
use jupyter_protocol::{ClearOutput, JupyterMessageContent, UpdateDisplayData};
use text::{Step, Text, content};

/// Longer output, in bytes, is not shown again: each time would take too long.
const MAX_REPLAY_BYTES: usize = 256 << 10;

#[derive(Default)]
pub struct StreamDisplay {
    /// Everything except the text at the end.
    before: Vec<JupyterMessageContent>,
    end: Option<Text>,
    bytes: usize,
    /// Whether text is passed on unchanged from now on.
    is_final: bool,
}

impl StreamDisplay {
    /// Starts to pass on text unchanged, and forgets what was shown.
    pub fn end(&mut self) {
        *self = StreamDisplay {
            is_final: true,
            ..StreamDisplay::default()
        };
    }

    /// Records a message other than stream text.
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
                self.count_bytes(size);
            }
        }
    }

    /// Takes text written to a stream, and returns the messages for front ends.
    pub fn write(&mut self, stream: Stream, text: &str) -> Vec<JupyterMessageContent> {
        if !self.is_final {
            self.count_bytes(text.len());
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

    /// Updates recorded displays, so that a redraw shows their current content.
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

    fn count_bytes(&mut self, bytes: usize) {
        self.bytes += bytes;
        if self.bytes > MAX_REPLAY_BYTES {
            self.end();
        }
    }
}

#[cfg(test)]
mod tests;

//! What a compilation resulted in, kept for the same one at another time.

use std::path::Path;

use anyhow::Result;

use super::compilation::Call;
use super::input::Input;
use super::request::Request;
use super::rustc::Told;
use super::source::Source;
use crate::cell::canonical;
use crate::prebuilt::{Key, Store};

/// The place in the store for one compilation.
pub struct Kept<'a> {
    call: &'a Call,
    input: &'a Input,
    source: &'a Source,
    store: &'a Store,
    /// The key of a library. The order of items and variables makes no difference.
    library: Option<String>,
}

/// Whether a source may have macros that read files or the environment. What they find is not known before rustc has told, and it
/// tells only if it succeeds.
pub fn may_read(source: &str) -> bool {
    ["include", "env!"].iter().any(|word| source.contains(word))
}

impl<'a> Kept<'a> {
    /// Nothing is read yet.
    pub fn open(
        call: &'a Call,
        input: &'a Input,
        source: &'a Source,
        store: &'a Store,
    ) -> Kept<'a> {
        let is_library = input.request == Request::Build;
        Kept {
            library: is_library
                .then(|| key(call, input, &canonical(source.text())))
                .flatten(),
            call,
            input,
            source,
            store,
        }
    }

    /// What rustc has told, and the source that it was given. The library is in its place.
    ///
    /// # Errors
    /// When what was kept is not what was put.
    pub fn take(&self) -> Result<Option<(Told, Source)>> {
        if let Some(key) = &self.library
            && let Some(source) = self.store.get("source", key)
            && self.store.copy("cell", key, &self.call.library())
        {
            return Ok(Some((Told::default(), Source::from_store(source)?)));
        }
        let told = self.messages().and_then(|key| self.store.get("told", &key));
        match told {
            Some(told) => Ok(Some((serde_json::from_slice(&told)?, self.source.clone()))),
            None => Ok(None),
        }
    }

    /// Keeps what came of the compilation, if it would come of it again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&self, told: &Told) -> Result<()> {
        if let Some(key) = self.library.as_ref().filter(|_| told.code == 0) {
            if self.call.read_nothing_else() {
                let text = self.source.text();
                self.store.put_file("cell", key, &self.call.library())?;
                self.store.put("source", key, text.as_bytes())?;
            }
        } else if told.code <= 1
            // A rustc that was ended by a signal, or by a lack of memory, would do better next time.
            && let Some(key) = self.messages()
        {
            self.store.put("told", &key, &serde_json::to_vec(told)?)?;
        }
        Ok(())
    }

    /// The key of messages. They name lines, so here the order counts.
    fn messages(&self) -> Option<String> {
        let text = self.source.text();
        (!may_read(text))
            .then(|| key(self.call, self.input, text))
            .flatten()
    }
}

/// Other inputs, another key: the source, and each library that the cell is linked with, as it is now. None if one of these
/// is not there.
fn key(call: &Call, input: &Input, source: &str) -> Option<String> {
    let mut key = Key::default();
    key.add(&input.key);
    key.add(source);
    for argument in &call.abstracted {
        key.add(argument);
    }
    for path in linked(&call.arguments) {
        let file = std::fs::metadata(path).ok()?;
        let modified = file.modified().ok()?;
        let age = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
        key.add(format!("{} {}", file.len(), age.as_nanos()));
    }
    Some(key.end())
}

/// The libraries that are named, in both ways of writing it.
fn linked(arguments: &[String]) -> impl Iterator<Item = &Path> {
    arguments
        .iter()
        .enumerate()
        .filter_map(|(index, argument)| {
            let named = match argument.strip_prefix("--extern=") {
                Some(named) => named,
                None if argument == "--extern" => arguments.get(index + 1)?,
                None => return None,
            };
            Some(Path::new(named.split_once('=')?.1))
        })
}

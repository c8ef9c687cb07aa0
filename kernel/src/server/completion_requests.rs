//! Answers `complete_request` and `inspect_request`: from the completion process if it is warm, and until
//! then from the names in the notebook.

use super::completion_process::CompletionProcess;
use super::local_completion;
use crate::cell::cursor::{asked_about, byte_offset, letters_before};
use crate::cell::{deep, has_tree};
use crate::completion::{Completions, Inspection};
use jupyter_protocol::media::Media;
use jupyter_protocol::{CompleteReply, CompleteRequest, InspectReply, InspectRequest, ReplyStatus};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How long a cell that asks for help waits for a completion process that is starting.
const HELP_TIMEOUT: Duration = Duration::from_secs(12);

/// Answers a `complete_request`.
pub async fn complete(completion: &CompletionProcess, request: &CompleteRequest) -> CompleteReply {
    let code = &request.code;
    let offset = byte_offset(code, request.cursor_pos);
    let complete_locally = || {
        let found = completion
            .with_notebook_names(|known| deep(|| local_completion::complete(code, offset, known)));
        found.unwrap_or_else(|| no_completions(offset))
    };
    let found = match local_completion::is_command(code, offset) || !can_be_analysed(code) {
        true => complete_locally(),
        false => match completion.complete(code, offset).await {
            Some(found) if fits(code, offset, &found) => found,
            _ => complete_locally(),
        },
    };
    reply(code, &found)
}

/// Returns whether the completion process can parse the code without overflowing its stack.
fn can_be_analysed(code: &str) -> bool {
    deep(|| has_tree(code)).unwrap_or_default()
}

/// Returns whether the completion process's answer can be inserted at this offset.
fn fits(code: &str, offset: usize, found: &Completions) -> bool {
    found.start <= offset
        && offset <= found.end
        && code.get(found.start..found.end).is_some()
        && !found.completions.is_empty()
}

fn no_completions(offset: usize) -> Completions {
    Completions {
        start: offset,
        end: offset,
        completions: Vec::new(),
    }
}

fn reply(code: &str, found: &Completions) -> CompleteReply {
    let start = letters_before(code, found.start);
    let end = letters_before(code, found.end);
    // An extension of the protocol, from which JupyterLab shows icons and signatures.
    let types = found.completions.iter().map(|completion| {
        json!({
            "start": start,
            "end": end,
            "text": completion.text,
            "type": completion.kind,
            "signature": completion.signature,
        })
    });
    let types: Vec<Value> = types.collect();
    let mut metadata = Map::new();
    metadata.insert("_jupyter_types_experimental".to_owned(), types.into());
    CompleteReply {
        matches: found
            .completions
            .iter()
            .map(|completion| completion.text.clone())
            .collect(),
        cursor_start: start,
        cursor_end: end,
        metadata,
        status: ReplyStatus::Ok,
        error: None,
    }
}

/// Answers an `inspect_request`.
pub async fn inspect(completion: &CompletionProcess, request: &InspectRequest) -> InspectReply {
    let code = &request.code;
    let offsets = asked_about(code, byte_offset(code, request.cursor_pos));
    let with_source = request.detail_level.is_some_and(|level| level > 0);
    match find(completion, code, &offsets, with_source, Duration::ZERO).await {
        Some(found) => InspectReply {
            found: true,
            data: media(found),
            ..InspectReply::default()
        },
        None => InspectReply::default(),
    }
}

/// Returns the page for a cell that asks for help on a name, or `None` when nothing is known.
pub async fn help(completion: &CompletionProcess, name: &str) -> Option<Media> {
    let offsets = asked_about(name, name.len());
    let found = find(completion, name, &offsets, false, HELP_TIMEOUT).await?;
    Some(media(found))
}

async fn find(
    completion: &CompletionProcess,
    code: &str,
    offsets: &[usize],
    with_source: bool,
    warming: Duration,
) -> Option<Inspection> {
    let found = match can_be_analysed(code) {
        true => {
            completion
                .inspect(code, offsets, with_source, warming)
                .await
        }
        false => None,
    };
    found.or_else(|| {
        completion
            .with_notebook_names(|known| deep(|| local_completion::inspect(code, offsets, known)))?
    })
}

fn media(found: Inspection) -> Media {
    let bundle = json!({"text/plain": found.plain, "text/markdown": found.markdown});
    // Never fails: the type deserializes from any map of strings.
    serde_json::from_value(bundle).unwrap_or_default()
}

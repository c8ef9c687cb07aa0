//! Inspection without a compiler.

use super::NotebookNames;
use crate::cell::commands::{COMMANDS, code_start};
use crate::cell::{Item, items};
use crate::completion::{Inspection, Variable};

/// Returns what is known about the name at one of the offsets.
pub fn inspect(code: &str, offsets: &[usize], known: &NotebookNames<'_>) -> Option<Inspection> {
    offsets.iter().find_map(|offset| {
        inspect_command(code, *offset).or_else(|| inspect_name(code, *offset, known))
    })
}

fn inspect_command(code: &str, offset: usize) -> Option<Inspection> {
    let line = code[..offset].rfind('\n').map_or(0, |end| end + 1);
    let rest = &code[line..];
    if line > code_start(code) || !rest.trim_start_matches(' ').starts_with(':') {
        return None;
    }
    let name = rest.split_whitespace().next()?;
    let (name, about) = COMMANDS.iter().find(|(command, _)| *command == name)?;
    Some(Inspection {
        plain: format!("{name}\n\n{about}"),
        markdown: format!("`{name}`\n\n{about}"),
    })
}

fn inspect_name(code: &str, offset: usize, known: &NotebookNames<'_>) -> Option<Inspection> {
    let rest = &code[offset..];
    let is_end = |letter: char| !letter.is_alphanumeric() && letter != '_';
    let name = &rest[..rest.find(is_end).unwrap_or(rest.len())];
    let texts = || std::iter::once(code).chain(known.cells.iter().rev().map(|cell| &**cell));
    let item = || {
        texts().find_map(|text| {
            let mut items = items(text).into_iter();
            items.rfind(|item| matches!(&item.name, Some((_, other)) if other == name))
        })
    };
    let variable = known
        .variables
        .iter()
        .find(|variable| variable.name == name);
    match variable {
        Some(Variable { name, written }) => Some(about(&format!("let {name}: {written}"), "")),
        None => item().map(
            |Item {
                 signature,
                 documentation,
                 ..
             }| about(&signature, &documentation),
        ),
    }
}

fn about(signature: &str, documentation: &str) -> Inspection {
    let rule = if documentation.is_empty() {
        ""
    } else {
        "\n\n---\n\n"
    };
    Inspection {
        plain: format!("{signature}\n\n{documentation}")
            .trim_end()
            .to_owned(),
        markdown: format!("```rust\n{signature}\n```{rule}{documentation}"),
    }
}

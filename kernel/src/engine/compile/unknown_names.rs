//! Errors about names that a later cell may define.

use crate::engine::cell::{Item, words};
use crate::engine::rustc::Diagnostic;
use crate::engine::session::Session;
use crate::engine::source::Source;

/// Whether a definition in a later cell can mend the error. A misspelt variable or method is an error.
pub fn names_something_unknown(error: &Diagnostic, session: &Session) -> bool {
    let subject = error.quoted().next().unwrap_or_default();
    match error.code() {
        "E0405" | "E0412" | "E0422" | "E0425" | "E0433" | "E0531" | "E0532" | "E0574" => {
            // Other letters, such as `S`, are as often the names of types.
            let is_parameter =
                subject == "T" && suggests(error, "might be missing a type parameter");
            // The name of a constant is often that of a variable but for its case, as in `n * N`.
            let is_variable = error.message.starts_with("cannot find value")
                && subject.contains(char::is_lowercase)
                && suggests(error, "a local variable with a similar name");
            is_at_top(&error.message) && !is_parameter && !is_variable
        }
        // Of a longer path, the beginning was found.
        "E0432" => from_root(subject).count() == 1,
        // A derive macro has the name of the trait.
        "E0404" => suggests(error, "consider importing"),
        // A later `impl` may bring a method or a trait.
        "E0599" | "E0277" | "E0369" | "E0368" | "E0600" | "E0608" => {
            let is_ours = |text| ty_is_ours(text, session);
            // The type of a static may get `Sync` by a later `unsafe impl`, though a type inside of it lacks it.
            let is_static = suggests(error, "shared static variables");
            let notes = error.children.iter();
            let around = notes.filter(|note| is_static && note.message.contains("within"));
            let mut about = around.chain([error]).flat_map(Diagnostic::quoted);
            about.any(is_ours) && !is_misspelt_member(error, session)
        }
        "E0594" | "E0596" => {
            let mut helps = error.children.iter();
            helps.any(|help| {
                let ty = help.quoted().nth(1).unwrap_or_default();
                help.message.contains("is required to modify") && ty_is_ours(ty, session)
            })
        }
        // Macros are looked for above their calls, but not those that are imported.
        "" => suggests(error, "consider importing this macro"),
        _ => false,
    }
}

/// Whether the error is about `T::from` of a type of the notebook. Without another `impl`, it takes a `T` (`std::convert::From`).
pub fn lacks_conversion(error: &Diagnostic, source: &Source, session: &Session) -> bool {
    let called = error
        .spans
        .iter()
        .filter(|span| span.label() == "arguments to this function are incorrect");
    let mut called = called.filter_map(|span| source.text().get(span.in_source()));
    let is_ours = |path: &str| {
        let (ty, function) = path.rsplit_once("::").unwrap_or_default();
        let ty = ty.trim_end();
        function.trim_start() == "from" && (ty == "Self" || session.defines_type(ty))
    };
    error.code() == "E0308" && called.any(is_ours)
}

/// Whether the error is that the `clone` in an `impl` block moves the value out of `*self`, for which the type must be `Copy`.
pub fn lacks_copy(error: &Diagnostic, item: &Item) -> bool {
    let is_clone = item
        .header
        .as_ref()
        .is_some_and(|header| header.is_trait && header.mentions.contains("Clone"));
    is_clone && error.code() == "E0507" && error.quoted().next() == Some("*self")
}

/// Whether the error is about a type of which an `impl` block is set aside.
pub fn lacks_block(error: &Diagnostic, session: &Session) -> bool {
    let labels = error.spans.iter().map(|span| span.label());
    let mut texts = labels.chain([error.message.as_str()]);
    texts.any(|text| words(text).any(|word| session.has_block_aside(word)))
}

/// Whether an error can be a consequence of another one: rustc does not know a type.
pub fn is_consequence(error: &Diagnostic) -> bool {
    error.is_untyped() || error.message.starts_with("the `Self` constructor")
}

/// Whether the message is about a name at the top level, where a later cell may define it.
fn is_at_top(message: &str) -> bool {
    let place = message.rsplit(" in ").next().unwrap_or_default();
    let path = place.trim_start_matches("module ").trim_matches('`');
    matches!(place, "this scope" | "the crate root") || from_root(path).next().is_none()
}

/// Returns the segments of a path without `crate`, `self` and `super` at its beginning.
fn from_root(path: &str) -> impl Iterator<Item = &str> {
    let mut segments = path.split("::").peekable();
    while segments
        .next_if(|segment| matches!(*segment, "crate" | "self" | "super"))
        .is_some()
    {}
    segments
}

/// Whether a type as rustc shows it contains one of the notebook.
fn ty_is_ours(shown: &str, session: &Session) -> bool {
    words(shown).any(|name| session.defines_type(name))
}

/// Whether the error is about an unknown type or trait, or a module that may contain one.
pub fn lacks_type(error: &Diagnostic) -> bool {
    let kinds = ["type", "trait", "struct", "tuple struct", "module or crate"];
    let mut unknown = kinds.iter();
    unknown.any(|kind| error.message.starts_with(&format!("cannot find {kind}")))
}

/// Whether rustc may report the error only because it does not know a type of the same item.
pub fn may_be_consequence(error: &Diagnostic) -> bool {
    matches!(
        error.code(),
        "E0206" | "E0220" | "E0308" | "E0277" | "E0599" | "E0594" | "E0596" | "E0609" | "E0614"
    )
}

/// Whether the error is about a variant, which no later cell can add, or a member of the notebook has a similar name.
fn is_misspelt_member(error: &Diagnostic, session: &Session) -> bool {
    if error.message.starts_with("no variant named")
        || suggests(error, "a variant with a similar name")
    {
        return true;
    }
    let helps = error.children.iter();
    let mut similar = helps.filter(|help| help.message.contains("with a similar name"));
    similar.any(|help| {
        let mut names = help.quoted();
        names
            .next()
            .is_some_and(|name| session.defines_member(name))
    })
}

/// Whether rustc's help contains these words.
fn suggests(error: &Diagnostic, words: &str) -> bool {
    let mut helps = error.children.iter();
    helps.any(|help| help.message.contains(words))
}

/// Returns rustc's advice on what the name may mean, to follow the message.
pub fn help(error: &Diagnostic) -> String {
    let mut helps = error.children.iter();
    let advice = helps.find_map(|help| {
        let is_wanted =
            help.message.starts_with("consider ") || help.message.contains("with a similar name");
        let mut spans = help.spans.iter().filter(|_| is_wanted);
        let suggested = spans.find_map(|span| span.suggested_replacement.as_deref())?;
        Some(format!("; {}: `{}`", help.message, suggested.trim()))
    });
    advice.unwrap_or_else(|| match error.quoted().next() {
        Some(name) if suggests(error, "you might be missing a crate") => {
            format!("; if `{name}` is a crate: `:dep {name} = \"*\"`")
        }
        _ => String::new(),
    })
}

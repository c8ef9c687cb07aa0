//! Gets completions from rust-analyzer.

use super::database::CELLS;
use super::messages::{Completion, Completions};
use ra_ap_hir::PrefixKind;
use ra_ap_ide::{
    Analysis, CompletionConfig, CompletionFieldsToResolve, CompletionItem, CompletionItemKind,
    FilePosition, RaFixtureConfig, SymbolKind, TextRange,
};
use ra_ap_ide_db::imports::insert_use::{ImportGranularity, InsertUseConfig};

/// Nobody reads a longer list of completions.
const MAX_COMPLETIONS: usize = 1000;

/// Returns the completions at `offset` in the cell that begins at `start` in `text`, the whole file.
pub fn complete(analysis: &Analysis, text: &str, start: usize, offset: usize) -> Completions {
    let position = FilePosition {
        file_id: CELLS,
        offset: ((start + offset) as u32).into(),
    };
    let items = match analysis.completions(&config(), position, None) {
        Ok(Some(items)) => items,
        _ => Vec::new(),
    };
    let mut items: Vec<_> = items
        .into_iter()
        .filter_map(|item| Some((replaced(&item)?, item)))
        .collect();
    let Some(range) = items.first().map(|((range, _), _)| *range) else {
        return Completions {
            start: offset,
            end: offset,
            completions: Vec::new(),
        };
    };
    // In Jupyter, all completions replace the same range.
    items.retain(|((other, _), _)| *other == range);
    keep_fitting(&mut items, &text[range]);
    items.sort_by(|(_, a), (_, b)| {
        let by_score = b.relevance.score().cmp(&a.relevance.score());
        by_score.then_with(|| a.label.primary.cmp(&b.label.primary))
    });
    let mut completions: Vec<Completion> = Vec::new();
    for ((_, text), item) in items {
        if completions.iter().all(|other| other.text != text) {
            completions.push(Completion {
                kind: kind(item.kind).to_owned(),
                signature: item.detail.unwrap_or_default(),
                text,
            });
        }
    }
    completions.truncate(MAX_COMPLETIONS);
    Completions {
        start: usize::from(range.start()).saturating_sub(start),
        end: usize::from(range.end()).saturating_sub(start),
        completions,
    }
}

type Replaced = (TextRange, String);

/// Returns the range that an item replaces and the new text; `None` if the item makes other edits too.
fn replaced(item: &CompletionItem) -> Option<Replaced> {
    let mut edits = item.text_edit.iter();
    let (edit, None) = (edits.next()?, edits.next()) else {
        return None;
    };
    // Items that begin elsewhere, such as `.if`, would replace more than the others.
    (edit.delete == item.source_range).then(|| (edit.delete, typed(&edit.insert).to_owned()))
}

/// Returns the part of `text` to insert: up to the `…` for what the user fills in, as in `derive(…)`.
fn typed(text: &str) -> &str {
    text.split('…').next().unwrap_or_default().trim()
}

/// Keeps the items that begin with `typed`. If none does, those that do when the case is ignored; and if there is none
/// either, those with an alias that does, such as the name that Python has for it.
fn keep_fitting(items: &mut Vec<(Replaced, CompletionItem)>, typed: &str) {
    let folded = typed.to_lowercase();
    let fits: [&dyn Fn(&CompletionItem) -> bool; 3] = [
        &|item| item.lookup().starts_with(typed),
        &|item| item.lookup().to_lowercase().starts_with(&folded),
        &|item| aliases(item).any(|alias| alias.starts_with(typed)),
    ];
    let mut fits = fits.into_iter();
    match fits.find(|fits| items.iter().any(|(_, item)| fits(item))) {
        Some(fits) => items.retain(|(_, item)| fits(item)),
        None => items.clear(),
    }
}

/// Returns the other names that an item's documentation gives it: `#[doc(alias = "…")]`.
fn aliases(item: &CompletionItem) -> impl Iterator<Item = &str> {
    let detail = item.label.detail_left.as_deref().unwrap_or_default();
    let (_, aliases) = detail.split_once("(alias ").unwrap_or_default();
    aliases.split(')').next().unwrap_or_default().split(", ")
}

fn config() -> CompletionConfig<'static> {
    CompletionConfig {
        enable_postfix_completions: false,
        enable_imports_on_the_fly: false,
        enable_self_on_the_fly: true,
        enable_auto_iter: false,
        enable_auto_await: false,
        enable_private_editable: false,
        enable_term_search: false,
        term_search_fuel: 0,
        full_function_signatures: true,
        // Jupyter's clients insert plain text.
        callable: None,
        snippet_cap: None,
        add_colons_to_module: false,
        add_semicolon_to_unit: false,
        insert_use: InsertUseConfig {
            granularity: ImportGranularity::Item,
            enforce_granularity: false,
            prefix_kind: PrefixKind::ByCrate,
            group: false,
            skip_glob_imports: false,
        },
        prefer_no_std: false,
        prefer_prelude: true,
        prefer_absolute: false,
        snippets: Vec::new(),
        limit: None,
        fields_to_resolve: CompletionFieldsToResolve::empty(),
        exclude_flyimport: Vec::new(),
        exclude_traits: &[],
        ra_fixture: RaFixtureConfig::default(),
    }
}

/// Returns one of the kinds for which Jupyter's clients have icons.
fn kind(kind: CompletionItemKind) -> &'static str {
    match kind {
        CompletionItemKind::Keyword => "keyword",
        CompletionItemKind::BuiltinType => "class",
        CompletionItemKind::SymbolKind(symbol) => match symbol {
            SymbolKind::Function | SymbolKind::Method => "function",
            SymbolKind::Macro | SymbolKind::ProcMacro | SymbolKind::Derive => "function",
            SymbolKind::Module | SymbolKind::CrateRoot => "module",
            SymbolKind::Enum
            | SymbolKind::Struct
            | SymbolKind::Trait
            | SymbolKind::TypeAlias
            | SymbolKind::TypeParam
            | SymbolKind::Union
            | SymbolKind::SelfType => "class",
            SymbolKind::Field => "property",
            _ => "instance",
        },
        _ => "instance",
    }
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn what_the_user_has_in_mind_is_left_to_the_user() {
        assert_eq!(typed("derive(…)"), "derive(");
        assert_eq!(typed("doc = \"…\""), "doc = \"");
        assert_eq!(typed("to_uppercase "), "to_uppercase");
    }
}

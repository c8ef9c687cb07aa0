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

/// Keeps the items that begin with `typed`; if none does, those that do when the case is ignored.
fn keep_fitting(items: &mut Vec<(Replaced, CompletionItem)>, typed: &str) {
    let exact = |item: &CompletionItem| item.lookup().starts_with(typed);
    if items.iter().any(|(_, item)| exact(item)) {
        items.retain(|(_, item)| exact(item));
    } else {
        let typed = typed.to_lowercase();
        items.retain(|(_, item)| item.lookup().to_lowercase().starts_with(&typed));
    }
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

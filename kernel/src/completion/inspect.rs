//! Gets the type, signature and documentation of a name from rust-analyzer.

use super::database::CELLS;
use super::messages::Inspection;
use ra_ap_ide::{
    Analysis, FilePosition, FileRange, GotoDefinitionConfig, HoverConfig, HoverDocFormat,
    RaFixtureConfig, SubstTyLen, TextRange, TextSize,
};

/// The maximum length of a shown source, in bytes.
const MAX_SOURCE_BYTES: usize = 20_000;

/// Whose source is shown with a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownSource {
    None,
    /// That of definitions in cells, as the crates' is not loaded.
    OfCells,
    All,
}

/// Describes the name at `offset` in the file.
pub fn inspect(analysis: &Analysis, offset: usize, shown: ShownSource) -> Option<Inspection> {
    let offset = TextSize::from(offset as u32);
    let mut plain = hover(analysis, offset, HoverDocFormat::PlainText)?;
    let mut markdown = hover(analysis, offset, HoverDocFormat::Markdown)?;
    if let Some(source) = source(analysis, offset, shown) {
        plain.push_str(&format!("\n\n{source}"));
        markdown.push_str(&format!("\n\n---\n\n```rust\n{source}\n```\n"));
    }
    Some(Inspection { plain, markdown })
}

fn hover(analysis: &Analysis, offset: TextSize, format: HoverDocFormat) -> Option<String> {
    let config = HoverConfig {
        links_in_hover: true,
        memory_layout: None,
        documentation: true,
        keywords: true,
        format,
        max_trait_assoc_items_count: Some(10),
        max_fields_count: Some(10),
        max_enum_variants_count: Some(10),
        max_subst_ty_len: SubstTyLen::Unlimited,
        show_drop_glue: false,
        ra_fixture: RaFixtureConfig::default(),
    };
    let range = FileRange {
        file_id: CELLS,
        range: TextRange::empty(offset),
    };
    let found = analysis.hover(&config, range).ok()??;
    let text = found.info.markup.as_str().trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Returns the source of the name's definition, if it is to be shown.
fn source(analysis: &Analysis, offset: TextSize, shown: ShownSource) -> Option<String> {
    if shown == ShownSource::None {
        return None;
    }
    let position = FilePosition {
        file_id: CELLS,
        offset,
    };
    let config = GotoDefinitionConfig {
        ra_fixture: RaFixtureConfig::default(),
    };
    let found = analysis.goto_definition(position, &config).ok()??;
    let target = found.info.first()?;
    if shown == ShownSource::OfCells && target.file_id != CELLS {
        return None;
    }
    let text = analysis.file_text(target.file_id).ok()?;
    let source = text.get(usize::from(target.full_range.start())..)?;
    let length = usize::from(target.full_range.len());
    let end = source.floor_char_boundary(length.min(MAX_SOURCE_BYTES));
    Some(source[..end].to_owned())
}

//! Statics that cells share: the defining cell exports a static, and later cells declare it.

use super::static_lifetimes::with_static_lifetimes;
use crate::engine::cell::{Declaration, Item, StaticItem};
use crate::prebuilt::Key;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// The statics that the libraries of earlier cells export, by path.
#[derive(Debug, Clone, Default)]
pub struct Statics {
    exported: HashMap<String, Exported>,
    /// How many statics each path has had.
    generations: HashMap<String, u32>,
}

#[derive(Debug, Clone)]
struct Exported {
    normalized: String,
    generation: u32,
    mentions: BTreeSet<String>,
}

impl Statics {
    /// Returns the item's text for a cell in pieces, each with its offset in the item's own text unless it is generated. Statics
    /// that already exist are declared, others are defined and exported. `items` are those of the notebook.
    pub fn written(&self, item: &Item, items: &[Rc<Item>]) -> Vec<(String, Option<usize>)> {
        let mut pieces = Vec::new();
        let mut done = 0;
        let verbatim = |from: usize, to: usize| (item.text[from..to].to_owned(), Some(from));
        for site in &item.sites {
            let is_exported = site
                .declarations
                .iter()
                .all(|declaration| self.is_exported(declaration));
            if is_exported {
                pieces.push(verbatim(done, site.range.start));
                pieces.extend(
                    site.declarations
                        .iter()
                        .map(|declaration| (self.declared(declaration, site, items), None)),
                );
                done = site.range.end;
            } else if let (Some(at), [declaration]) = (site.attributes_at, &site.declarations[..]) {
                pieces.push(verbatim(done, at));
                pieces.push((
                    format!(
                        " #[unsafe(export_name = \"{}\")] ",
                        self.symbol(declaration)
                    ),
                    None,
                ));
                done = at;
            } else {
                pieces.push(verbatim(done, site.range.end));
                pieces.extend(
                    site.declarations
                        .iter()
                        .map(|declaration| (self.exported_key(declaration), None)),
                );
                done = site.range.end;
            }
        }
        pieces.push(verbatim(done, item.text.len()));
        pieces
    }

    /// Records that the library of a cell with this item has been loaded.
    pub fn export(&mut self, item: &Item) {
        for declaration in item.sites.iter().flat_map(|site| &site.declarations) {
            if self.is_exported(declaration) {
                continue;
            }
            let generation = self.next_generation(declaration);
            self.generations
                .insert(declaration.path.clone(), generation + 1);
            self.exported.insert(
                declaration.path.clone(),
                Exported {
                    normalized: declaration.normalized.clone(),
                    generation,
                    mentions: declaration.mentions.clone(),
                },
            );
        }
    }

    /// Whether all statics of the item exist.
    pub fn has_all(&self, item: &Item) -> bool {
        let mut declarations = item.sites.iter().flat_map(|site| &site.declarations);
        declarations.all(|declaration| self.is_exported(declaration))
    }

    /// Forgets statics whose types have changed.
    pub fn forget_types(&mut self, changed: &BTreeSet<String>) {
        self.exported
            .retain(|_, exported| exported.mentions.is_disjoint(changed));
    }

    /// Forgets all statics, since the process that held them has ended.
    pub fn clear(&mut self) {
        self.exported.clear();
    }

    fn is_exported(&self, declaration: &Declaration) -> bool {
        let exported = self.exported.get(&declaration.path);
        exported.is_some_and(|exported| exported.normalized == declaration.normalized)
    }

    fn next_generation(&self, declaration: &Declaration) -> u32 {
        self.generations
            .get(&declaration.path)
            .copied()
            .unwrap_or_default()
    }

    /// Returns the static's symbol, which is unique in the notebook.
    fn symbol(&self, declaration: &Declaration) -> String {
        let exported = self
            .exported
            .get(&declaration.path)
            .filter(|_| self.is_exported(declaration));
        let generation = exported.map_or_else(
            || self.next_generation(declaration),
            |exported| exported.generation,
        );
        let key = Key::from_iter([&declaration.path]).end();
        format!("threadbook_{}_{generation}", &key[..16])
    }

    /// Returns the declaration of the static in a later cell (The Rust Reference, "External blocks").
    fn declared(&self, declaration: &Declaration, site: &StaticItem, items: &[Rc<Item>]) -> String {
        let Declaration {
            name, visibility, ..
        } = declaration;
        let symbol = self.symbol(declaration);
        // Lifetimes may be omitted in a static's type, but not here.
        let ty = with_static_lifetimes(&declaration.ty, items);
        let (qualifier, ty) = match (site.attributes_at, declaration.is_mut) {
            (None, _) => ("safe static", format!("{LOCAL_KEY}<{ty}>")),
            (Some(_), true) => ("static mut", ty),
            (Some(_), false) => ("safe static", ty),
        };
        format!(
            "unsafe extern \"Rust\" {{ #[link_name = \"{symbol}\"] {visibility} {qualifier} {name}: {ty}; }} "
        )
    }

    /// Returns a static that exports a thread-local, which itself is only a constant of its module.
    fn exported_key(&self, declaration: &Declaration) -> String {
        let Declaration { name, ty, .. } = declaration;
        let symbol = self.symbol(declaration);
        format!(
            " #[unsafe(export_name = \"{symbol}\")] static {symbol}_KEY: {LOCAL_KEY}<{ty}> = {name}; "
        )
    }
}

const LOCAL_KEY: &str = "::std::thread::LocalKey";

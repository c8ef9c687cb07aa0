//! Imports: the paths that imported names stand for.

use super::Session;
use crate::engine::cell::Item;
use ra_ap_parser::Edition;
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem, HasName};
use std::collections::{BTreeMap, BTreeSet};

impl Session {
    /// Returns a written type with imported names replaced by their full paths, so that later imports under these names do not
    /// change its meaning.
    pub fn with_whole_paths(&self, ty: &str, edition: Edition) -> String {
        let imports = self.imports(edition);
        let before = "type T = ";
        let parsed = SourceFile::parse(&format!("{before}{ty};"), edition);
        let mut written = ty.to_owned();
        let paths = parsed
            .tree()
            .syntax()
            .descendants()
            .filter_map(ast::Path::cast);
        // The first segments of paths that begin with a name, replaced in reverse order.
        let first = paths
            .filter(|path| path.qualifier().is_none())
            .filter_map(|path| path.segment());
        let first: Vec<_> = first
            .filter(|segment| segment.coloncolon_token().is_none())
            .filter_map(|segment| segment.name_ref())
            .collect();
        for name in first.into_iter().rev() {
            let range = name.syntax().text_range();
            let (start, end) = (usize::from(range.start()), usize::from(range.end()));
            if let Some(path) = imports.get(name.text())
                && let (Some(start), Some(end)) = (
                    start.checked_sub(before.len()),
                    end.checked_sub(before.len()),
                )
            {
                written.replace_range(start..end, path);
            }
        }
        written
    }

    /// Returns the imported names with their paths.
    fn imports(&self, edition: Edition) -> BTreeMap<String, String> {
        let uses = self.items.iter().filter(|item| item.kind == "use");
        let imports = uses.flat_map(|item| all_imports(&item.text, edition));
        imports
            .filter_map(|import| Some((import.name?, import.path)))
            .collect()
    }
}

/// One import of a `use`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Import {
    path: String,
    /// `None` for `*`, which imports no name of its own.
    name: Option<String>,
}

impl Import {
    fn written(&self) -> String {
        match &self.name {
            None => format!("{}::*", self.path),
            Some(name) if self.path.rsplit("::").next() == Some(name) => self.path.clone(),
            Some(name) => format!("{} as {name}", self.path),
        }
    }
}

/// Returns a `use` without the imports of these names, one item per import; `None` if it imports none of them.
pub fn without_imports(
    item: &Item,
    names: &BTreeSet<String>,
    edition: Edition,
) -> Option<Vec<Item>> {
    let parsed = SourceFile::parse(&item.text, edition);
    let found = parsed.tree().items().find_map(|item| match item {
        ast::Item::Use(found) => Some(found),
        _ => None,
    })?;
    let mut imports = Vec::new();
    collect(&found.use_tree()?, "", &mut imports);
    let is_gone = |import: &Import| {
        import
            .name
            .as_ref()
            .is_some_and(|name| name != "_" && names.contains(name))
    };
    if !imports.iter().any(is_gone) {
        return None;
    }
    let start = found.use_token()?.text_range().start();
    let before = &item.text[..usize::from(start - found.syntax().text_range().start())];
    let rest = imports.iter().filter(|import| !is_gone(import));
    let texts = rest.map(|import| format!("{before}use {};", import.written()));
    Some(
        texts
            .flat_map(|text| Item::all(&text, item.start, item.cell, edition))
            .collect(),
    )
}

/// Returns the names that the `use` items of a cell import.
pub fn imported_names<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    edition: Edition,
) -> BTreeSet<String> {
    let uses = items.into_iter().filter(|item| item.kind == "use");
    let imports = uses.flat_map(|item| all_imports(&item.text, edition));
    imports.filter_map(|import| import.name).collect()
}

fn all_imports(text: &str, edition: Edition) -> Vec<Import> {
    let mut imports = Vec::new();
    for found in SourceFile::parse(text, edition).tree().items() {
        if let ast::Item::Use(found) = found
            && let Some(tree) = found.use_tree()
        {
            collect(&tree, "", &mut imports);
        }
    }
    imports
}

fn collect(tree: &ast::UseTree, before: &str, imports: &mut Vec<Import>) {
    let path = tree
        .path()
        .map(|path| path.syntax().text().to_string())
        .unwrap_or_default();
    let joined = match (before, path.as_str()) {
        (before, "" | "self") => before.to_owned(),
        ("", path) => path.to_owned(),
        (before, path) => format!("{before}::{path}"),
    };
    if let Some(list) = tree.use_tree_list() {
        list.use_trees()
            .for_each(|tree| collect(&tree, &joined, imports));
    } else if tree.star_token().is_some() {
        imports.push(Import {
            path: joined,
            name: None,
        });
    } else {
        let rename = tree.rename();
        let renamed = rename.map(|rename| {
            rename
                .name()
                .map_or("_".to_owned(), |name| name.text().to_string())
        });
        let name =
            renamed.unwrap_or_else(|| joined.rsplit("::").next().unwrap_or_default().to_owned());
        imports.push(Import {
            path: joined,
            name: Some(name),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cell::{Macros, parse};

    #[test]
    fn imported_names_get_their_paths() {
        let mut session = Session::default();
        let cell = parse(
            "use std::collections::{HashMap as M, BTreeMap, btree_map::{self, Entry}}; use std::fmt::*;",
            1,
            Edition::CURRENT,
            &Macros::default(),
        );
        session.define(&cell);
        let whole = |ty| session.with_whole_paths(ty, Edition::CURRENT);
        assert_eq!(
            whole("M<u8, Vec<BTreeMap<i32, M<u8, u8>>>>"),
            "std::collections::HashMap<u8, Vec<std::collections::BTreeMap<i32, std::collections::HashMap<u8, u8>>>>"
        );
        assert_eq!(
            whole("btree_map::Entry<'static, u8, Entry<u8, u8>>"),
            "std::collections::btree_map::Entry<'static, u8, std::collections::btree_map::Entry<u8, u8>>"
        );
        assert_eq!(whole("Vec<other::M>"), "Vec<other::M>");
        assert_eq!(whole("&'static str"), "&'static str");
    }

    #[test]
    fn imports_are_removed_one_by_one() {
        let cell = parse(
            "pub use a::{b, c as d, e::{self, *}, f as _};",
            1,
            Edition::CURRENT,
            &Macros::default(),
        );
        let without = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            let rest = without_imports(&cell.items[0], &names, Edition::CURRENT)?;
            Some(rest.into_iter().map(|item| item.text).collect::<Vec<_>>())
        };
        let rest = [
            "pub use a::b;",
            "pub use a::e;",
            "pub use a::e::*;",
            "pub use a::f as _;",
        ];
        assert_eq!(without(&["d"]).unwrap(), rest);
        assert_eq!(without(&["c", "_"]), None);
        assert_eq!(
            without(&["b", "d", "e"]).unwrap(),
            ["pub use a::e::*;", "pub use a::f as _;"]
        );
    }
}

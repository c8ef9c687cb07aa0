//! The parts of a variable that are left after others have been moved out of it.

use super::{Session, Variable};
use crate::cell::Space;
use ra_ap_parser::Edition;
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode, HasGenericArgs, HasModuleItem, HasName};
use std::collections::BTreeSet;

impl Session {
    /// Returns the largest places of a variable, such as `p.age`, that do not contain one of its moved parts; none if nothing is
    /// moved, or the fields of a type are not known.
    pub fn places_left(&self, variable: &Variable) -> Vec<String> {
        let moved = &variable.moved_parts;
        match moved.is_empty() {
            true => Vec::new(),
            false => self
                .places_without(moved, &variable.name, &variable.ty)
                .unwrap_or_default(),
        }
    }

    /// Returns the parts of a variable of this type, such as `p.age`; `None` if its fields are not known.
    pub fn parts(&self, name: &str, ty: &str) -> Option<Vec<String>> {
        let fields = self.fields(ty).filter(|_| !ty.contains("{closure"))?;
        let parts = fields
            .into_iter()
            .map(|(field, _)| format!("{name}.{field}"));
        Some(parts.collect())
    }

    /// Returns the largest places within `place` that do not contain one of the moved parts.
    fn places_without(
        &self,
        moved: &BTreeSet<String>,
        place: &str,
        ty: &str,
    ) -> Option<Vec<String>> {
        if moved.contains(place) {
            return Some(Vec::new());
        }
        let within = format!("{place}.");
        if !moved.iter().any(|part| part.starts_with(&within)) {
            return Some(vec![place.to_owned()]);
        }
        let fields = self.fields(ty)?.into_iter();
        let places =
            fields.map(|(name, ty)| self.places_without(moved, &format!("{within}{name}"), &ty));
        Some(places.collect::<Option<Vec<_>>>()?.concat())
    }

    /// Returns the fields of a tuple or of one of the notebook's structs, possibly in a box, each with its type as the definition
    /// writes it.
    pub fn fields(&self, ty: &str) -> Option<Vec<(String, String)>> {
        let ty: ast::Type = parsed(&format!("type T = {ty};"))?;
        let numbered = |types: Vec<ast::Type>| {
            let types = types.into_iter().enumerate();
            types
                .map(|(index, ty)| (index.to_string(), ty.syntax().text().to_string()))
                .collect()
        };
        let path = match ty {
            ast::Type::TupleType(tuple) => return Some(numbered(tuple.fields().collect())),
            ast::Type::PathType(path) => path.path()?,
            _ => return None,
        };
        let segment = path.segment()?;
        let name = segment.name_ref()?;
        let mut items = self.items.iter().filter(|item| item.kind == "struct");
        let Some(item) = items.find(|item| item.defines(Space::Types, name.text())) else {
            // A field of what is in a box is named as one of the box.
            let arguments = segment
                .generic_arg_list()
                .filter(|_| name.text() == "Box")?;
            let content = arguments.generic_args().next()?;
            return self.fields(&content.syntax().text().to_string());
        };
        match parsed::<ast::Struct>(&item.text)?.field_list()? {
            ast::FieldList::RecordFieldList(list) => list
                .fields()
                .map(|field| {
                    Some((
                        field.name()?.text().to_string(),
                        field.ty()?.syntax().text().to_string(),
                    ))
                })
                .collect(),
            ast::FieldList::TupleFieldList(list) => Some(numbered(
                list.fields().filter_map(|field| field.ty()).collect(),
            )),
        }
    }
}

/// Returns the first node of this kind in a text of items.
fn parsed<T: AstNode>(text: &str) -> Option<T> {
    let file = SourceFile::parse(text, Edition::CURRENT).tree();
    let item = file.items().next()?;
    item.syntax().descendants().find_map(T::cast)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cell::{Macros, parse};

    #[test]
    fn what_is_left_of_structs_and_tuples() {
        let mut session = Session::default();
        let code = "struct P { name: String, at: (u8, Q) } struct Q(Vec<u8>, String);";
        session.define(&parse(code, 1, Edition::CURRENT, &Macros::default()));
        let left = |ty: &str, moved: &[&str]| {
            let moved = moved.iter().map(|part| part.to_string()).collect();
            session.places_without(&moved, "p", ty)
        };
        let places = |all: &[&str]| Some(all.iter().map(|place| place.to_string()).collect());
        assert_eq!(left("P", &[]), places(&["p"]));
        assert_eq!(left("P", &["p.name"]), places(&["p.at"]));
        assert_eq!(
            left("P", &["p.at.1.0"]),
            places(&["p.name", "p.at.0", "p.at.1.1"])
        );
        assert_eq!(left("(P, Q)", &["p.0", "p.1.1"]), places(&["p.1.0"]));
        assert_eq!(
            left("std::boxed::Box<(u8, Q)>", &["p.1.0"]),
            places(&["p.0", "p.1.1"])
        );
        assert_eq!(left("Unknown", &["p.name"]), None);
    }
}

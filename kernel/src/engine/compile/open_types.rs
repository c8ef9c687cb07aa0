//! Types with open parts, and the fields of the notebook's structs in them.

use crate::cell::Space;
use crate::engine::rustc::{Structs, split};
use crate::engine::session::{OpenType, Session};
use ra_ap_parser::{Edition, LexedStr};
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode, HasGenericParams, HasName};
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Returns a type, as rustc shows it, with the fields of the notebook's structs in it. Left out are those of structs whose values cannot
/// be taken apart or built: that have a `Drop`, contain themselves, or are in a module, where their fields may be private.
pub fn open_type(shown: &str, session: &Session) -> OpenType {
    let mut structs = Structs::new();
    add_structs(shown, session, &mut Vec::new(), &mut structs);
    OpenType {
        shown: shown.to_owned(),
        structs,
    }
}

/// Adds the structs in a type; `around` are those that contain it. Returns whether none of them contains itself.
fn add_structs(
    shown: &str,
    session: &Session,
    around: &mut Vec<String>,
    structs: &mut Structs,
) -> bool {
    let mut is_finite = true;
    for ty in generic_types(shown) {
        if around.contains(&ty) {
            return false;
        }
        let Some(fields) = fields(&ty, session) else {
            continue;
        };
        around.push(ty.clone());
        let mut parts = fields.iter();
        let is_whole = parts.all(|(_, part)| add_structs(part, session, around, structs));
        around.pop();
        is_finite &= is_whole;
        if is_whole {
            structs.insert(ty, fields);
        }
    }
    is_finite
}

/// Returns the fields of a generic struct of the notebook for the arguments in its type.
fn fields(shown: &str, session: &Session) -> Option<Vec<(String, String)>> {
    let (name, arguments) = shown.strip_suffix('>')?.split_once('<')?;
    let mut items = session.items.iter().filter(|item| item.kind == "struct");
    let item = items.find(|item| item.defines(Space::Types, name))?;
    let parsed = SourceFile::parse(&item.text, Edition::CURRENT).tree();
    let defined = parsed.syntax().descendants().find_map(ast::Struct::cast)?;
    let parameters = defined.generic_param_list()?.generic_params();
    let parameters = parameters.map(|parameter| match parameter {
        ast::GenericParam::TypeParam(parameter) => Some(parameter.name()?.text().to_string()),
        _ => None,
    });
    let parameters: Vec<String> = parameters.collect::<Option<_>>()?;
    let arguments = split(arguments, ',');
    let has_drop = session.drops_one_of(&BTreeSet::from([name.to_owned()]));
    if has_drop || parameters.len() != arguments.len() {
        return None;
    }
    let written = session.fields(name)?.into_iter();
    let with_arguments = written.map(|(field, ty)| {
        let pairs = parameters.iter().zip(&arguments);
        let ty = pairs.fold(ty, |ty, (parameter, argument)| {
            with_argument(&ty, parameter, argument)
        });
        (field, ty)
    });
    Some(with_arguments.collect())
}

/// Returns the types with arguments in a type, those without a path.
fn generic_types(shown: &str) -> Vec<String> {
    static NAME: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b\w+<").expect("a valid pattern"));
    let names = NAME.find_iter(shown).map(|name| name.start());
    let names = names.filter(|start| !shown[..*start].ends_with(':'));
    let found = names.filter_map(|start| {
        let mut depth = 0;
        let end = shown[start..].char_indices().find_map(|(at, letter)| {
            match letter {
                '<' => depth += 1,
                '>' => depth -= 1,
                _ => return None,
            }
            (depth == 0).then_some(start + at + 1)
        })?;
        Some(shown[start..end].to_owned())
    });
    found.collect()
}

/// Returns a written type with an argument in place of a parameter.
fn with_argument(ty: &str, parameter: &str, argument: &str) -> String {
    let lexed = LexedStr::new(Edition::CURRENT, ty);
    let tokens = (0..lexed.len()).map(|index| match lexed.text(index) {
        token if token == parameter => argument,
        token => token,
    });
    tokens.collect()
}

//! Parameters as Rust variables, with the types from the cell of defaults.

use ra_ap_syntax::ast::{self, AstNode, HasName};
use ra_ap_syntax::{Edition, SourceFile, SyntaxKind};

use super::Parameter;
use super::value::{Value, with_digits};

/// Returns the code of a cell that defines the parameters. `declared` is the code of the cell with the defaults, which
/// determines types and `mut`.
pub fn code(parameters: &[Parameter], declared: &str) -> Result<String, String> {
    let defaults = Defaults::of(declared);
    let mut code = "// Parameters\n".to_owned();
    for Parameter { name, value } in parameters {
        let is_keyword = SyntaxKind::from_keyword(name, Edition::Edition2024).is_some();
        if is_keyword || name == "self" || name == "Self" {
            return Err(format!("`{name}` is a Rust keyword, not a variable name"));
        }
        let (mutable, written) = defaults.get(name);
        let value = literal(name, value, written.as_deref())?;
        let mutable = if mutable { "mut " } else { "" };
        let written = written.map_or_else(String::new, |written| format!(": {written}"));
        code.push_str(&format!("let {mutable}{name}{written} = {value};\n"));
    }
    Ok(code)
}

fn literal(name: &str, value: &Value, written: Option<&str>) -> Result<String, String> {
    let is_float = matches!(written, Some("f32" | "f64"));
    Ok(match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(number) if is_float => with_digits(number),
        Value::Int(number) if written.is_some() || number.parse::<i32>().is_ok() => number.clone(),
        // Without a type Rust would infer i32, which is too small.
        Value::Int(number) if number.parse::<i64>().is_ok() => format!("{number}_i64"),
        Value::Int(number) if number.parse::<i128>().is_ok() => format!("{number}_i128"),
        Value::Int(number) => {
            return Err(format!(
                "{name}={number} is too large for an i128; pass it as a string: {name}='\"{number}\"'"
            ));
        }
        Value::Float(number) => with_digits(number),
        Value::Text(text) if written == Some("String") => format!("String::from({text:?})"),
        Value::Text(text) => format!("{text:?}"),
    })
}

/// The variable definitions of a cell.
struct Defaults(Vec<ast::LetStmt>);

impl Defaults {
    fn of(code: &str) -> Self {
        let parsed = SourceFile::parse(&format!("fn cell() {{{code}\n}}"), Edition::Edition2024);
        let cell = parsed.syntax_node().children().find_map(ast::Fn::cast);
        let statements = cell
            .and_then(|cell| cell.body())
            .into_iter()
            .flat_map(|body| body.statements().collect::<Vec<_>>());
        let lets = statements.filter_map(|statement| match statement {
            ast::Stmt::LetStmt(found) => Some(found),
            _ => None,
        });
        Self(lets.collect())
    }

    /// Returns whether the variable is `mut`, and its type if an annotation or a literal's suffix gives one.
    fn get(&self, name: &str) -> (bool, Option<String>) {
        let found = self.0.iter().rev().find_map(|found| match found.pat()? {
            ast::Pat::IdentPat(pattern) if pattern.name()?.text() == name => Some((found, pattern)),
            _ => None,
        });
        let Some((found, pattern)) = found else {
            return (false, None);
        };
        let written = found
            .ty()
            .map(|written| written.syntax().text().to_string());
        let suffix = || match found.initializer()? {
            ast::Expr::Literal(literal) => suffix(&literal),
            ast::Expr::PrefixExpr(negative) => match negative.expr()? {
                ast::Expr::Literal(literal) => suffix(&literal),
                _ => None,
            },
            _ => None,
        };
        (pattern.mut_token().is_some(), written.or_else(suffix))
    }
}

fn suffix(literal: &ast::Literal) -> Option<String> {
    match literal.kind() {
        ast::LiteralKind::IntNumber(number) => number.suffix().map(str::to_owned),
        ast::LiteralKind::FloatNumber(number) => number.suffix().map(str::to_owned),
        _ => None,
    }
}

//! Parameters as Python assignments.

use super::{Parameter, Value};

/// Words that are not names in any Python 3; <https://docs.python.org/3/reference/lexical_analysis.html#keywords>.
const KEYWORDS: &str = "False None True and as assert async await break class continue def del elif else except finally \
     for from global if import in is lambda nonlocal not or pass raise return try while with yield";

/// Returns the code of a cell that assigns the parameters.
pub fn code(parameters: &[Parameter]) -> Result<String, String> {
    let mut code = "# Parameters\n".to_owned();
    for Parameter { name, value } in parameters {
        if KEYWORDS.split(' ').any(|keyword| keyword == name) {
            return Err(format!("`{name}` is a Python keyword, not a variable name"));
        }
        code.push_str(&format!("{name} = {}\n", literal(value)));
    }
    Ok(code)
}

fn literal(value: &Value) -> String {
    match value {
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) | Value::Float(number) => number.clone(),
        // A JSON string is also a Python string with the same value.
        Value::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
    }
}

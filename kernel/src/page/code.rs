//! Highlights source code: a `<span>` for each coloured part.
//!
//! The bundled grammars give every token a stack of scopes. The page uses only a handful of classes, which keeps it
//! small and lets one style sheet colour every language.

use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};
use syntect::util::LinesWithEndings;

use super::html::push_escaped;

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// Maps scopes to classes. The innermost listed scope decides; if several entries match it, the first.
static CLASSES: LazyLock<Vec<(Scope, Option<&str>)>> = LazyLock::new(|| {
    [
        ("comment", Some("c")),
        ("constant.character.escape", Some("e")),
        ("constant.other.placeholder", Some("e")),
        ("meta.interpolation", None),
        ("string", Some("s")),
        ("constant", Some("n")),
        ("keyword.operator.logical", Some("k")),
        ("keyword.operator", None),
        ("keyword", Some("k")),
        ("storage.modifier.lifetime", Some("t")),
        ("storage.type.numeric", Some("n")),
        ("storage.type.string", Some("s")),
        ("storage", Some("k")),
        ("variable.language", Some("k")),
        ("variable.annotation", Some("a")),
        ("meta.annotation", Some("a")),
        ("variable.function", Some("f")),
        ("entity.name.function", Some("f")),
        ("support.function", Some("f")),
        ("support.macro", Some("f")),
        ("entity.name.tag", Some("k")),
        ("entity.other.attribute-name", Some("t")),
        ("entity", Some("t")),
        ("support", Some("t")),
    ]
    .into_iter()
    .filter_map(|(name, class)| Some((Scope::new(name).ok()?, class)))
    .collect()
});

/// Returns the HTML of `source`, highlighted as `language`: a name, a file extension or the info string of a Markdown
/// fence. A language without a grammar gives plain, escaped text.
pub fn highlight(source: &str, language: &str) -> String {
    let mut html = Spans::default();
    match syntax_of(language) {
        Some(syntax) => highlight_lines(source, syntax, &mut html),
        None => html.push(source, None),
    }
    html.finish()
}

fn syntax_of(language: &str) -> Option<&'static SyntaxReference> {
    let name = language
        .split([',', ' ', '{'])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let name = match name.as_str() {
        "" => return None,
        "ipython" | "ipython3" | "python3" => "python",
        "shell" | "console" | "terminal" => "bash",
        name => name,
    };
    SYNTAXES.find_syntax_by_token(name)
}

fn highlight_lines(source: &str, syntax: &SyntaxReference, html: &mut Spans) {
    let mut parser = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    for line in LinesWithEndings::from(source) {
        // The grammar must not see a command to the kernel: it is not part of the language.
        if is_command(line, &syntax.name) {
            html.push(line, Some("d"));
            continue;
        }
        let Ok(operations) = parser.parse_line(line, &SYNTAXES) else {
            html.push(line, None);
            continue;
        };
        let mut start = 0;
        for (end, operation) in operations
            .iter()
            .map(|(end, op)| (*end, Some(op)))
            .chain([(line.len(), None)])
        {
            if start < end {
                push_token(line, start..end, class_of(&stack), &syntax.name, html);
                start = end;
            }
            // A grammar that pops a scope it never pushed costs colours, not the page.
            if operation.is_some_and(|operation| stack.apply(operation).is_err()) {
                stack = ScopeStack::new();
            }
        }
    }
}

/// Whether a line is a command to the kernel, such as `:dep rayon` in Rust or `%time` in Python.
fn is_command(line: &str, syntax: &str) -> bool {
    match syntax {
        "Rust" => line
            .strip_prefix(':')
            .is_some_and(|rest| rest.starts_with(char::is_alphabetic)),
        "Python" => line.starts_with(['%', '!']),
        _ => false,
    }
}

fn class_of(stack: &ScopeStack) -> Option<&'static str> {
    stack.as_slice().iter().rev().find_map(|scope| {
        CLASSES
            .iter()
            .find(|(prefix, _)| prefix.is_prefix_of(*scope))
            .map(|(_, class)| *class)
    })?
}

fn push_token(
    line: &str,
    range: std::ops::Range<usize>,
    class: Option<&'static str>,
    syntax: &str,
    html: &mut Spans,
) {
    if syntax != "Rust" || !matches!(class, None | Some("k")) {
        html.push(&line[range], class);
        return;
    }
    // The bundled Rust grammar predates `async`, takes `in` and `as` for operators, and does not mark types or calls.
    let end = range.end;
    let mut rest = &line[range];
    while !rest.is_empty() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let starts_word = rest.starts_with(is_word);
        let length = rest
            .find(|c| is_word(c) != starts_word)
            .unwrap_or(rest.len());
        let (piece, tail) = rest.split_at(length);
        let after = &line[end - tail.len()..];
        let word_class = if starts_word {
            rust_word(piece, after, class)
        } else {
            class
        };
        html.push(piece, word_class);
        rest = tail;
    }
}

fn rust_word(word: &str, after: &str, class: Option<&'static str>) -> Option<&'static str> {
    const PRIMITIVES: [&str; 17] = [
        "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32",
        "i64", "i128", "isize", "f32", "f64",
    ];
    if PRIMITIVES.contains(&word) {
        Some("t")
    } else if class.is_some() {
        class
    } else if matches!(word, "as" | "async" | "await" | "dyn" | "in") {
        Some("k")
    } else if word.starts_with(char::is_uppercase) {
        let is_constant = word.len() > 1 && !word.contains(char::is_lowercase);
        Some(if is_constant { "n" } else { "t" })
    } else if after.starts_with('(') || after.starts_with("::<") {
        Some("f")
    } else {
        None
    }
}

/// Builds HTML in which adjacent parts of one class share a span.
#[derive(Default)]
struct Spans {
    html: String,
    open: Option<&'static str>,
}

impl Spans {
    fn push(&mut self, text: &str, class: Option<&'static str>) {
        // White space has no colour, so it does not end a span.
        if class != self.open && !text.trim().is_empty() {
            self.close();
            if let Some(class) = class {
                self.html.push_str("<span class=\"");
                self.html.push_str(class);
                self.html.push_str("\">");
            }
            self.open = class;
        }
        push_escaped(&mut self.html, text);
    }

    fn close(&mut self) {
        if self.open.take().is_some() {
            self.html.push_str("</span>");
        }
    }

    fn finish(mut self) -> String {
        self.close();
        self.html
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_is_coloured() {
        assert_eq!(
            highlight("let x: Vec<u8> = f(\"a\\n\"); // c", "rust"),
            "<span class=\"k\">let </span>x: <span class=\"t\">Vec</span>&lt;\
             <span class=\"t\">u8</span>&gt; = <span class=\"f\">f</span>(\
             <span class=\"s\">&quot;a</span><span class=\"e\">\\n</span>\
             <span class=\"s\">&quot;</span>); <span class=\"c\">// c</span>"
        );
        assert_eq!(
            highlight("async move { N.load(x).await }", "Rust"),
            "<span class=\"k\">async move </span>{ <span class=\"t\">N</span>.<span class=\"f\">load</span>(x).\
             <span class=\"k\">await </span>}"
        );
    }

    #[test]
    fn python_is_coloured() {
        assert_eq!(
            highlight("def f(a):\n    return None", "python"),
            "<span class=\"k\">def </span><span class=\"f\">f</span>(a):\n    \
             <span class=\"k\">return </span><span class=\"n\">None</span>"
        );
    }

    #[test]
    fn commands_to_the_kernel_do_not_disturb_what_follows() {
        assert_eq!(
            highlight(":dep a = \"1\"\nlet b = 1;", "rust"),
            "<span class=\"d\">:dep a = &quot;1&quot;\n</span><span class=\"k\">let </span>b = \
             <span class=\"n\">1</span>;"
        );
        assert_eq!(
            highlight("%time f()", "python"),
            "<span class=\"d\">%time f()</span>"
        );
    }

    #[test]
    fn source_is_escaped_in_every_language() {
        let source = "</script><img src=x onerror='a()'>\"&";
        for language in ["", "rust", "python", "html", "json", "no such language"] {
            let html = highlight(source, language);
            assert!(
                !html.contains("</script") && !html.contains("<img"),
                "{language}: {html}"
            );
        }
        assert_eq!(highlight("<b>", ""), "&lt;b&gt;");
    }

    #[test]
    fn fences_name_their_language_in_many_ways() {
        for language in ["rust", "rs", "Rust", "rust,no_run", "rust {.x}"] {
            assert_eq!(
                highlight("let", language),
                "<span class=\"k\">let</span>",
                "{language}"
            );
        }
        for language in ["python", "py", "python3", "ipython3"] {
            assert_eq!(
                highlight("pass", language),
                "<span class=\"k\">pass</span>",
                "{language}"
            );
        }
    }
}

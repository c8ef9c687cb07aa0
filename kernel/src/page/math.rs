//! Converts TeX formulas to MathML, which browsers typeset without a script.

use std::sync::LazyLock;

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

use super::clean::clean_math;
use super::html::escape;
use super::tags::{Piece, pieces};

/// The stack of the converter, which recurses for each level of a formula.
const STACK_BYTES: usize = 128 << 20;
/// Formulas with more characters that could open a level are not converted.
const MAX_LEVELS: usize = 3000;

static CONVERTER: LazyLock<Option<LatexToMathML>> = LazyLock::new(|| {
    // Macros that MathJax has and the converter lacks.
    let macros = [
        ("mbox", r"\mathrm{#1}"),
        ("hbox", r"\mathrm{#1}"),
        ("textcolor", r"{\color{#1}#2}"),
    ];
    LatexToMathML::new(MathCoreConfig {
        macros: macros
            .map(|(name, meaning)| (name.to_owned(), meaning.to_owned()))
            .into(),
        annotation: true,
        // As in MathJax, an unknown command is shown by its name in red within the formula.
        ignore_unknown_commands: true,
        ..MathCoreConfig::default()
    })
    .ok()
});

/// How a formula is placed in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormulaKind {
    /// Inline.
    Inline,
    /// In a block of its own.
    Display,
}

/// Returns the HTML of a TeX formula. A formula that cannot be converted is shown as written.
pub fn formula(tex: &str, kind: FormulaKind) -> String {
    match (mathml(tex.trim(), kind), kind) {
        (Some(math), FormulaKind::Inline) => math,
        (Some(math), FormulaKind::Display) => format!("<span class=\"formula\">{math}</span>"),
        (None, FormulaKind::Inline) => format!("<code class=\"tex\">${}$</code>", escape(tex)),
        (None, FormulaKind::Display) => {
            format!("<code class=\"tex formula\">$${}$$</code>", escape(tex))
        }
    }
}

/// Returns the HTML of `text/latex` content, as MathJax typesets it: the formulas in it, and the text around them as written.
/// `None` if nothing in it can be typeset.
pub fn latex(text: &str) -> Option<String> {
    let mut html = String::new();
    let mut rest = text.trim();
    while let Some((start, tex, kind, end)) = first_formula(rest) {
        html.push_str(&escape(&rest[..start]));
        html.push_str(&formula(tex, kind));
        rest = &rest[end..];
    }
    html.push_str(&escape(rest));
    html.contains("<math")
        .then(|| format!("<div class=\"latex\">{html}</div>"))
}

/// Finds the first formula in its delimiters: where it starts, its TeX, its kind, and where it ends.
fn first_formula(text: &str) -> Option<(usize, &str, FormulaKind, usize)> {
    let fences = [
        ("$$", "$$", FormulaKind::Display),
        ("\\[", "\\]", FormulaKind::Display),
        ("$", "$", FormulaKind::Inline),
        ("\\(", "\\)", FormulaKind::Inline),
    ];
    let starts = text.char_indices().filter(|(_, c)| matches!(c, '$' | '\\'));
    for (start, _) in starts {
        let rest = &text[start..];
        if let Some(length) = environment(rest) {
            return Some((start, &rest[..length], FormulaKind::Display, start + length));
        }
        for (open, close, kind) in fences {
            let Some(inside) = rest.strip_prefix(open) else {
                continue;
            };
            if let Some(length) = inside.find(close).filter(|&length| length > 0) {
                let end = start + open.len() + length + close.len();
                return Some((start, &inside[..length], kind, end));
            }
        }
    }
    None
}

/// Returns the length of the environment that `text` begins with, from `\begin{x}` to `\end{x}`.
pub fn environment(text: &str) -> Option<usize> {
    let (name, _) = text.strip_prefix("\\begin{")?.split_once('}')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic() || c == '*');
    let close = format!("\\end{{{name}}}");
    let end = text.find(&close).filter(|_| is_name)?;
    Some(end + close.len())
}

fn mathml(tex: &str, kind: FormulaKind) -> Option<String> {
    let opens_level = |c: &char| matches!(c, '{' | '\\' | '^' | '_' | '[' | '(');
    let converter = CONVERTER.as_ref()?;
    if tex.is_empty() || tex.chars().filter(opens_level).count() > MAX_LEVELS {
        return None;
    }
    let display = match kind {
        FormulaKind::Inline => MathDisplay::Inline,
        FormulaKind::Display => MathDisplay::Block,
    };
    let convert = || {
        Some(
            converter
                .convert_with_local_state(tex, display)
                .ok()?
                .mathml,
        )
    };
    let math = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        // If the converter panics, the formula is shown as written.
        thread.spawn_scoped(scope, convert).ok()?.join().ok()?
    })?;
    // The converter does not escape operator names.
    let clean = clean_math(&math);
    (elements(&clean) == elements(&math)).then_some(clean)
}

fn elements(html: &str) -> usize {
    pieces(html)
        .filter(|piece| matches!(piece, Piece::Tag(tag) if !tag.source().starts_with("</")))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_becomes_mathml_with_its_source() {
        assert_eq!(
            formula("a_1 < b", FormulaKind::Inline),
            "<math><semantics><mrow><msub><mi>a</mi><mn>1</mn></msub><mo>&lt;</mo><mi>b</mi></mrow>\
             <annotation encoding=\"application/x-tex\">a_1 &lt; b</annotation></semantics></math>"
        );
        let block = formula(
            r"\begin{align} a &= b \\ c &= \mbox{d} \end{align}",
            FormulaKind::Display,
        );
        assert!(
            block.starts_with("<span class=\"formula\"><math display=\"block\">"),
            "{block}"
        );
        assert!(block.contains("<mtable"), "{block}");
    }

    #[test]
    fn what_is_not_understood_is_shown_as_it_is_written() {
        assert_eq!(
            formula(r"\frac{", FormulaKind::Display),
            "<code class=\"tex formula\">$$\\frac{$$</code>"
        );
        assert_eq!(
            formula("", FormulaKind::Inline),
            "<code class=\"tex\">$$</code>"
        );
    }

    #[test]
    fn nothing_in_a_formula_becomes_an_element_that_runs() {
        for tex in [
            r"\href{javascript:alert(1)}{x}",
            r"\text{<script>alert(1)</script>}",
            r#"\label{"onclick=alert(1)} x"#,
            r"\eqref{javascript:x}",
            r"</annotation></math><img src=x onerror=alert(1)>",
            r#"\color{red"onclick="x} y"#,
            r"\operatorname{<img src=x>}",
            r"\operatorname{<svg/onload=alert(1)>}",
            r"\operatorname{</math><iframe/srcdoc=x>}",
        ] {
            let html = formula(tex, FormulaKind::Inline);
            assert!(
                ["<script", "<img", "<svg", "<iframe", "\"onclick"]
                    .iter()
                    .all(|part| !html.contains(part)),
                "{html}"
            );
            assert!(!html.contains("href=\"javascript"), "{html}");
        }
    }

    #[test]
    fn a_tower_of_levels_is_no_danger() {
        for (open, close) in [
            ("{", "}"),
            ("\\sqrt{", "}"),
            ("\\sqrt", ""),
            ("\\left(", "\\right)"),
            ("x^{", "}"),
            ("\\begin{matrix}", "\\end{matrix}"),
            ("\\frac", ""),
        ] {
            for count in [MAX_LEVELS / 2, MAX_LEVELS, 100_000] {
                let tex = format!("{}x{}", open.repeat(count), close.repeat(count));
                let html = formula(&tex, FormulaKind::Inline);
                assert!(html.contains("<math") || html.contains("class=\"tex\""));
            }
        }
    }

    #[test]
    fn latex_outputs_are_typeset_with_the_text_around_them() {
        let typeset = |text: &str| latex(text).expect("a formula");
        assert!(typeset(r"$\displaystyle x^{2}$").starts_with("<div class=\"latex\"><math>"));
        assert!(typeset("$$x$$").contains("display=\"block\""));
        assert!(typeset(r"\begin{equation} x \end{equation}").contains("<math"));
        let html = typeset("<b> with $x$ and \\(y\\), \\[z\\]");
        assert!(html.contains("&lt;b&gt; with <math>"), "{html}");
        assert_eq!(html.matches("<math").count(), 3, "{html}");
        for text in [r"\section{x}", "costs 5$", "$$", "$", r"\", ""] {
            assert_eq!(latex(text), None);
        }
    }

    #[test]
    fn unknown_macros_stand_in_red_among_what_is_typeset() {
        let html = formula(r"\nosuchmacro + \frac{1}{2} <b>", FormulaKind::Inline);
        assert!(html.starts_with("<math>"), "{html}");
        assert!(html.contains("<mfrac>"), "{html}");
        assert!(
            html.contains("<mtext>\\nosuchmacro</mtext></merror>"),
            "{html}"
        );
        assert!(!html.contains("<b>"), "{html}");
    }
}

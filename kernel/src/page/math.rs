//! Formulas as MathML, which browsers set by themselves.

use std::sync::LazyLock;

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

use super::clean::clean_math;
use super::html::escape;
use super::tags::{Piece, pieces};

/// Room for the converter, which calls itself for each level of a formula.
const STACK: usize = 128 << 20;
/// A formula with more signs that could open a level is no formula.
const MAX_LEVELS: usize = 3000;

static CONVERTER: LazyLock<Option<LatexToMathML>> = LazyLock::new(|| {
    // What MathJax knows and the converter does not.
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
        ..MathCoreConfig::default()
    })
    .ok()
});

/// How a formula stands in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the line.
    Line,
    /// In a block of its own.
    Block,
}

/// The HTML of a formula in TeX. One that the converter does not understand is shown as it is written.
pub fn formula(tex: &str, place: Place) -> String {
    match (mathml(tex.trim(), place), place) {
        (Some(math), Place::Line) => math,
        (Some(math), Place::Block) => format!("<span class=\"formula\">{math}</span>"),
        (None, Place::Line) => format!("<code class=\"tex\">${}$</code>", escape(tex)),
        (None, Place::Block) => {
            format!("<code class=\"tex formula\">$${}$$</code>", escape(tex))
        }
    }
}

/// The text of `text/latex`: one formula in its fences. `None` if it is something else.
pub fn latex(text: &str) -> Option<String> {
    let text = text.trim();
    let fences = [
        ("$$", "$$", Place::Block),
        ("\\[", "\\]", Place::Block),
        ("$", "$", Place::Line),
        ("\\(", "\\)", Place::Line),
    ];
    let fenced = fences.iter().find_map(|(open, close, place)| {
        let inside = text.strip_prefix(open)?.strip_suffix(close)?;
        (!inside.contains(open)).then_some((inside, *place))
    });
    match fenced {
        Some((tex, place)) => Some(formula(tex, place)),
        None if text.starts_with("\\begin{") => Some(formula(text, Place::Block)),
        None => None,
    }
}

fn mathml(tex: &str, place: Place) -> Option<String> {
    let opens_level = |c: &char| matches!(c, '{' | '\\' | '^' | '_' | '[' | '(');
    let converter = CONVERTER.as_ref()?;
    if tex.is_empty() || tex.chars().filter(opens_level).count() > MAX_LEVELS {
        return None;
    }
    let display = match place {
        Place::Line => MathDisplay::Inline,
        Place::Block => MathDisplay::Block,
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
        let thread = std::thread::Builder::new().stack_size(STACK);
        // A panic of the converter costs the formula its shape and not the reader the page.
        thread.spawn_scoped(scope, convert).ok()?.join().ok()?
    })?;
    // The converter does not escape the name of an operator.
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
            formula("a_1 < b", Place::Line),
            "<math><semantics><mrow><msub><mi>a</mi><mn>1</mn></msub><mo>&lt;</mo><mi>b</mi></mrow>\
             <annotation encoding=\"application/x-tex\">a_1 &lt; b</annotation></semantics></math>"
        );
        let block = formula(
            r"\begin{align} a &= b \\ c &= \mbox{d} \end{align}",
            Place::Block,
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
            formula(r"\nosuchmacro <b>", Place::Line),
            "<code class=\"tex\">$\\nosuchmacro &lt;b&gt;$</code>"
        );
        assert_eq!(
            formula(r"\frac{", Place::Block),
            "<code class=\"tex formula\">$$\\frac{$$</code>"
        );
        assert_eq!(formula("", Place::Line), "<code class=\"tex\">$$</code>");
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
            let html = formula(tex, Place::Line);
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
                let html = formula(&tex, Place::Line);
                assert!(html.contains("<math") || html.contains("class=\"tex\""));
            }
        }
    }

    #[test]
    fn latex_outputs_are_formulas_or_nothing() {
        assert!(latex(r"$\displaystyle x^{2}$").is_some_and(|html| html.starts_with("<math>")));
        assert!(latex("$$x$$").is_some_and(|html| html.contains("display=\"block\"")));
        assert!(
            latex(r"\begin{equation} x \end{equation}").is_some_and(|html| html.contains("<math"))
        );
        assert_eq!(latex("text with $x$ and $y$"), None);
        assert_eq!(latex(r"\section{x}"), None);
    }
}

//! Tests for outputs of each kind.

use serde_json::json;

use super::*;

fn shown(outputs: Value) -> Vec<(&'static str, String)> {
    let outputs: Vec<Output> = serde_json::from_value(outputs).expect("outputs");
    let mut markdown = Markdown::default();
    let mut shown = Outputs {
        markdown: &mut markdown,
        sources: Sources::default(),
        trust: false,
    };
    shown
        .show(&outputs)
        .into_iter()
        .map(|output| (output.kind, output.html.to_string()))
        .collect()
}

fn displayed(data: Value) -> String {
    let mut outputs = shown(json!([{"output_type": "display_data", "data": data, "metadata": {}}]));
    assert_eq!(outputs.len(), 1);
    outputs.remove(0).1
}

#[test]
fn pieces_of_one_stream_are_one_text() {
    let stream =
        |name: &str, text: &str| json!({"output_type": "stream", "name": name, "text": text});
    assert_eq!(
        shown(json!([
            stream("stdout", "10%\r"),
            stream("stdout", "100%\n"),
            stream("stderr", "<oh>\n"),
            stream("stdout", "end"),
            stream("stdout", ""),
        ])),
        [
            ("stdout", "<pre>100%</pre>".to_owned()),
            ("stderr", "<pre>&lt;oh&gt;</pre>".to_owned()),
            ("stdout", "<pre>end</pre>".to_owned()),
        ]
    );
    assert_eq!(shown(json!([stream("stdout", "")])), []);
}

#[test]
fn the_richest_safe_type_is_shown() {
    let all = json!({
        "text/plain": "plain", "text/html": "<b>x</b>", "image/png": "iVBORw0K",
        "text/markdown": "*m*", "application/json": {}, "application/javascript": "alert(1)",
    });
    assert!(displayed(all).contains("</style><b>x</b></template>"));
    assert_eq!(
        displayed(json!({"text/plain": "plain", "image/png": "iVBORw0K", "application/json": {}})),
        "<img class=\"paper\" src=\"data:image/png;base64,iVBORw0K\" alt=\"plain\">"
    );
    assert_eq!(
        displayed(json!({"text/markdown": "*m*", "text/plain": "plain"})),
        "<div class=\"prose\"><p><em>m</em></p>\n</div>"
    );
    assert_eq!(
        displayed(json!({"application/json": {"b": 1}, "text/plain": "plain"})),
        "<pre>{\n  <span class=\"s\">&quot;b&quot;</span>: <span class=\"n\">1\n</span>}</pre>"
    );
    assert_eq!(
        displayed(json!({"application/javascript": "alert(1)", "text/plain": "\u{1b}[1mp"})),
        "<pre><span class=\"bold\">p</span></pre>"
    );
}

#[test]
fn a_picture_takes_the_size_that_the_kernel_asks_for() {
    let outputs = json!([{
        "output_type": "display_data", "data": {"image/png": "iVBORw0K"},
        "metadata": {"image/png": {"width": 320.4, "height": "1\" onload=\"x"}},
    }]);
    assert_eq!(
        shown(outputs)[0].1,
        "<img class=\"paper\" src=\"data:image/png;base64,iVBORw0K\" \
         alt=\"Picture in the output\" width=\"320\">"
    );
}

#[test]
fn what_cannot_be_shown_gives_way_or_says_so() {
    assert_eq!(
        displayed(json!({"image/png": "no base64!", "text/plain": "plain"})),
        "<pre>plain</pre>"
    );
    assert_eq!(
        displayed(json!({"text/html": "<script>draw()</script>", "text/plain": "plain"})),
        "<pre>plain</pre>"
    );
    assert_eq!(
        displayed(json!({"b/<x>": {}, "application/javascript": "alert(1)"})),
        "<p class=\"note\">This output cannot be shown on a page: \
         application/javascript, b/&lt;x&gt;</p>"
    );
}

#[test]
fn errors_keep_their_colours() {
    let error = |traceback: Value| json!([{"output_type": "error", "ename": "E", "evalue": "<v>", "traceback": traceback}]);
    assert_eq!(
        shown(error(json!(["\u{1b}[31mone", "two\u{1b}[0m <three>"]))),
        [(
            "error",
            "<pre><span class=\"fg1\">one</span>\n<span class=\"fg1\">two</span> &lt;three&gt;</pre>"
                .to_owned()
        )]
    );
    assert_eq!(
        shown(error(json!([]))),
        [("error", "<pre>E: &lt;v&gt;</pre>".to_owned())]
    );
}

#[test]
fn formulas_are_typeset_and_other_latex_is_shown_as_written_at_most() {
    assert!(
        displayed(json!({"text/latex": "$\\displaystyle x^{2}$", "text/plain": "x**2"}))
            .starts_with("<div class=\"latex\"><math>")
    );
    assert_eq!(
        displayed(json!({"text/latex": "\\section{x}", "text/plain": "x"})),
        "<pre>x</pre>"
    );
    assert_eq!(
        displayed(json!({"text/latex": "\\section{<b>}"})),
        "<pre class=\"tex\">\\section{&lt;b&gt;}</pre>"
    );
    let unknown_macro = displayed(json!({"text/latex": "$\\nosuchmacro + 1$"}));
    assert!(
        unknown_macro.contains("<mtext>\\nosuchmacro</mtext>"),
        "{unknown_macro}"
    );
}

#[test]
fn what_is_trusted_runs() {
    let outputs: Vec<Output> = serde_json::from_value(json!([
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>a()</script>"}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/javascript": "b()", "text/plain": "x"}},
    ]))
    .expect("outputs");
    let mut markdown = Markdown::default();
    let mut shown = Outputs {
        markdown: &mut markdown,
        sources: Sources::default(),
        trust: true,
    };
    let html: Vec<String> = shown
        .show(&outputs)
        .iter()
        .map(|output| output.html.to_string())
        .collect();
    assert_eq!(html[0], "<div class=\"html\"><script>a()</script></div>");
    assert!(html[1].contains("\nb()\n"), "{}", html[1]);
}

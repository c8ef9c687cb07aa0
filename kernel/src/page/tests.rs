//! Tests of whole pages.

use data_encoding::BASE64;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::*;

fn page(cells: Value) -> String {
    let notebook = json!({
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "threadbook", "display_name": "Threadbook", "language": "rust"},
        },
        "cells": cells,
    });
    let notebook =
        notebook::View::new(notebook.as_object().expect("an object")).expect("a notebook");
    let options = PageOptions {
        notes: &BTreeMap::new(),
        title: "The <title>",
        trust: false,
        folder: None,
    };
    render(&notebook, &options).expect("a page")
}

/// Returns the content of `<main …>`, without empty lines.
fn main_of(page: &str) -> String {
    let start = page.find("<main").expect("the start of main");
    let end = page.find("</main>").expect("the end of main");
    page[start..end]
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn markdown(id: &str, source: &str) -> Value {
    json!({"cell_type": "markdown", "id": id, "metadata": {}, "source": source})
}

fn code(id: &str, count: Option<i32>, source: &str, outputs: Value) -> Value {
    json!({
        "cell_type": "code", "id": id, "metadata": {}, "execution_count": count,
        "source": source, "outputs": outputs,
    })
}

#[test]
fn an_empty_notebook_is_a_page_with_its_title() {
    let page = page(json!([]));
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">\n"));
    assert!(page.contains("<title>The &lt;title&gt;</title>"));
    assert!(!page.contains("<nav"));
    assert_eq!(main_of(&page), "<h1>The &lt;title&gt;</h1>");
}

#[test]
fn a_code_cell_shows_its_count_its_code_and_its_result() {
    let result = json!([{
        "output_type": "execute_result", "execution_count": 3, "metadata": {},
        "data": {"text/plain": "2"},
    }]);
    assert_eq!(
        main_of(&page(json!([
            markdown("m", "# T"),
            code("A2", Some(3), "1 + 1", result)
        ]))),
        r##"<section class="cell prose" id="cell-m">
<h1 id="T">T<a class="anchor" href="#T" aria-label="Link to this section"></a></h1>
</section>
<section class="cell" id="cell-A2">
<div class="input">
<a class="prompt" href="#cell-A2" aria-label="Link to this cell, execution 3">[3]:</a>
<div class="code"><pre><code><span class="n">1 </span>+ <span class="n">1</span></code></pre></div>
</div>
<div class="outputs" role="group" aria-label="Output">
<div class="output result">
<div class="prompt" aria-hidden="true">[3]:</div>
<div class="shown">
<pre>2</pre>
</div>
</div>
</div>
</section>"##
    );
}

#[test]
fn a_cell_that_was_not_executed_has_empty_brackets() {
    assert!(page(json!([code("a", None, "x", json!([]))])).contains("not executed\">[ ]:</a>"));
}

#[test]
fn standard_error_is_marked() {
    let outputs = json!([
        {"output_type": "stream", "name": "stdout", "text": "out"},
        {"output_type": "stream", "name": "stderr", "text": "err"},
    ]);
    let page = page(json!([code("a", Some(1), "x", outputs)]));
    assert_eq!(
        page.matches("<div class=\"label\">Standard error</div>\n<pre>err</pre>")
            .count(),
        1
    );
    assert_eq!(page.matches("class=\"label\"").count(), 1);
}

#[test]
fn what_the_author_folded_stays_folded() {
    let mut cell = code(
        "a",
        Some(1),
        "x",
        json!([{"output_type": "stream", "name": "stdout", "text": "out"}]),
    );
    cell["metadata"] = json!({"jupyter": {"source_hidden": true, "outputs_hidden": true}});
    let page = page(json!([cell]));
    assert_eq!(page.matches("<summary>Show the code</summary>").count(), 1);
    assert_eq!(
        page.matches("<summary>Show the output</summary>").count(),
        1
    );
}

#[test]
fn the_table_of_contents_leads_to_every_heading() {
    let page = page(json!([
        markdown("m", "# T\n## Größe & `x`\n### 50% \"b\""),
        markdown("n", "## End")
    ]));
    assert!(!page.contains("<h1>"));
    let start = page.find("<ul>").expect("a list");
    let end = page.find("</ul>").expect("its end");
    assert_eq!(
        &page[start..end],
        "<ul>\n\
         <li class=\"level2\"><a href=\"#Größe-&amp;-x\">Größe &amp; x</a></li>\n\
         <li class=\"level3\"><a href=\"#50%-&quot;b&quot;\">50% &quot;b&quot;</a></li>\n\
         <li class=\"level2\"><a href=\"#End\">End</a></li>\n"
    );
}

#[test]
fn python_notebooks_are_coloured_as_python() {
    let notebook = json!({
        "nbformat": 4, "nbformat_minor": 5,
        "metadata": {"language_info": {"name": "python"}},
        "cells": [code("a", None, "def f(): pass", json!([]))],
    });
    let notebook =
        notebook::View::new(notebook.as_object().expect("an object")).expect("a notebook");
    let options = PageOptions {
        notes: &BTreeMap::new(),
        title: "t",
        trust: false,
        folder: None,
    };
    assert!(render(&notebook, &options).expect("a page").contains(
        "<span class=\"k\">def </span><span class=\"f\">f</span>(): <span class=\"k\">pass</span>"
    ));
}

#[test]
fn a_hostile_notebook_adds_no_element_that_runs() {
    let attack =
        "</script></title></style></pre><script>alert(1)</script><img src=x onerror=alert(1)>";
    let svg = "<svg onload=\"alert(1)\"><script>alert(1)</script></svg>";
    let page = page(json!([
        markdown("m", &format!("# {attack}\n\n{attack}\n\n[x](javascript:alert(1))\n\n> {attack}")),
        code("c", Some(1), attack, json!([
            {"output_type": "stream", "name": "stdout", "text": attack},
            {"output_type": "stream", "name": attack, "text": "x"},
            {"output_type": "error", "ename": attack, "evalue": attack, "traceback": []},
            {"output_type": "error", "ename": "", "evalue": "", "traceback": [attack]},
            {"output_type": "display_data", "metadata": {}, "data": {"text/html": attack}},
            {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": svg, "text/plain": attack}},
            {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": attack}},
            {"output_type": "display_data", "metadata": {}, "data": {"application/json": attack}},
        ])),
        {"cell_type": "raw", "id": "r", "metadata": {}, "source": attack},
    ]));
    assert_eq!(
        page.matches("<script").count(),
        1,
        "only the page's own script"
    );
    assert_eq!(page.matches("</script").count(), 1);
    assert_eq!(
        page.matches("</style").count(),
        2,
        "the sheets of the page and of the output"
    );
    assert_eq!(page.matches("<img").count(), 1, "only the inlined picture");
    assert!(!page.contains("<svg"));
    assert!(!page.contains("href=\"javascript"));
}

#[test]
fn the_policy_allows_the_script_that_is_there_and_nothing_else() {
    let page = page(json!([]));
    let (_, after) = page.split_once("<script>").expect("a script");
    let (script, _) = after.split_once("</script>").expect("its end");
    let hash = BASE64.encode(digest(&SHA256, script.as_bytes()).as_ref());
    let (_, policy) = page
        .split_once("http-equiv=\"Content-Security-Policy\" content=\"")
        .expect("a policy");
    let (policy, _) = policy.split_once("\">").expect("its end");
    let policy = policy.replace("&#x27;", "'").replace("&#x2f;", "/");
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; \
             script-src 'sha256-{hash}'; frame-src 'none'; base-uri 'none'; form-action 'none'"
        )
    );
}

#[test]
fn the_page_names_no_address_to_load_from() {
    let page = page(json!([
        markdown("m", "# T"),
        code("c", None, "let x = 1;", json!([]))
    ]));
    for address in ["http:", "https:", "url(", "@import", " src=", "<link"] {
        assert!(!page.contains(address), "{address}");
    }
}

#[test]
fn thousands_of_lines_make_a_small_page() {
    let text: String = (0..5000).map(|number| format!("line {number}\n")).collect();
    let page = page(json!([code(
        "c",
        Some(1),
        "x",
        json!([
            {"output_type": "stream", "name": "stdout", "text": text},
        ])
    )]));
    assert!(page.contains("<summary>4970 more lines</summary>"));
    assert!(page.contains("line 4999</pre>"));
    assert!(page.len() < 100_000, "{} bytes", page.len());
}

#[test]
fn a_raw_cell_is_shown_if_it_is_for_pages() {
    let raw = |id: &str, metadata: Value| json!({"cell_type": "raw", "id": id, "metadata": metadata, "source": "<b>x</b>"});
    let page = page(json!([
        raw("any", json!({})),
        raw("html", json!({"raw_mimetype": "text/HTML"})),
        raw("old", json!({"format": "text/html"})),
        raw("latex", json!({"raw_mimetype": "text/latex"})),
    ]));
    assert!(page.contains("<pre class=\"raw\">&lt;b&gt;x&lt;/b&gt;</pre>"));
    assert_eq!(page.matches("</style><b>x</b></template>").count(), 2);
    assert!(!page.contains("cell-latex"));
}

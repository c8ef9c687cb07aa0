use serde_json::json;

use super::*;

fn render(source: &str) -> String {
    Markdown::default().render(source, Sources::default())
}

const LINK: &str = "aria-label=\"Link to this section\"></a>";

#[test]
fn headings_get_anchors_that_are_never_used_twice() {
    let mut markdown = Markdown::new(["cell-A1".to_owned()], false);
    assert_eq!(
        markdown.render(
            "# Threads & `join`\n\n## cell-A1\n\n##\n",
            Sources::default()
        ),
        format!(
            "<h1 id=\"Threads-&amp;-join\">Threads &amp; <code>join</code>\
             <a class=\"anchor\" href=\"#Threads-&amp;-join\" {LINK}</h1>\n\
             <h2 id=\"cell-A1-2\">cell-A1<a class=\"anchor\" href=\"#cell-A1-2\" {LINK}</h2>\n\
             <h2 id=\"section\"><a class=\"anchor\" href=\"#section\" {LINK}</h2>\n"
        )
    );
    assert!(
        markdown
            .render("### Threads & join", Sources::default())
            .starts_with("<h3 id=\"Threads-&amp;-join-2\">Threads &amp; join<a")
    );
    let levels: Vec<_> = markdown
        .headings
        .iter()
        .map(|heading| heading.level)
        .collect();
    assert_eq!(levels, [1, 2, 2, 3]);
    assert_eq!(markdown.headings[0].text, "Threads & join");
}

#[test]
fn headings_written_in_html_count_too() {
    let mut markdown = Markdown::default();
    let html = markdown.render(
        "<h2 id='own' align=\"center\">A <em>b</em></h2>\n\n## $x^2$",
        Sources::default(),
    );
    assert!(
        html.starts_with(
            "<h2 id=\"own\" align=\"center\">A <em>b</em><a class=\"anchor\" href=\"#own\""
        ),
        "{html}"
    );
    let texts: Vec<_> = markdown
        .headings
        .iter()
        .map(|heading| (heading.anchor.as_str(), heading.text.as_str()))
        .collect();
    assert_eq!(texts, [("own", "A b"), ("x^2", "x^2")]);
}

#[test]
fn those_who_listen_miss_no_level() {
    let html = render("# a\n\n### b\n\n### c\n\n#### d\n\n## e\n\n### f\n\n# g\n\n#### h");
    let depths: Vec<u8> = pieces(&html)
        .filter_map(|piece| match piece {
            Piece::Tag(tag) => {
                let level = tag.heading()?;
                let depth = tag.attribute("aria-level").map(|depth| depth.parse());
                Some(depth.map_or(level, |depth| depth.expect("a number")))
            }
            Piece::Text(_) => None,
        })
        .collect();
    assert_eq!(depths, [1, 2, 2, 3, 2, 3, 1, 2]);
    assert!(render("### a").contains("aria-level=\"2\""));
}

#[test]
fn an_id_is_used_once() {
    let mut markdown = Markdown::new(["notebook".to_owned()], false);
    let source = "<span id=\"a\">x</span><span id='notebook'>y</span>";
    assert_eq!(
        markdown.render(source, Sources::default()),
        "<p><span id=\"a\">x</span><span>y</span></p>\n"
    );
    assert_eq!(
        markdown.render(source, Sources::default()),
        "<p><span>x</span><span>y</span></p>\n"
    );
}

#[test]
fn tables_tasks_and_nested_lists() {
    assert_eq!(
        render("|a|b|\n|:-|-:|\n|1|~~2~~|"),
        "<table><thead><tr><th style=\"text-align:left\">a</th>\
         <th style=\"text-align:right\">b</th></tr></thead><tbody>\n\
         <tr><td style=\"text-align:left\">1</td>\
         <td style=\"text-align:right\"><del>2</del></td></tr>\n</tbody></table>\n"
    );
    assert_eq!(
        render("1. a\n   - [x] b\n     - [ ] c"),
        "<ol>\n<li>a\n<ul>\n\
         <li><input type=\"checkbox\" class=\"task\" checked disabled aria-label=\"Done\">b\n<ul>\n\
         <li><input type=\"checkbox\" class=\"task\" disabled aria-label=\"Not done\">c</li>\n\
         </ul>\n</li>\n</ul>\n</li>\n</ol>\n"
    );
}

#[test]
fn footnotes_stand_at_the_end_in_the_order_of_their_mention() {
    let html =
        render("[^2]: two[^b]\n[^b]: <script>x</script>three\n\na[^1] b[^2] c[^1]\n\n[^1]: one\n");
    let (text, notes) = html
        .split_once("<section class=\"footnotes\"")
        .expect("footnotes");
    assert_eq!(text.matches("href=\"#footnote-1-1\"").count(), 2, "{text}");
    assert_eq!(text.matches("href=\"#footnote-1-2\"").count(), 1, "{text}");
    let items: Vec<&str> = notes.split("<li id=").skip(1).collect();
    assert_eq!(items.len(), 3);
    assert!(
        items[0].starts_with("\"footnote-1-1\"><p>one</p>"),
        "{html}"
    );
    assert_eq!(items[0].matches("class=\"back\"").count(), 2);
    assert!(
        items[1].starts_with("\"footnote-1-2\"><p>two<sup class=\"footnote\">"),
        "{html}"
    );
    assert!(
        items[2].contains("three") && !html.contains("<script"),
        "{html}"
    );
}

#[test]
fn footnotes_of_two_cells_do_not_meet() {
    let mut markdown = Markdown::default();
    let first = markdown.render("a[^1]\n\n[^1]: note", Sources::default());
    let second = markdown.render("b[^1]\n\n[^1]: other", Sources::default());
    for (html, id) in [(first, "footnote-1-1"), (second, "footnote-2-1")] {
        assert!(
            html.contains(&format!("href=\"#{id}\"")) && html.contains(&format!("id=\"{id}\"")),
            "{html}"
        );
    }
}

#[test]
fn formulas_are_set_where_markdown_has_them() {
    let html = render("$a_1 < b_1$ and $$x^*_y$$ cost $5 and $10");
    assert_eq!(html.matches("<math").count(), 2, "{html}");
    assert!(html.ends_with(" cost $5 and $10</p>\n"), "{html}");
    let html = render(
        "$$\nx\n= \\frac{1}{2}\n- y\n$$\n\n\\begin{align}\na &= b \\\\\n* c\n\\end{align}\n",
    );
    assert_eq!(
        html.matches("<math display=\"block\">").count(),
        2,
        "{html}"
    );
    assert!(!html.contains("<h1") && !html.contains("<li"), "{html}");
    assert!(
        render("`$x$` and\n\n    $$\n    y\n    $$\n")
            .matches("<math")
            .count()
            == 0
    );
    assert!(render("| $x$ |\n|-|\n| $\\mathbb{R}$ |").contains("<td><math>"));
}

#[test]
fn a_formula_cannot_end_a_tag() {
    for source in [
        "<a title=\"\n$$\n\\text{a}\n$$\n\">x</a>",
        "![a\n$$\n\"onerror=alert(1) b\n$$\n](x.png)",
        "[a](<x\n$$y$$> \"\n$$\nz\n$$\n\")",
    ] {
        let html = render(source);
        let is_in_tag = pieces(&html)
            .any(|piece| matches!(piece, Piece::Tag(tag) if tag.source().contains("\" ") && tag.source().contains("<math")));
        assert!(!is_in_tag && !html.contains("<img"), "{html}");
    }
}

#[test]
fn html_that_is_harmless_stays() {
    for html in [
        "<div class=\"alert alert-info\">\n<b>Note</b> <kbd>x</kbd></div>",
        "<details open=\"\"><summary>a</summary>b</details>",
        "<p style=\"text-align:center;color:red\" align=\"center\">x<br>y</p>",
        "<a name=\"old\" rel=\"noopener noreferrer\"></a>",
        "<a href=\"https://example.com/?a:b\" rel=\"noopener noreferrer\">x</a>",
    ] {
        assert!(render(html).contains(html), "{html}: {}", render(html));
    }
    assert_eq!(
        render("<details>\n\n*a*\n\n</details>"),
        "<details>\n<p><em>a</em></p>\n</details>"
    );
}

#[test]
fn html_that_runs_or_loads_goes() {
    for (source, html) in [
        ("<script>alert(1)</script>\n\ntext", "\n<p>text</p>\n"),
        ("a <b onclick=x>b</b>", "<p>a <b>b</b></p>\n"),
        ("<!-- one\ntwo -->\n\na<!-- b -->c", "\n<p>ac</p>\n"),
        (
            "a <b>bold\n\nplain</b>",
            "<p>a <b>bold</b></p><b>\n</b><p><b>plain</b></p>\n",
        ),
        ("</section></main>x", "x"),
        ("<style>p { color: red }</style>", ""),
        (
            "<p class=\"copy\" style=\"position:fixed;background:url(x)\">x</p>",
            "<p class=\"\" style=\"\">x</p>",
        ),
    ] {
        assert_eq!(render(source), html, "{source}");
    }
    for source in [
        "<svg onload=alert(1)>",
        "<iframe srcdoc='<script>x</script>'></iframe>",
        "<meta http-equiv=refresh content='0;url=http://a.b'>",
        "<form action=http://a.b><input name=x><button>b</button></form>",
        "<base href=http://a.b>",
        "<object data=http://a.b></object><embed src=http://a.b>",
        "<link rel=stylesheet href=http://a.b>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    ] {
        let html = render(source);
        for part in [
            "<svg", "<iframe", "<meta", "<form", "<input", "<base", "a.b", "onerror=", "<math",
        ] {
            assert!(!html.contains(part), "{source}: {html}");
        }
    }
}

#[test]
fn only_safe_links_remain() {
    for target in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
    ] {
        assert_eq!(
            render(&format!("[a *b*]({target})")),
            "<p><a rel=\"noopener noreferrer\">a <em>b</em></a></p>\n",
            "{target}"
        );
    }
    for target in [
        "https://example.com/?a:b",
        "#Heading",
        "mailto:a@b.org",
        "x.md",
    ] {
        assert_eq!(
            render(&format!("[a]({target})")),
            format!("<p><a href=\"{target}\" rel=\"noopener noreferrer\">a</a></p>\n")
        );
    }
}

#[test]
fn a_link_that_shows_its_target_is_known() {
    let link = "<a class=\"bare\" href=\"https://a.b/?c&amp;d\" rel=\"noopener noreferrer\">https://a.b/?c&amp;d</a>";
    for source in ["<https://a.b/?c&d>", "https://a.b/?c&d"] {
        assert_eq!(render(source), format!("<p>{link}</p>\n"));
    }
    assert!(!render("[x](https://a.b)").contains("bare"));
}

#[test]
fn pictures_come_with_the_cell() {
    let attachments = json!({"a.png": {"image/png": "iVBORw0K"}});
    let sources = Sources {
        attachments: Some(&attachments),
        folder: None,
    };
    let html = Markdown::default().render(
        "![*one*](attachment:a.png) <img src=\"attachment:a.png\" width=\"50%\" onload=x>",
        sources,
    );
    assert_eq!(
        html,
        "<p><img class=\"paper\" src=\"data:image/png;base64,iVBORw0K\" alt=\"one\"> \
         <img class=\"paper\" src=\"data:image/png;base64,iVBORw0K\" alt=\"\" width=\"50%\"></p>\n"
    );
    let html = render("![a <b>](x.png) c</b>");
    assert!(
        html.contains("<span class=\"alt\">a &lt;b&gt;</span>"),
        "{html}"
    );
}

#[test]
fn fenced_code_is_coloured() {
    assert_eq!(
        render("```rust\nlet\n```"),
        "<div class=\"code\"><pre><code><span class=\"k\">let</span></code></pre></div>"
    );
    assert_eq!(
        render("    </pre><script>"),
        "<div class=\"code\"><pre><code>&lt;/pre&gt;&lt;script&gt;</code></pre></div>"
    );
}

#[test]
fn a_trusted_text_keeps_its_html() {
    let mut markdown = Markdown::new([], true);
    let source = "<script>let a = \"<h1>\"; draw()</script>\n\n<b onclick=\"x()\">b</b> $x$";
    let html = markdown.render(source, Sources::default());
    assert!(
        html.starts_with("<script>let a = \"<h1>\"; draw()</script>\n"),
        "{html}"
    );
    assert!(html.contains("<b onclick=\"x()\">b</b> <math>"), "{html}");
    assert!(markdown.headings.is_empty());
}

#[test]
fn the_contents_show_formulas_and_name_pictures() {
    let mut markdown = Markdown::default();
    markdown.render(
        "# Sum of $x^2$ and *more* [here](https://a.b)\n\n## ![A queue](queue.png)\n\n### !?\n",
        Sources::default(),
    );
    let shown: Vec<&str> = markdown
        .headings
        .iter()
        .map(|heading| heading.html.as_str())
        .collect();
    assert!(shown[0].starts_with("Sum of <math>"), "{shown:?}");
    assert!(shown[0].ends_with("and more here"), "{shown:?}");
    assert_eq!(shown[1..], ["A queue", "!?"]);
}

#[test]
fn a_bar_in_a_formula_ends_no_cell_of_a_table() {
    let html = render("| a | b |\n| --- | --- |\n| $|x|$ | 2 |\n");
    assert_eq!(html.matches("<td").count(), 2, "{html}");
    assert!(html.contains("<math") && html.contains("2"), "{html}");
}

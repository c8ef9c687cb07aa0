//! Pages of hostile notebooks run no script and make no request.

use super::browser::dom;
use super::page;
use serde_json::{Value, json};
use std::fs;
use std::io::{ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use support::notebook;
use support::sandbox::Sandbox;
use support::tools::need;

/// HTML that runs the script `RUN`, or loads something from the address `AT`, as soon as it is part of a page.
const ATTACKS: [&str; 33] = [
    "<script>RUN</script>",
    "</script></style></title></textarea></pre></template></main><script>RUN</script>",
    "<ScRiPt >RUN</sCrIpT\n>",
    "<img src=x onerror=\"RUN\">",
    "\"><img src=x onerror=\"RUN\">",
    "' onerror='RUN' x='",
    "<svg onload=\"RUN\"></svg>",
    "<svg><script>RUN</script></svg>",
    "<svg><animate onbegin=\"RUN\" attributeName=x dur=1s></svg>",
    "<svg><style><img src=x onerror=\"RUN\"></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=\"RUN\">",
    "<iframe srcdoc=\"<script>parent.RUN</script>\"></iframe>",
    "<iframe src=\"javascript:parent.RUN\"></iframe>",
    "<object data=\"data:text/html,<script>parent.RUN</script>\"></object>",
    "<embed src=\"javascript:RUN\">",
    "<details open ontoggle=\"RUN\"><summary>s</summary></details>",
    "<input autofocus onfocus=\"RUN\">",
    "<video><source onerror=\"RUN\"></video>",
    "<body onload=\"RUN\">",
    "<meta http-equiv=refresh content=\"0;url=javascript:RUN\">",
    "<style onload=\"RUN\"></style>",
    "<template shadowrootmode=open><img src=x onerror=\"RUN\"></template>",
    "<marquee onstart=\"RUN\">m</marquee>",
    "<meta http-equiv=refresh content=\"0;url=AT\">",
    "<img src=\"AT\" srcset=\"AT 2x\">",
    "<link rel=stylesheet href=\"AT\"><link rel=preconnect href=\"AT\"><link rel=icon href=\"AT\">",
    "<style>@import 'AT'; body { background: url(AT) } @font-face { font-family: f; src: url(AT) } * { font-family: f }</style>",
    "<p style=\"background: url(AT); list-style: url('AT'); cursor: url(AT), auto\">p</p>",
    "<iframe src=\"AT\"></iframe><object data=\"AT\"></object><embed src=\"AT\">",
    "<video poster=\"AT\" src=\"AT\" autoplay></video><audio src=\"AT\" autoplay></audio>",
    "<svg><image href=\"AT\"/><use href=\"AT#a\"/><rect width=9 height=9 fill=\"url(AT#a)\"/></svg>",
    "<base href=\"AT\"><form action=\"AT\"><button>b</button></form>",
    "<input type=image src=\"AT\"><table background=\"AT\"><tr><td background=\"AT\">t</td></tr></table>",
];

/// Returns a notebook with every attack in every place where a notebook has text. The attacks load from `address`.
fn notebook(address: &str) -> Value {
    let mut cells = Vec::new();
    for (index, attack) in ATTACKS.iter().enumerate() {
        let mut at = |place: &str| {
            let run = format!("document.documentElement.dataset.ran{place}{index}=1");
            attack.replace("RUN", &run).replace("AT", address)
        };
        cells.extend([
            markdown(&at("Block")),
            markdown(&in_markdown(&mut at)),
            json!({"cell_type": "raw", "metadata": {}, "source": at("Raw")}),
            json!({"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": at("RawHtml")}),
            json!({
                "cell_type": "markdown", "source": format!("![{}](attachment:a.svg)", at("Alt")),
                "metadata": {"tags": [at("Tag")]}, "id": at("Id"),
                "attachments": {
                    "a.svg": {"image/svg+xml": svg(&at("Attachment"))},
                    at("Name"): {"image/png": at("Png")},
                },
            }),
            json!({
                "cell_type": "code", "metadata": {"name": at("CellName")}, "source": at("Source"),
                "execution_count": 1, "outputs": outputs(&mut at),
            }),
        ]);
    }
    cells.push(markdown(
        "[a](javascript:RUN) <javascript:RUN> [b]( data:text/html,x ) [c](vbscript:RUN)",
    ));
    json!({
        "nbformat": 4, "nbformat_minor": 4, "cells": cells,
        "metadata": {
            "kernelspec": {"name": "k", "display_name": ATTACKS[0], "language": ATTACKS[4]},
            "language_info": {"name": ATTACKS[1]},
            "title": ATTACKS[0],
        },
    })
}

fn in_markdown(at: &mut impl FnMut(&str) -> String) -> String {
    format!(
        "# {}\n\ntext {} text\n\n> {}\n\n- {}\n\n| a |\n|---|\n| {} |\n\n\
         [{}](x.html \"{}\")\n\n`{}` and $\\operatorname{{{}}}$ and\n\n$$\n{}\n$$\n\n```{}\n{}\n```\n\na[^1]\n\n[^1]: {}\n",
        at("Heading"),
        at("Text"),
        at("Quote"),
        at("Item"),
        at("Cell"),
        at("Link"),
        at("Title").replace('"', "\\\""),
        at("Code"),
        at("Operator"),
        at("Formula"),
        at("Fence").replace('\n', " "),
        at("Block"),
        at("Footnote"),
    )
}

fn outputs(at: &mut impl FnMut(&str) -> String) -> Value {
    let display =
        |data: Value| json!({"output_type": "display_data", "metadata": {}, "data": data});
    json!([
        {"output_type": "stream", "name": "stdout", "text": at("Stdout")},
        {"output_type": "stream", "name": at("Stream"), "text": "x"},
        {"output_type": "error", "ename": at("Ename"), "evalue": at("Evalue"), "traceback": []},
        {"output_type": "error", "ename": "", "evalue": "", "traceback": [at("Traceback")]},
        display(json!({"text/html": at("Html"), "text/plain": at("Plain")})),
        display(json!({"text/html": format!("<b>b</b>{}", at("HtmlToo"))})),
        display(json!({"text/html": svg(&at("InlineSvg"))})),
        display(json!({"text/markdown": at("Markdown")})),
        display(json!({"image/svg+xml": svg(&at("Svg")), "text/plain": at("SvgAlt")})),
        display(json!({"image/png": at("Picture"), "text/plain": "p"})),
        display(json!({"text/latex": format!("${}$", at("Latex"))})),
        display(json!({"application/json": {at("Key"): at("Json")}})),
        display(json!({"application/javascript": at("Script"), "text/plain": at("ScriptPlain")})),
        display(json!({at("Mime"): "x"})),
    ])
}

fn markdown(source: &str) -> Value {
    json!({"cell_type": "markdown", "metadata": {}, "source": source})
}

fn svg(content: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\" onload=\"1\">{content}</svg>"
    )
}

/// Returns the marks left by the scripts that have run.
fn marks(dom: &str) -> Vec<String> {
    let start = dom.find("<html").expect("the root");
    let end = start + dom[start..].find('>').expect("its end");
    dom[start..end]
        .split_ascii_whitespace()
        .filter(|attribute| attribute.starts_with("data-ran"))
        .map(str::to_owned)
        .collect()
}

/// Returns an address that does not answer, and its listener, which notices every request.
fn silent_server() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener
        .set_nonblocking(true)
        .expect("a non-blocking socket");
    let address = format!("http://{}/x", listener.local_addr().expect("an address"));
    (listener, address)
}

fn was_requested(listener: &TcpListener) -> bool {
    match listener.accept() {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::WouldBlock => false,
        Err(error) => panic!("{error}"),
    }
}

fn written(sandbox: &Sandbox, address: &str) -> PathBuf {
    let path = sandbox.work().join("\"><script>hostile<'&.ipynb");
    notebook::write(&path, &notebook(address));
    path
}

#[test]
fn a_hostile_notebook_runs_no_script_and_makes_no_request() {
    need!(chromium);
    let sandbox = Sandbox::new();
    let (listener, address) = silent_server();
    let page = page(&sandbox, &written(&sandbox, &address), &[]);
    let plain = sandbox.work().join("page.html");
    fs::rename(page, &plain).expect("a simple name");
    let dom = dom(&sandbox, &plain);
    assert_eq!(marks(&dom), [""; 0]);
    assert!(!was_requested(&listener), "the page requested {address}");
    assert!(
        dom.contains("class=\"copy\""),
        "the page's own script has not run"
    );
}

/// Sanitizing alone stops every attack; the Content-Security-Policy is a second line of defence.
#[test]
fn a_hostile_notebook_is_harmless_without_the_policy() {
    need!(chromium);
    let sandbox = Sandbox::new();
    let (listener, address) = silent_server();
    let page = page(&sandbox, &written(&sandbox, &address), &[]);
    let html = fs::read_to_string(page).expect("a page");
    let bare = html.replacen(
        "http-equiv=\"Content-Security-Policy\"",
        "name=\"policy\"",
        1,
    );
    assert_ne!(bare, html);
    let path = sandbox.work().join("bare.html");
    fs::write(&path, bare).expect("a page");
    assert_eq!(marks(&dom(&sandbox, &path)), [""; 0]);
    assert!(!was_requested(&listener), "the page requested {address}");
}

/// A trusted notebook leaves the marks that the tests above look for, so those tests can fail.
#[test]
fn a_trusted_notebook_runs_its_scripts() {
    need!(chromium);
    let sandbox = Sandbox::new();
    let cells = [
        markdown("<script>document.documentElement.dataset.ranText=1</script>"),
        json!({
            "cell_type": "code", "metadata": {}, "source": "", "execution_count": 1, "outputs": [
                {"output_type": "display_data", "metadata": {}, "data": {
                    "text/html": "<p id=\"p\"></p><script>document.getElementById('p').textContent = 'drawn by a script'</script>",
                    "text/plain": "x",
                }},
                {"output_type": "display_data", "metadata": {}, "data": {
                    "application/javascript": "element.append('drawn in its ' + 'element')", "text/plain": "x",
                }},
            ],
        }),
    ];
    let notebook = json!({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells});
    let path = sandbox.work().join("trusted.ipynb");
    notebook::write(&path, &notebook);
    for (options, is_run) in [(&["--trust"][..], true), (&[], false)] {
        let dom = dom(&sandbox, &page(&sandbox, &path, options));
        assert_eq!(marks(&dom).len(), usize::from(is_run));
        assert_eq!(dom.contains("<p id=\"p\">drawn by a script</p>"), is_run);
        assert_eq!(dom.contains("drawn in its element"), is_run);
    }
}

/// The listener notices a page that loads something, so the tests above can fail.
#[test]
fn a_request_is_detected() {
    need!(chromium);
    let sandbox = Sandbox::new();
    let (listener, address) = silent_server();
    let path = sandbox.work().join("calls.html");
    fs::write(&path, format!("<img src=\"{address}\">")).expect("a page");
    listener.set_nonblocking(false).expect("a blocking socket");
    let local_address = listener.local_addr().expect("an address");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut request = [0; 4];
        // Closes the connection without an answer, so that the picture fails and the page finishes loading.
        stream
            .read_exact(&mut request)
            .is_ok_and(|()| &request == b"GET ")
    });
    dom(&sandbox, &path);
    // If the page made no request, this empty connection unblocks the server.
    drop(TcpStream::connect(local_address));
    assert!(server.join().expect("the server"));
}

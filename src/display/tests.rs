use std::io;

use super::{Bundle, Html, Json, Latex, Markdown, Png, Rich, Svg, clear_output, display};
use super::{input, password, rich};
use crate::ipc::testing::{end_of, start};
use crate::notebook::testing::{Received, sent_by};

#[test]
fn a_handle_updates_its_own_place_also_from_a_child() {
    let sent = sent_by(|| {
        let a = display("one");
        let b = display(Html("<b>two</b>"));
        a.update("three");
        let in_child = b.clone();
        let p = start(move || in_child.update("four"));
        assert_eq!(end_of(&p, 30), Some(0));
        clear_output(true);
    });
    let [
        Received::Display {
            id: a,
            mimes: plain,
            text: one,
        },
        Received::Display {
            id: b,
            mimes: html,
            text: two,
        },
        third,
        fourth,
        Received::Clear { wait: true },
    ] = sent.as_slice()
    else {
        panic!("{sent:?}")
    };
    assert_ne!(a, b);
    assert_eq!((one.as_str(), two.as_str()), ("one", "<b>two</b>"));
    assert_eq!(plain, &["text/plain"]);
    assert_eq!(html, &["text/html", "text/plain"]);
    let update = |id: &String, text: &str| Received::Update {
        id: id.clone(),
        text: text.into(),
    };
    assert_eq!(third, &update(a, "three"));
    assert_eq!(fourth, &update(b, "four"));
}

#[test]
fn each_kind_has_its_type_first_and_a_plain_text() {
    let cases: [(Bundle, &str, &str); 7] = [
        (Html("<p>").bundle(), "text/html", "<Html, 3 bytes>"),
        (Svg("<svg/>").bundle(), "image/svg+xml", "<Svg, 6 bytes>"),
        (Markdown("*a*").bundle(), "text/markdown", "*a*"),
        (Latex("$x$").bundle(), "text/latex", "$x$"),
        (Json("{}").bundle(), "application/json", "{}"),
        (Png([1, 2]).bundle(), "image/png", "<Png, 2 bytes>"),
        ("text".bundle(), "text/plain", "text"),
    ];
    for (bundle, mime, plain) in cases {
        assert_eq!(bundle.data[0].0, mime);
        assert_eq!(rich::plain_text(&bundle), plain);
    }
}

#[test]
fn a_type_is_in_a_bundle_once() {
    let bundle = Bundle::new()
        .text("text/plain", "a")
        .text("text/plain", "b");
    assert_eq!(bundle.data.len(), 1);
    assert_eq!(rich::plain_text(&bundle), "b");
}

#[test]
fn evcxr_is_given_the_richest_form() {
    let block = |bundle: &Bundle| rich::evcxr_block(bundle).unwrap();
    assert_eq!(
        block(&Html("<p>").bundle()),
        "EVCXR_BEGIN_CONTENT text/html\n<p>\nEVCXR_END_CONTENT\n"
    );
    assert_eq!(
        block(&Png(b"foo").bundle()),
        "EVCXR_BEGIN_CONTENT image/png\nZm9v\nEVCXR_END_CONTENT\n"
    );
    assert!(rich::evcxr_block(&Bundle::new()).is_none());
}

#[test]
fn a_bundle_without_plain_text_names_its_types() {
    let bundle = Bundle::new().text("text/html", "").bytes("image/png", []);
    assert_eq!(rich::plain_text(&bundle), "<text/html, image/png>");
}

#[test]
fn the_kernel_is_asked_for_input() {
    let sent = sent_by(|| {
        assert_eq!(input("Name? ").unwrap(), "Name? ");
        assert_eq!(password("Word? ").unwrap(), "Word? !");
        let refused = |error: i32| input(&format!("-{error}")).unwrap_err();
        let cases = [
            (libc::ENOTSUP, io::ErrorKind::Unsupported, "front end"),
            (libc::EPERM, io::ErrorKind::PermissionDenied, "main process"),
            (libc::EINTR, io::ErrorKind::Interrupted, "interrupted"),
        ];
        for (error, kind, words) in cases {
            let refused = refused(error);
            assert_eq!(refused.kind(), kind);
            assert!(refused.to_string().contains(words), "{refused}");
        }
        assert!(refused(libc::EMSGSIZE).to_string().contains("65536 bytes"));
    });
    assert_eq!(sent, []);
}

#[test]
fn a_child_of_a_plain_program_is_refused_input() {
    let p = start(|| {
        let refused = input("? ").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
    });
    assert_eq!(end_of(&p, 30), Some(0));
}

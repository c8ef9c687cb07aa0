use super::text::{WIDTH, lines, moves_or_erases, screen};
use super::*;
use crate::terminal::Screen;
use Stream::{Stderr, Stdout};

/// Returns what a front end shows in the end, if it supports `\r` and `clear_output`, but nothing else.
fn front_end(messages: &[JupyterMessageContent]) -> String {
    let mut text = String::new();
    for message in messages {
        match message {
            JupyterMessageContent::ClearOutput(_) => text.clear(),
            JupyterMessageContent::StreamContent(stream) => text.push_str(&stream.text),
            JupyterMessageContent::DisplayData(_) => text.push_str("<display>"),
            other => panic!("{other:?}"),
        }
    }
    assert!(!moves_or_erases(&text), "{text:?}");
    let rows = Screen::of(&text).into_rows();
    let rows = rows
        .iter()
        .map(|row| row.iter().map(|cell| cell.0).collect::<String>());
    rows.map(|row| row.trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

fn terminal(text: &str) -> String {
    front_end(&[content(Stderr, &lines(&screen(text)).join("\n"))])
}

fn write(shown: &mut StreamDisplay, texts: &[&str]) -> Vec<JupyterMessageContent> {
    texts
        .iter()
        .flat_map(|text| shown.write(Stderr, text))
        .collect()
}

#[test]
fn text_that_only_goes_on_is_passed_on() {
    let mut shown = StreamDisplay::default();
    for text in ["a", "b\n", "\r10%", "\r\x1b[31m20%\x1b[0m", "\x1b[1mbold"] {
        let [JupyterMessageContent::StreamContent(stream)] = &write(&mut shown, &[text])[..] else {
            panic!("{text:?}");
        };
        assert_eq!(stream.text, text);
    }
}

#[test]
fn front_ends_show_what_a_terminal_shows() {
    let wide = "word ".repeat(40);
    let full = "x".repeat(WIDTH);
    let filled = |bar: &str| format!("{bar:WIDTH$}");
    let (a0, a1, b0) = (filled("a 0"), filled("a 1"), filled("b 0"));
    let sessions: [&[&str]; 12] = [
        &[
            &a0,
            "\r\x1b[2K",
            &a1,
            &b0,
            "\x1b[1A\r\x1b[2K\x1b[1B\r\x1b[2K\x1b[1A",
            &a0,
            &b0,
            "after\n",
            "more",
        ],
        &["\r\x1b[2K", &full, "\n", &full, &full, "\x1b[1A\rY", "\n"],
        &["\r\x1b[2K", &wide, "\x1b[2D", "Z\n", &wide],
        &["\r\x1b[2K50%", "\r\x1b[2K100%", "\r\x1b[2K", "done\n"],
        &[
            "a 0\nb 0",
            "\x1b[1A\r\x1b[2K\x1b[1B\r\x1b[2K\x1b[1Aa 1\nb 1",
            "\n",
            "after\n",
        ],
        &["log\n", "long bar", "\r\x1b[2Kbar", "\nnext"],
        &["a\nb\nc", "\x1b[2A\rx", "\ny"],
        &["one\ntwo\n", "\x1b[1F\x1b[J", "end"],
        &["\x1b[32mgreen", "\r\x1b[Kstill", " green\x1b[0m plain"],
        &["abc", "\x1b[2D", "X", "Y"],
        &["abc\x1b", "[2", "K", "\rnew"],
        &["wide line here\n", "bar\x1b[3D", "\x1b[0Kb\nc"],
    ];
    for session in sessions {
        let mut shown = StreamDisplay::default();
        let mut messages = Vec::new();
        for index in 0..session.len() {
            messages.extend(write(&mut shown, &session[index..=index]));
            let so_far = session[..=index].concat();
            assert_eq!(front_end(&messages), terminal(&so_far), "{so_far:?}");
        }
    }
}

#[test]
fn only_changes_above_need_a_redraw() {
    let clears = |messages: &[JupyterMessageContent]| {
        let is_clear = |message: &&JupyterMessageContent| {
            matches!(message, JupyterMessageContent::ClearOutput(_))
        };
        messages.iter().filter(is_clear).count()
    };
    let mut shown = StreamDisplay::default();
    assert_eq!(
        clears(&write(&mut shown, &["a\nb", "\r\x1b[2Kc", "\nd\n"])),
        0
    );
    assert_eq!(clears(&write(&mut shown, &["\x1b[3A\rx"])), 1);
}

#[test]
fn a_redraw_shows_updated_displays() {
    let mut shown = StreamDisplay::default();
    let display = |text: &str| -> jupyter_protocol::DisplayData {
        serde_json::from_value(serde_json::json!({
            "data": { "text/plain": text }, "metadata": {}, "transient": { "display_id": "7" },
        }))
        .unwrap()
    };
    shown.write(Stdout, "before\n");
    shown.add(&display("old").into());
    write(&mut shown, &["a\nb"]);
    let update = display("new");
    shown.add(
        &UpdateDisplayData {
            data: update.data.clone(),
            metadata: update.metadata.clone(),
            transient: update.transient.clone().unwrap(),
        }
        .into(),
    );
    let messages = write(&mut shown, &["\x1b[1A\rx"]);
    assert_eq!(front_end(&messages), "before\n<display>x\nb");
    let JupyterMessageContent::DisplayData(again) = &messages[2] else {
        panic!("{messages:?}");
    };
    let json = |data| serde_json::to_value(data).unwrap();
    assert_eq!(json(&again.data), json(&update.data));
}

#[test]
fn text_passes_unchanged_after_the_end_and_after_much_text() {
    let raw = "\x1b[1A\rx";
    let mut ended = StreamDisplay::default();
    write(&mut ended, &["a\nb"]);
    ended.end();
    let mut long = StreamDisplay::default();
    write(&mut long, &["a\nb", &"much ".repeat(MAX_REPLAY_BYTES / 4)]);
    for mut shown in [ended, long] {
        let [JupyterMessageContent::StreamContent(stream)] = &write(&mut shown, &[raw])[..] else {
            panic!("not passed on");
        };
        assert_eq!(stream.text, raw);
    }
}

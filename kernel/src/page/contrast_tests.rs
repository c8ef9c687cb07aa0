//! Checks the contrast of text and background for the colours of the style sheet (WCAG 2.2, 1.4.3).

use std::collections::HashMap;

use super::STYLE;

/// The minimum contrast of a text with its background.
const MIN_CONTRAST: f64 = 4.5;

/// Backgrounds, each with the text colours used on it.
const PAIRS: [(&str, &[&str]); 6] = [
    (
        "paper code warn-paper error-paper info-paper success-paper",
        &["ink", "quiet", "accent"],
    ),
    (
        "code",
        &["keyword", "type", "function", "string", "number", "comment"],
    ),
    (
        "paper",
        &["keyword", "type", "function", "string", "number", "comment"],
    ),
    ("warn-paper", &["warn"]),
    ("error-paper", &["error"]),
    (
        "paper warn-paper error-paper",
        &[
            "ansi0", "ansi1", "ansi2", "ansi3", "ansi4", "ansi5", "ansi6", "ansi7", "ansi8",
            "ansi9", "ansi10", "ansi11", "ansi12", "ansi13", "ansi14", "ansi15",
        ],
    ),
];

/// Returns the colours of the light theme and of the dark theme.
fn themes() -> [HashMap<String, String>; 2] {
    let mut blocks = STYLE
        .split(":root {")
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap_or_default());
    let light = colours(blocks.next().expect("the light theme"));
    let mut dark = light.clone();
    dark.extend(colours(blocks.next().expect("the dark theme")));
    [light, dark]
}

fn colours(block: &str) -> HashMap<String, String> {
    block
        .split(';')
        .filter_map(|declaration| declaration.trim().strip_prefix("--")?.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .filter(|(_, value)| value.starts_with('#'))
        .collect()
}

/// Returns WCAG's relative luminance of a colour such as `#16181c` or `#fff`, from 0 to 1.
fn luminance(colour: &str) -> f64 {
    let digits = &colour[1..];
    let long = if digits.len() == 3 {
        digits.chars().flat_map(|digit| [digit, digit]).collect()
    } else {
        digits.to_owned()
    };
    let channel = |start: usize| {
        let value = u8::from_str_radix(&long[start..start + 2], 16).expect("two digits");
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn the_formula_is_right() {
    assert!((contrast("#000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("#777777", "#ffffff") - 4.478).abs() < 0.001);
}

#[test]
fn every_text_can_be_read_in_both_themes() {
    for (theme, colours) in ["light", "dark"].into_iter().zip(themes()) {
        for (backgrounds, texts) in PAIRS {
            for background in backgrounds.split(' ') {
                for text in texts {
                    let contrast = contrast(&colours[*text], &colours[background]);
                    assert!(
                        contrast >= MIN_CONTRAST,
                        "{theme}: --{text} on --{background} has {contrast:.2}"
                    );
                }
            }
        }
    }
}

/// Text on a terminal's background colour has the colour of the paper.
#[test]
fn a_terminals_grounds_can_be_written_on() {
    for colours in themes() {
        for index in 0..16 {
            let background = &colours[&format!("ansi{index}")];
            assert!(
                contrast(background, &colours["paper"]) >= MIN_CONTRAST,
                "{background}"
            );
        }
    }
}

#[test]
fn no_colour_is_left_out() {
    let [light, dark] = themes();
    // Colours of lines, which carry no text.
    let mut known = vec!["line", "strong-line", "success"];
    for (backgrounds, texts) in PAIRS {
        known.extend(backgrounds.split(' ').chain(texts.iter().copied()));
    }
    for name in light.keys().chain(dark.keys()) {
        assert!(known.contains(&name.as_str()), "--{name} is in no pair");
    }
}

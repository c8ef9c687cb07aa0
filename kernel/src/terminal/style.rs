//! Text styles, as ANSI "select graphic rendition" sequences set them (ECMA-48, 8.3.117).

/// A terminal colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// 0 to 7 are the standard colours, 8 to 15 the bright ones. The style sheet defines the shades.
    Named(u8),
    Rgb(u8, u8, u8),
}

/// How a character looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    foreground: Option<Color>,
    background: Option<Color>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    inverse: bool,
    strike: bool,
}

impl Style {
    /// Applies the parameters of one sequence, each with its sub-parameters (`38:2::1:2:3`).
    /// Ignores unknown parameters.
    pub fn apply<'a>(&mut self, params: impl IntoIterator<Item = &'a [u16]>) {
        let mut params = params.into_iter();
        while let Some(param) = params.next() {
            match param[0] {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 => self.underline = param.get(1) != Some(&0),
                7 => self.inverse = true,
                9 => self.strike = true,
                21 => self.underline = true,
                22 => (self.bold, self.dim) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                27 => self.inverse = false,
                29 => self.strike = false,
                code @ 30..=37 => self.foreground = Some(named(code - 30)),
                code @ 90..=97 => self.foreground = Some(named(code - 90 + 8)),
                38 => self.foreground = extended(param, &mut params).or(self.foreground),
                39 => self.foreground = None,
                code @ 40..=47 => self.background = Some(named(code - 40)),
                code @ 100..=107 => self.background = Some(named(code - 100 + 8)),
                48 => self.background = extended(param, &mut params).or(self.background),
                49 => self.background = None,
                _ => {}
            }
        }
    }

    /// Returns the sequence that sets this style after plain text; empty for plain text.
    pub fn sequence(&self) -> String {
        let flags = [
            (self.bold, "1"),
            (self.dim, "2"),
            (self.italic, "3"),
            (self.underline, "4"),
            (self.inverse, "7"),
            (self.strike, "9"),
        ];
        let flags = flags.iter().filter(|(on, _)| *on);
        let mut parts: Vec<String> = flags.map(|(_, code)| (*code).to_owned()).collect();
        for (first, color) in [(30, self.foreground), (40, self.background)] {
            match color {
                Some(Color::Named(index @ 0..=7)) => parts.push((first + index).to_string()),
                Some(Color::Named(index)) => parts.push((first + 60 + index - 8).to_string()),
                Some(Color::Rgb(r, g, b)) => parts.push(format!("{};2;{r};{g};{b}", first + 8)),
                None => {}
            }
        }
        match parts.is_empty() {
            true => String::new(),
            false => format!("\x1b[{}m", parts.join(";")),
        }
    }

    /// Returns the opening `<span>` for this style, or `None` for plain text.
    pub fn opening_span(&self) -> Option<String> {
        let (foreground, background) = if self.inverse {
            (self.background, self.foreground)
        } else {
            (self.foreground, self.background)
        };
        let mut classes = Vec::new();
        let mut variables = String::new();
        for (name, color) in [("fg", foreground), ("bg", background)] {
            match color {
                Some(Color::Named(index)) => classes.push(format!("{name}{index}")),
                Some(Color::Rgb(r, g, b)) => {
                    classes.push(name.to_owned());
                    variables.push_str(&format!("--{name}:#{r:02x}{g:02x}{b:02x};"));
                }
                None => {}
            }
        }
        let flags = [
            (self.bold, "bold"),
            (self.dim, "dim"),
            (self.italic, "italic"),
            (self.underline, "underline"),
            (self.strike, "strike"),
            // Inverse text that sets only one colour needs the page's own colour for the other.
            (self.inverse, "inverse"),
        ];
        classes.extend(
            flags
                .iter()
                .filter(|(on, _)| *on)
                .map(|(_, class)| (*class).to_owned()),
        );
        if classes.is_empty() {
            return None;
        }
        let classes = classes.join(" ");
        Some(if variables.is_empty() {
            format!("<span class=\"{classes}\">")
        } else {
            format!("<span class=\"{classes}\" style=\"{variables}\">")
        })
    }
}

fn named(index: u16) -> Color {
    Color::Named(index.min(15) as u8)
}

/// Parses the colour after 38 or 48: `5;n` or `2;r;g;b`, as separate parameters or as sub-parameters.
fn extended<'a>(param: &[u16], rest: &mut impl Iterator<Item = &'a [u16]>) -> Option<Color> {
    if let [_, kind, values @ ..] = param {
        return match (kind, values) {
            (5, [index, ..]) => Some(indexed(*index)),
            // The colour space precedes the channels, but many programs omit it.
            (2, [_, r, g, b, ..]) | (2, [r, g, b]) => Some(rgb(*r, *g, *b)),
            _ => None,
        };
    }
    let mut next = || rest.next().map(|param| param[0]);
    match next()? {
        5 => Some(indexed(next()?)),
        2 => Some(rgb(next()?, next()?, next()?)),
        _ => None,
    }
}

/// Returns one of xterm's 256 colours: 16 named ones, a cube of 6 x 6 x 6, and 24 greys.
fn indexed(index: u16) -> Color {
    let channel = |step: u16| if step == 0 { 0 } else { 55 + 40 * step };
    match index {
        0..=15 => named(index),
        16..=231 => {
            let cube = index - 16;
            rgb(channel(cube / 36), channel(cube / 6 % 6), channel(cube % 6))
        }
        _ => {
            let grey = 8 + 10 * (index.min(255) - 232);
            rgb(grey, grey, grey)
        }
    }
}

fn rgb(r: u16, g: u16, b: u16) -> Color {
    let channel = |value: u16| value.min(255) as u8;
    Color::Rgb(channel(r), channel(g), channel(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(params: &[&[u16]]) -> Option<String> {
        let mut style = Style::default();
        style.apply(params.iter().copied());
        style.opening_span()
    }

    #[test]
    fn a_sequence_sets_its_style() {
        let styles: [&[&[u16]]; 5] = [
            &[],
            &[&[1], &[31]],
            &[&[92], &[44], &[9]],
            &[&[38], &[5], &[208], &[107]],
            &[&[2], &[3], &[4], &[7], &[48], &[2], &[1], &[2], &[3]],
        ];
        for params in styles {
            let mut style = Style::default();
            style.apply(params.iter().copied());
            let text = format!("{}x", style.sequence());
            let rows = crate::terminal::Screen::of(&text).into_rows();
            assert_eq!(rows[0][0], ('x', style), "{text:?}");
        }
    }

    #[test]
    fn plain_text_needs_no_span() {
        assert_eq!(span(&[]), None);
        assert_eq!(span(&[&[31], &[1], &[0]]), None);
        assert_eq!(
            span(&[&[1], &[3], &[4], &[9], &[22], &[23], &[24], &[29]]),
            None
        );
        assert_eq!(span(&[&[999]]), None);
    }

    #[test]
    fn named_colours_become_classes() {
        assert_eq!(
            span(&[&[1], &[31]]).as_deref(),
            Some("<span class=\"fg1 bold\">")
        );
        assert_eq!(
            span(&[&[92], &[44]]).as_deref(),
            Some("<span class=\"fg10 bg4\">")
        );
        assert_eq!(
            span(&[&[38], &[5], &[9]]).as_deref(),
            Some("<span class=\"fg9\">")
        );
    }

    #[test]
    fn other_colours_become_variables() {
        let orange = Some("<span class=\"fg\" style=\"--fg:#ff8700;\">");
        assert_eq!(span(&[&[38], &[5], &[208]]).as_deref(), orange);
        assert_eq!(
            span(&[&[38], &[2], &[255], &[135], &[0]]).as_deref(),
            orange
        );
        assert_eq!(span(&[&[38, 2, 0, 255, 135, 0]]).as_deref(), orange);
        assert_eq!(span(&[&[38, 2, 255, 135, 0]]).as_deref(), orange);
        assert_eq!(
            span(&[&[48], &[5], &[255]]).as_deref(),
            Some("<span class=\"bg\" style=\"--bg:#eeeeee;\">")
        );
    }

    #[test]
    fn a_colour_cut_short_changes_nothing() {
        assert_eq!(span(&[&[38], &[5]]), None);
        assert_eq!(span(&[&[38], &[2], &[1]]), None);
        assert_eq!(span(&[&[38]]), None);
    }

    #[test]
    fn inverse_swaps_the_colours() {
        assert_eq!(
            span(&[&[31], &[7]]).as_deref(),
            Some("<span class=\"bg1 inverse\">")
        );
    }
}

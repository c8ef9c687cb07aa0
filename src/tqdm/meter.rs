//! A bar's line of text.

use super::format::{format_interval, format_sizeof};
use super::width::{cut, width};

/// Everything that a line shows. The rules are those of tqdm's `format_meter`.
pub(super) struct Meter<'a> {
    /// How many steps are done.
    pub(super) n: i64,
    pub(super) total: Option<i64>,
    /// How many steps were done at the start; the rate does not count them.
    pub(super) initial: i64,
    /// Seconds since the start.
    pub(super) elapsed: f64,
    /// Steps per second. None: the average.
    pub(super) rate: Option<f64>,
    pub(super) style: &'a Style,
    /// The columns of the terminal, which the line fills. None: the bar has 10.
    pub(super) columns: Option<usize>,
}

/// What the user chooses.
#[derive(Clone, Debug)]
pub(super) struct Style {
    pub(super) description: String,
    pub(super) unit: String,
    pub(super) unit_scale: bool,
    pub(super) unit_divisor: f64,
    pub(super) postfix: String,
}

/// The characters for the end of the bar, from empty to a full block in eighths.
const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

impl Meter<'_> {
    pub(super) fn line(&self) -> String {
        // If more steps are done than the total, the total was wrong and is ignored. So is a total of 0.
        match self.total.filter(|&total| total > 0 && self.n <= total) {
            Some(total) => self.with_bar(total),
            None => self.without_bar(),
        }
    }

    fn with_bar(&self, total: i64) -> String {
        let fraction = self.n as f64 / total as f64;
        let rate = self.rate();
        let left = format!("{}{:3.0}%|", self.prefix(), fraction * 100.0);
        let right = format!(
            "| {}/{} [{}<{}, {}{}]",
            self.number(self.n),
            self.number(total),
            format_interval(self.elapsed),
            match rate {
                Some(rate) => format_interval((total - self.n) as f64 / rate),
                None => "?".into(),
            },
            self.rate_text(rate),
            self.postfix(),
        );
        match self.columns {
            None => left + &bar(fraction, 10) + &right,
            Some(columns) => {
                let room = columns.saturating_sub(width(&left) + width(&right));
                cut(left + &bar(fraction, room.max(1)) + &right, columns)
            }
        }
    }

    fn without_bar(&self) -> String {
        format!(
            "{}{}{} [{}, {}{}]",
            self.prefix(),
            self.number(self.n),
            self.style.unit,
            format_interval(self.elapsed),
            self.rate_text(self.rate()),
            self.postfix(),
        )
    }

    /// None: unknown, or nothing was done.
    fn rate(&self) -> Option<f64> {
        self.rate
            .or_else(|| (self.elapsed > 0.0).then(|| (self.n - self.initial) as f64 / self.elapsed))
            .filter(|&rate| rate != 0.0)
    }

    /// `it/s`, or `s/it` if one takes longer than a second.
    fn rate_text(&self, rate: Option<f64>) -> String {
        let number = |number: f64| match self.style.unit_scale {
            true => format_sizeof(number, 1000.0),
            false => format!("{number:5.2}"),
        };
        let unit = &self.style.unit;
        match rate {
            None => format!("?{unit}/s"),
            Some(rate) if 1.0 / rate > 1.0 => format!("{}s/{unit}", number(1.0 / rate)),
            Some(rate) => format!("{}{unit}/s", number(rate)),
        }
    }

    fn number(&self, n: i64) -> String {
        match self.style.unit_scale {
            true => format_sizeof(n as f64, self.style.unit_divisor),
            false => n.to_string(),
        }
    }

    fn prefix(&self) -> String {
        match self.style.description.as_str() {
            "" => String::new(),
            whole if whole.ends_with(": ") => whole.into(),
            description => format!("{description}: "),
        }
    }

    fn postfix(&self) -> String {
        match self.style.postfix.as_str() {
            "" => String::new(),
            postfix => format!(", {postfix}"),
        }
    }
}

fn bar(fraction: f64, width: usize) -> String {
    let eighths = (fraction.clamp(0.0, 1.0) * width as f64 * 8.0) as usize;
    let (full, part) = (eighths / 8, eighths % 8);
    let mut bar = "█".repeat(full);
    if full < width {
        bar.push(EIGHTHS[part]);
        bar.push_str(&" ".repeat(width - full - 1));
    }
    bar
}

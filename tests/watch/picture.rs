//! The picture that a cell shows, as text and as SVG.

use data_encoding::BASE64;
use std::collections::HashMap;
use support::kernel::Executed;

/// The picture as text: the bar of each lane, by its name.
pub fn bars(executed: &Executed) -> HashMap<String, String> {
    let text = shown(executed, "text/plain");
    text.lines()
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.rsplit_once("  ").or(line.rsplit_once(' ')))
        .map(|(name, bar)| (name.trim().to_owned(), bar.to_owned()))
        .collect()
}

/// The content of this type of the one display.
pub fn shown(executed: &Executed, mime: &str) -> String {
    let display = executed
        .0
        .iter()
        .find(|message| message.kind == "display_data");
    let display = display.unwrap_or_else(|| panic!("no picture: {executed:?}"));
    let text = display.content["data"][mime].as_str();
    text.unwrap_or_else(|| panic!("no {mime}")).to_owned()
}

/// The SVG in the `<img>`.
pub fn picture(executed: &Executed) -> String {
    let html = shown(executed, "text/html");
    let svg = html.split("base64,").nth(1);
    let svg = svg.and_then(|rest| rest.split('"').next());
    let svg = BASE64.decode(svg.expect("a picture").as_bytes());
    String::from_utf8(svg.expect("base64")).expect("UTF-8")
}

/// How many characters of a bar are this one.
pub fn count(bar: &str, mark: char) -> usize {
    bar.chars().filter(|c| *c == mark).count()
}

/// What stands in the titles of an SVG: what each lane does, in the order in which it is drawn, and everything else.
pub struct Titles {
    lanes: HashMap<String, Vec<String>>,
    pub all: Vec<String>,
}

impl Titles {
    pub fn of(svg: &str) -> Titles {
        let title = regex::Regex::new("<title>([^<]*)</title>").expect("a pattern");
        let lane = regex::Regex::new("text-anchor=\"end\">([^<]*)</text>").expect("a pattern");
        let names: Vec<&str> = lane
            .captures_iter(svg)
            .map(|name| name.extract::<1>().1[0])
            .collect();
        let mut titles = Titles {
            lanes: HashMap::new(),
            all: Vec::new(),
        };
        for found in title.captures_iter(svg) {
            let text = found.extract::<1>().1[0];
            let text = text.replace("&quot;", "\"").replace("&#39;", "'");
            let first = text.lines().next().unwrap_or_default();
            let what = first.split(": ").next().unwrap_or_default();
            if let Some(name) = names
                .iter()
                .find(|name| what.starts_with(&format!("{name} ")))
            {
                let did = titles.lanes.entry((*name).to_owned()).or_default();
                did.push(what[name.len() + 1..].to_owned());
            }
            titles.all.push(text);
        }
        titles
    }

    /// Whether a lane whose name begins so does these things in this order.
    pub fn does(&self, lane: &str, what: &[&str]) -> bool {
        let mut lanes = self.lanes.iter().filter(|(name, _)| name.starts_with(lane));
        lanes.any(|(_, did)| {
            let mut did = did.iter();
            what.iter().all(|wanted| did.any(|found| found == wanted))
        })
    }
}

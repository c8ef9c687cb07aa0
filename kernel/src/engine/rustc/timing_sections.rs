//! Parses rustc's section timings (The rustc book, `--json=timings`, unstable).

use serde::Deserialize;

/// A line about a section.
#[derive(Deserialize)]
struct Section {
    name: String,
    event: String,
    /// In microseconds.
    timestamp: f64,
}

/// Returns all lines except those about sections, and how long linking took, in seconds.
pub fn without_sections(lines: &str) -> (String, Option<f64>) {
    let mut others = String::new();
    let mut begin = None;
    let mut link = None;
    for line in lines.split_inclusive('\n') {
        if !line.contains("\"section_timing\"") {
            others.push_str(line);
            continue;
        }
        let section = serde_json::from_str::<Section>(line).ok();
        match section.filter(|section| section.name == "link") {
            Some(section) if section.event == "start" => begin = Some(section.timestamp),
            Some(section) => link = begin.map(|begin| (section.timestamp - begin) / 1e6),
            None => {}
        }
    }
    (others, link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_the_linker_is_found() {
        let lines = concat!(
            r#"{"$message_type":"section_timing","name":"codegen","event":"start","timestamp":100}"#,
            "\n",
            r#"{"$message_type":"section_timing","name":"link","event":"start","timestamp":2000}"#,
            "\n",
            r#"{"$message_type":"section_timing","name":"link","event":"end","timestamp":52000}"#,
            "\n{\"$message_type\":\"diagnostic\"}\n",
        );
        let others = "{\"$message_type\":\"diagnostic\"}\n".to_owned();
        assert_eq!(without_sections(lines), (others, Some(0.05)));
        assert_eq!(without_sections(""), (String::new(), None));
    }
}

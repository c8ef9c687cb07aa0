//! How a cell's outputs are compared: its class, what is masked, and the property of an irregular output.
//!
//! It comes from the cell's metadata:
//!
//! ```json
//! { "threadbook": { "class": "lines", "masks": ["ids"] } }
//! ```

use std::str::FromStr;

use serde_json::Value;

use super::mask::{Kind, Masks};
use super::property::Property;

/// What stays the same from run to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Class {
    /// The text.
    Exact,
    /// The lines, in any order. Where threads or processes have written into one line, the words.
    Lines,
    /// A property; if none is declared, all but numbers and the order of lines.
    Race,
    /// CellFilter whether it fails.
    Any,
}

impl Class {
    /// The name in a notebook's metadata and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Class::Exact => "exact",
            Class::Lines => "lines",
            Class::Race => "race",
            Class::Any => "any",
        }
    }
}

impl FromStr for Class {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Ok(match name {
            // A result is compared as any other output.
            "exact" | "result" => Class::Exact,
            "lines" => Class::Lines,
            "race" | "range" => Class::Race,
            "any" => Class::Any,
            _ => {
                return Err(format!(
                    "there is no class `{name}`; there are: exact, lines, race, any"
                ));
            }
        })
    }
}

/// How a cell is compared.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What stays the same.
    pub class: Class,
    /// What may differ.
    pub masks: Masks,
    /// What holds of a [`Class::Race`].
    pub property: Option<Property>,
    /// Whether the cell says nothing of how it is compared.
    pub is_default: bool,
}

/// For cells that say nothing of themselves, as in notebooks that were not written for this.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// Their class.
    pub class: Class,
    /// What is masked beside what nobody means to be the same: see [`Defaults::rule`].
    pub masks: Vec<Kind>,
}

impl Defaults {
    /// The rule. Ids, addresses and the bytes of pictures are masked in any case.
    pub fn rule(&self) -> Rule {
        let mut masks = Masks::of(&[Kind::Ids, Kind::Addresses, Kind::Images]);
        for &kind in &self.masks {
            masks.add(kind);
        }
        Rule {
            class: self.class,
            masks,
            property: None,
            is_default: true,
        }
    }
}

/// What a cell can say.
const KEYS: [&str; 3] = ["class", "masks", "property"];

impl Rule {
    /// The rule of a cell with this metadata.
    ///
    /// # Errors
    /// In words, what is wrong with its metadata.
    pub fn of(metadata: &Value, default: &Defaults) -> Result<Self, String> {
        let Some(own) = metadata.get("threadbook") else {
            return Ok(default.rule());
        };
        let Some(keys) = own.as_object() else {
            return Err("its metadata `threadbook` is no object".to_owned());
        };
        if let Some(unknown) = keys.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(format!(
                "its metadata `threadbook` has the key `{unknown}`, which means nothing; there are: {}",
                KEYS.join(", ")
            ));
        }
        if keys.is_empty() {
            return Ok(default.rule());
        }
        let mut masks = match own.get("masks") {
            Some(masks) => Masks::read(masks)?,
            None => Masks::default(),
        };
        let class = match own.get("class") {
            None => Class::Exact,
            Some(Value::String(name)) => match name.parse::<Kind>() {
                // `times` alone means: exact, but for times.
                Ok(kind) => {
                    masks.add(kind);
                    Class::Exact
                }
                Err(_) => name.parse()?,
            },
            Some(other) => return Err(format!("its class {other} is no text")),
        };
        let property = own.get("property").map(Property::read).transpose()?;
        if property.is_some() && class != Class::Race {
            return Err(format!(
                "it has a `property`, which only the class race has, not {}",
                class.name()
            ));
        }
        if class == Class::Race && property.is_none() {
            masks.add(Kind::Numbers);
        }
        Ok(Self {
            class,
            masks,
            property,
            is_default: false,
        })
    }

    /// `lines, ids`
    pub fn name(&self) -> String {
        let mut name = self.class.name().to_owned();
        for mask in self.masks.names() {
            name.push_str(", ");
            name.push_str(mask);
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DEFAULT: Defaults = Defaults {
        class: Class::Lines,
        masks: Vec::new(),
    };

    fn rule(own: Value) -> Result<Rule, String> {
        Rule::of(&json!({"threadbook": own}), &DEFAULT)
    }

    #[test]
    fn a_cell_says_how_it_is_compared() {
        for (own, name) in [
            (json!({"class": "exact"}), "exact"),
            (json!({"class": "result"}), "exact"),
            (
                json!({"class": "lines", "masks": ["ids", "times"]}),
                "lines, ids, times",
            ),
            (json!({"class": "times"}), "exact, times"),
            (json!({"class": "race"}), "race, numbers"),
            (
                json!({"class": "range", "property": {"lines": ["{n}"]}}),
                "race",
            ),
            (json!({"class": "any"}), "any"),
        ] {
            let rule = rule(own).unwrap();
            assert_eq!(rule.name(), name);
            assert!(!rule.is_default);
        }
    }

    #[test]
    fn a_cell_that_says_nothing_has_the_default() {
        for metadata in [json!({"tags": []}), json!({"threadbook": {}})] {
            let rule = Rule::of(&metadata, &DEFAULT).unwrap();
            assert_eq!(rule.name(), "lines, ids, addresses, images");
            assert!(rule.is_default);
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for (own, reason) in [
            (json!("exact"), "no object"),
            (
                json!({"clas": "lines"}),
                "the key `clas`, which means nothing; there are: class, masks, property",
            ),
            (
                json!({"class": "exakt"}),
                "no class `exakt`; there are: exact",
            ),
            (json!({"class": 1}), "no text"),
            (json!({"masks": ["x"]}), "no mask `x`"),
            (
                json!({"class": "lines", "property": {"lines": []}}),
                "only the class race",
            ),
            (
                json!({"class": "race", "property": 1}),
                "`property` is wrong",
            ),
        ] {
            let told = rule(own).unwrap_err();
            assert!(told.contains(reason), "{told}");
        }
    }
}

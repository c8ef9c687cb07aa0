//! The rule for comparing a cell's outputs: its class, its masks, and the property of an irregular output.
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
    /// The lines in any order; in lines that threads or processes share, the words.
    Lines,
    /// A property; without one, everything but numbers and the order of lines.
    Race,
    /// Only whether the cell fails.
    Any,
}

impl Class {
    /// Returns the name in a notebook's metadata and on the command line.
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
            // A result is compared like any other output.
            "exact" | "result" => Class::Exact,
            "lines" => Class::Lines,
            "race" | "range" => Class::Race,
            "any" => Class::Any,
            _ => {
                return Err(format!(
                    "unknown class `{name}`; the classes are: exact, lines, race, any"
                ));
            }
        })
    }
}

/// How to compare a cell.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What stays the same.
    pub class: Class,
    /// What may differ.
    pub masks: Masks,
    /// What must hold for a [`Class::Race`].
    pub property: Option<Property>,
    /// Whether the cell has no rule of its own.
    pub is_default: bool,
}

/// The rule for cells without their own, as in notebooks that were not written for `check`.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// Their class.
    pub class: Class,
    /// Masks in addition to those of [`Defaults::rule`].
    pub masks: Vec<Kind>,
}

impl Defaults {
    /// Returns the rule. It always masks ids, addresses and the content of pictures.
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

/// The valid keys of a rule.
const KEYS: [&str; 3] = ["class", "masks", "property"];

impl Rule {
    /// Returns the rule of a cell with this metadata.
    ///
    /// # Errors
    /// A message: what is invalid.
    pub fn of(metadata: &Value, default: &Defaults) -> Result<Self, String> {
        let Some(own) = metadata.get("threadbook") else {
            return Ok(default.rule());
        };
        let Some(keys) = own.as_object() else {
            return Err("the metadata `threadbook` is not an object".to_owned());
        };
        if let Some(unknown) = keys.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(format!(
                "unknown key `{unknown}` in the metadata `threadbook`; the keys are: {}",
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
                // `times` alone means exact except for times.
                Ok(kind) => {
                    masks.add(kind);
                    Class::Exact
                }
                Err(_) => name.parse()?,
            },
            Some(other) => return Err(format!("the class {other} is not a string")),
        };
        let property = own.get("property").map(Property::read).transpose()?;
        if property.is_some() && class != Class::Race {
            return Err(format!(
                "only a cell of the class race can have a `property`, not one of the class {}",
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
    fn an_invalid_rule_is_refused() {
        for (own, reason) in [
            (json!("exact"), "not an object"),
            (
                json!({"clas": "lines"}),
                "unknown key `clas` in the metadata `threadbook`; the keys are: class, masks, property",
            ),
            (
                json!({"class": "exakt"}),
                "unknown class `exakt`; the classes are: exact",
            ),
            (json!({"class": 1}), "not a string"),
            (json!({"masks": ["x"]}), "unknown mask `x`"),
            (
                json!({"class": "lines", "property": {"lines": []}}),
                "only a cell of the class race",
            ),
            (
                json!({"class": "race", "property": 1}),
                "`property` is invalid",
            ),
        ] {
            let message = rule(own).unwrap_err();
            assert!(message.contains(reason), "{message}");
        }
    }
}

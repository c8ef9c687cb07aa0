//! Decides whether a cell's new outputs match the stored ones.

use serde_json::Value;

use super::difference::Difference;
use super::mask::Kind;
use super::rule::{Class, Rule};
use super::visible_output::VisibleOutput;
use super::{exact, lines};

/// Returns the differences between a cell's stored outputs and its new ones.
pub fn compare(rule: &Rule, stored: &Value, new: &Value) -> Vec<Difference> {
    let (stored, new) = (VisibleOutput::of(stored), VisibleOutput::of(new));
    compare_shown(rule, &stored, &new)
}

fn compare_shown(rule: &Rule, stored: &VisibleOutput, new: &VisibleOutput) -> Vec<Difference> {
    let exactly = |stored: &VisibleOutput, new: &VisibleOutput| {
        exact::compare(&stored.lines(&rule.masks), &new.lines(&rule.masks))
    };
    match (rule.class, &rule.property) {
        (Class::Exact, _) => exactly(stored, new),
        (Class::Lines | Class::Race, None) | (Class::Lines, Some(_)) => {
            lines::compare(&stored.lines(&rule.masks), &new.lines(&rule.masks))
        }
        (Class::Race, Some(property)) => {
            let mut differences = Vec::new();
            if let Err(reason) = property.judge(&new.plain_lines()) {
                let mut difference =
                    Difference::between("output", &stored.plain_lines(), &new.plain_lines());
                difference.reason = format!("the property does not hold: {reason}");
                differences.push(difference);
            }
            differences.extend(exactly(&stored.without_race(), &new.without_race()));
            differences
        }
        (Class::Any, _) => exactly(&stored.error_only(), &new.error_only()),
    }
}

/// Returns the class and masks with which a cell without its own rule would match, as command-line options.
pub fn hint(rule: &Rule, stored: &Value, new: &Value) -> Option<String> {
    if !rule.is_default {
        return None;
    }
    let (stored, new) = (VisibleOutput::of(stored), VisibleOutput::of(new));
    let times = [Kind::Times, Kind::Rates];
    let tries = [
        (rule.class, times.as_slice()),
        (Class::Lines, &[]),
        (Class::Lines, &times),
    ];
    tries.into_iter().find_map(|(class, masks)| {
        let mut other = rule.clone();
        other.class = class;
        for &mask in masks {
            other.masks.add(mask);
        }
        compare_shown(&other, &stored, &new).is_empty().then(|| {
            let mut options = Vec::new();
            if class != rule.class {
                options.push(format!("--class {}", class.name()));
            }
            if !masks.is_empty() {
                let names: Vec<_> = masks.iter().map(|mask| mask.name()).collect();
                options.push(format!("--mask {}", names.join(",")));
            }
            options.join(" ")
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::rule::Defaults;
    use super::*;

    fn printed(text: &str) -> Value {
        json!({"outputs": [{"output_type": "stream", "name": "stdout", "text": text}]})
    }

    fn rule(own: Value) -> Rule {
        let defaults = Defaults {
            class: Class::Exact,
            masks: vec![],
        };
        Rule::of(&own, &defaults).unwrap()
    }

    fn reasons(own: Value, stored: &Value, new: &Value) -> Vec<String> {
        let differences = compare(&rule(json!({"threadbook": own})), stored, new);
        differences
            .into_iter()
            .map(|difference| difference.reason)
            .collect()
    }

    #[test]
    fn a_race_has_the_same_outcomes_in_all_orders() {
        let with = |sum: u32, outcomes: &str| {
            json!({"outputs": [
                {"output_type": "stream", "name": "stdout", "text": format!("sum {sum}\n")},
                {"output_type": "display_data", "data": {}, "metadata": {"threadbook": {"explored": {"text": outcomes}}}},
            ]})
        };
        let race = || json!({"class": "race", "property": {"lines": ["sum {n}"]}});
        let stored = with(1, "All 6 orders: 2 different outcomes");
        assert_eq!(
            reasons(
                race(),
                &stored,
                &with(2, "All 6 orders: 2 different outcomes")
            ),
            [""; 0]
        );
        let other = reasons(
            race(),
            &stored,
            &with(1, "All 6 orders: 3 different outcomes"),
        );
        assert_eq!(other.len(), 1, "{other:?}");
    }

    #[test]
    fn stderr_can_be_masked_and_a_property_ignores_it() {
        let with = |note: &str| {
            json!({"outputs": [
                {"output_type": "stream", "name": "stdout", "text": "sum 3\n"},
                {"output_type": "stream", "name": "stderr", "text": note},
            ]})
        };
        let (stored, new) = (with("warned\n"), printed("sum 3\n"));
        assert!(!reasons(json!({"class": "exact"}), &stored, &new).is_empty());
        assert!(reasons(json!({"masks": ["stderr"]}), &stored, &new).is_empty());
        let property = json!({"class": "race", "property": {"lines": ["sum {n}"]}});
        assert!(reasons(property.clone(), &new, &stored).is_empty());
        assert!(!reasons(property, &new, &printed("nothing\n")).is_empty());
    }

    #[test]
    fn each_class_has_its_own_idea_of_the_same() {
        let (stored, other_order, other_number) = (
            printed("a 1\nb 2\n"),
            printed("b 2\na 1\n"),
            printed("a 9\nb 2\n"),
        );
        for (class, expected) in [
            ("exact", [true, false, false]),
            ("lines", [true, true, false]),
            ("race", [true, true, true]),
            ("any", [true, true, true]),
        ] {
            let own = json!({"class": class});
            let same = [&stored, &other_order, &other_number]
                .map(|new| reasons(own.clone(), &stored, new).is_empty());
            assert_eq!(same, expected, "{class}");
        }
        assert_eq!(
            reasons(json!({"class": "race"}), &stored, &printed("a\nb 2\n")).len(),
            1
        );
    }

    #[test]
    fn a_property_judges_the_new_output_alone() {
        let own = json!({"class": "race", "property": {"lines": ["n = {n}"], "numbers": {"n": {"below": 5}}}});
        let stored = printed("something else");
        assert_eq!(reasons(own.clone(), &stored, &printed("n = 4\n")), [""; 0]);
        assert_eq!(
            reasons(own.clone(), &stored, &printed("n = 5\n")),
            ["the property does not hold: n must be below 5, but is 5"]
        );
        let mut failed = printed("n = 4\n");
        let error = json!({"output_type": "error", "ename": "E", "evalue": "v"});
        failed["outputs"].as_array_mut().unwrap().push(error);
        assert_eq!(reasons(own, &stored, &failed), ["error is new"]);
        assert_eq!(
            reasons(json!({"class": "any"}), &stored, &failed),
            ["error is new"]
        );
    }

    #[test]
    fn results_and_errors_are_compared() {
        let result = |text: &str| json!({"outputs": [{"output_type": "execute_result", "data": {"text/plain": text}}]});
        let error = |ename: &str, evalue: &str| json!({"outputs": [{"output_type": "error", "ename": ename, "evalue": evalue, "traceback": [ename]}]});
        let own = json!({"class": "exact"});
        assert_eq!(reasons(own.clone(), &result("1"), &result("1")), [""; 0]);
        assert_eq!(
            reasons(own.clone(), &result("1"), &result("2")),
            ["result: text/plain differs"]
        );
        assert_eq!(
            reasons(own.clone(), &error("E", "a"), &error("E", "b")),
            ["error differs"]
        );
        assert_eq!(
            reasons(own.clone(), &result("1"), &error("E", "b")),
            ["result: text/plain is missing", "error is new"]
        );
        assert_eq!(reasons(own, &error("E", "a"), &error("E", "a")), [""; 0]);
    }

    #[test]
    fn a_hint_says_what_would_make_it_the_same() {
        let default = rule(json!({}));
        let hint = |stored: &str, new: &str| hint(&default, &printed(stored), &printed(new));
        assert_eq!(
            hint("took 3 s\n", "took 4 s\n").as_deref(),
            Some("--mask times,rates")
        );
        assert_eq!(hint("a\nb\n", "b\na\n").as_deref(), Some("--class lines"));
        assert_eq!(
            hint("a\ntook 3 s\n", "took 4 s\na\n").as_deref(),
            Some("--class lines --mask times,rates")
        );
        assert_eq!(hint("a\n", "b\n"), None);
        let own = rule(json!({"threadbook": {"class": "exact"}}));
        assert_eq!(
            super::hint(&own, &printed("a\nb\n"), &printed("b\na\n")),
            None
        );
    }
}

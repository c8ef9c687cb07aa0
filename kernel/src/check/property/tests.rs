use serde_json::json;

use super::*;

fn judge(property: Value, output: &str) -> Result<(), String> {
    let lines: Vec<String> = output.lines().map(str::to_owned).collect();
    Property::read(&property).unwrap().judge(&lines)
}

#[track_caller]
fn refused(property: Value, output: &str, reason: &str) {
    let message = judge(property, output).unwrap_err();
    assert!(message.contains(reason), "{message}");
}

#[test]
fn a_number_in_a_range() {
    let property = json!({
        "lines": ["-- unsafe --", "Final result: {n}"],
        "numbers": {"n": {"from": 2, "below": 500000}},
    });
    judge(property.clone(), "-- unsafe --\nFinal result: 123849\n").unwrap();
    for (output, reason) in [
        (
            "-- unsafe --\nFinal result: 500000",
            "n must be at least 2 and below 500000, but is 500000",
        ),
        ("-- unsafe --\nFinal result: 1", "but is 1"),
        (
            "-- unsafe --\nFinal result: many",
            "line 2 is \"Final result: many\", which does not match \"Final result: {n}\"",
        ),
        ("-- safe --\nFinal result: 5", "line 1"),
        ("-- unsafe --", "must be 2 lines, but there are 1"),
        ("", "there are 0"),
    ] {
        refused(property.clone(), output, reason);
    }
}

#[test]
fn so_many_of_several_numbers() {
    let property = json!({
        "lines": [{"times": 10, "line": "Final balance = {n}"}],
        "numbers": {"n": [{"from": -9900, "to": 10100}, {"not": 100, "at_least": 8}, {"above": 5000, "at_most": 1}]},
    });
    let output = |numbers: &[i32]| -> String {
        numbers
            .iter()
            .map(|n| format!("Final balance = {n}\n"))
            .collect()
    };
    judge(
        property.clone(),
        &output(&[1, -2, 3, 4, 5, 6, 7, 6000, 100, 100]),
    )
    .unwrap();
    refused(
        property.clone(),
        &output(&[1, 2, 3, 4, 5, 6, 7, 100, 100, 100]),
        "at least 8 of n must be other than 100, but 7 are: 1, 2, 3",
    );
    refused(
        property.clone(),
        &output(&[1, 2, 3, 4, 5, 6, 7, 8, 6000, 6000]),
        "at most 1 of n",
    );
    refused(
        property,
        &output(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 20000]),
        "but is 20000",
    );
}

#[test]
fn lines_in_any_order() {
    let property = json!({
        "lines": ["id {a}", "id 7", "{}", "{{{a}}}"],
        "order": "any",
        "numbers": {"a": {"all": "equal"}},
    });
    // A pattern that matches another one's only line must yield it.
    judge(property.clone(), "3.5\nid 7\n{8}\nid 8").unwrap();
    refused(
        property.clone(),
        "3.5\nid 7\n{9}\nid 8",
        "a must always be the same, but is",
    );
    refused(
        property.clone(),
        "3.5\nid 8\n{8}\nid 8",
        "not enough lines match \"id 7\"",
    );
    let different = json!({"lines": ["{a} {a}"], "numbers": {"a": {"all": "different"}}});
    judge(different.clone(), "1 2").unwrap();
    refused(different, "2 2", "is 2 twice");
}

#[test]
fn what_is_no_property_is_refused() {
    for (property, reason) in [
        (json!(3), "is invalid"),
        (json!({}), "missing field `lines`"),
        (json!({"lines": ["a"], "line": []}), "unknown field `line`"),
        (
            json!({"lines": ["{n}"], "numbers": {"m": {"to": 1}}}),
            "no line has {m}",
        ),
        (json!({"lines": ["{n"]}), "braces"),
        (json!({"lines": ["n}"]}), "braces"),
        (json!({"lines": ["a"], "order": "some"}), "unknown variant"),
    ] {
        let message = Property::read(&property).unwrap_err();
        assert!(message.contains(reason), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

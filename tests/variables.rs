//! Variables that a `let` without a written type leaves to later cells.

mod types;

use support::kernel::{Kernel, setup};
use support::sandbox::Sandbox;
use support::tools::need;
use support::venv::Venv;
use types::{ITEMS, VARIABLES};

fn kernel() -> (Sandbox, Kernel) {
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute(&setup()).ok();
    kernel.execute(ITEMS).ok();
    (sandbox, kernel)
}

#[test]
fn variables_of_many_types_persist() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    let mut wrong = Vec::new();
    // One cell each.
    for (define, _, _) in VARIABLES {
        let executed = kernel.execute(define);
        if executed.reply().content["status"] != "ok" {
            wrong.push(format!("{define}\n{}", executed.error()["evalue"]));
        }
    }
    for (define, later, shows) in VARIABLES {
        let executed = kernel.execute(&format!("println!(\"{{}}\", {later});"));
        let status = &executed.reply().content["status"];
        let shown = executed.stream("stdout");
        if shown != format!("{shows}\n") {
            wrong.push(format!("{define}\n{later}: {status}, {shown:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn several_variables_of_one_cell_persist() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    // `late` gets its type from a line further down.
    kernel.execute("let mut late = Vec::new();\nlet n = 2;\nlate.push(n as u8);\nlet doubled = late.len() * 2;").ok();
    kernel.execute("late.push(3);").ok();
    assert_eq!(
        kernel.execute("(late, n, doubled)").ok().result(),
        Some("([2, 3], 2, 2)")
    );
}

#[test]
fn a_variable_may_be_redefined() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    kernel.execute("let again = 1;").ok();
    kernel
        .execute("let again = format!(\"{again} and more\");")
        .ok();
    assert_eq!(kernel.execute("again.len()").ok().result(), Some("10"));
    // Run the same cell twice, as readers do.
    for _ in 0..2 {
        kernel
            .execute("let mut list = vec![Point { x: 1, y: 1 }];\nlist.push(list[0].clone());")
            .ok();
        assert_eq!(kernel.execute("list.len()").ok().result(), Some("2"));
    }
}

#[test]
fn a_change_persists() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    kernel
        .execute("let mut log = Vec::new();\nlog.push(String::from(\"first\"));")
        .ok();
    kernel.execute("log.push(\"second\".to_owned());").ok();
    assert_eq!(
        kernel.execute("log").ok().result(),
        Some("['first', 'second']")
    );
}

#[test]
fn a_moved_variable_is_gone() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    kernel.execute("let text = String::from(\"moved\");").ok();
    kernel.execute("drop(text);").ok();
    let error = kernel.execute("text.len()");
    let value = error.error()["evalue"].as_str().expect("a text").to_owned();
    assert!(value.contains("`text`"), "{value}");
}

#[test]
fn closures_persist() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    kernel
        .execute("let add = |n: i32| n + 1;\nlet mut count = 0;\nlet mut next = move || { count += 1; count };")
        .ok();
    assert_eq!(kernel.execute("add(next())").ok().result(), Some("2"));
    assert_eq!(kernel.execute("add(next())").ok().result(), Some("3"));
    let mapped = kernel.execute("vec![1, 2].into_iter().map(add).collect::<Vec<_>>()");
    assert_eq!(mapped.ok().result(), Some("[2, 3]"));
}

#[test]
fn iterators_of_unnameable_types_persist() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    kernel
        .execute("let lazy = vec![1, 2, 3].into_iter().map(|n| n + 1);")
        .ok();
    let last = kernel.execute("lazy.rev().next()");
    assert_eq!(last.ok().result(), Some("Some(4)"));
}

/// A borrow is repeated where a cell names it, or its lender stays in place.
#[test]
fn borrows_persist() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    kernel
        .execute("let kept = vec![1, 2];\nlet borrowed = &kept;\nlet mut each = kept.iter();")
        .ok();
    assert_eq!(
        kernel
            .execute("(each.next(), borrowed.len())")
            .ok()
            .result(),
        Some("(Some(1), 2)")
    );
    assert_eq!(kernel.execute("each.next()").ok().result(), Some("Some(2)"));
    kernel.execute("drop(kept);").ok();
    let error = kernel.execute("each.next()");
    let traceback = error.error()["traceback"].to_string();
    assert!(
        traceback.contains("changed `kept`, from which it borrowed"),
        "{traceback}"
    );
}

/// A cell may move what is lent: then the borrower ends.
#[test]
fn a_lender_may_move() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    kernel
        .execute(
            "struct Ship(Vec<u8>);\nlet ship = Ship(vec![1, 2]);\nlet mut parts = ship.0.iter();",
        )
        .ok();
    assert_eq!(kernel.execute("ship.0.len()").ok().result(), Some("2"));
    assert_eq!(
        kernel.execute("parts.next()").ok().result(),
        Some("Some(1)")
    );
    kernel.execute("drop(ship);").ok();
    let error = kernel.execute("parts.next()");
    let traceback = error.error()["traceback"].to_string();
    assert!(
        traceback.contains("changed `ship`, from which it borrowed"),
        "{traceback}"
    );
}

#[test]
fn a_mutable_borrow_persists() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    kernel
        .execute("let mut numbers = vec![3, 1];\nlet mut largest = numbers.iter_mut().max();\nprintln!(\"{largest:?}\");")
        .ok();
    kernel
        .execute("if let Some(largest) = &mut largest { **largest += 1; }")
        .ok();
    assert_eq!(kernel.execute("numbers").ok().result(), Some("[4, 1]"));
    let error = kernel.execute("largest");
    let traceback = error.error()["traceback"].to_string();
    assert!(
        traceback.contains("changed `numbers`, from which it borrowed"),
        "{traceback}"
    );
}

#[test]
fn a_failed_cell_keeps_earlier_variables() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    kernel.execute("let kept = vec![1];").ok();
    kernel.execute("let lost = 1;\nno_such_function();").error();
    assert_eq!(kernel.execute("kept").ok().result(), Some("[1]"));
    kernel.execute("panic!(\"on purpose\");").error();
    assert_eq!(kernel.execute("kept").ok().result(), Some("[1]"));
}

/// A constant before a `let` once caused a panic in three of five kernels.
#[test]
fn a_constant_before_a_let_does_no_harm() {
    need!(python);
    for _ in 0..5 {
        let sandbox = Sandbox::new();
        let mut kernel = Kernel::start(&Venv::open(), &sandbox);
        kernel.execute("const N: usize = 1;").ok();
        kernel.execute("let a = 1;").ok();
        kernel.execute("let b = vec![N];").ok();
        assert_eq!(kernel.execute("a + b.len()").ok().result(), Some("2"));
    }
}

//! Measures how long a kernel takes to build a notebook's crates, and cells that use them, compared with stock
//! evcxr_jupyter.

use crate::kernel::Kernel;
use crate::session::{Session, hold, hold_for_one_cell};
use std::fs;
use std::time::{Duration, Instant};
use support::run;
use support::sandbox::Sandbox;
use support::venv::Venv;

/// Crates for a Cargo.toml and for the first cell of a notebook.
struct Set {
    name: &'static str,
    dependencies: &'static [&'static str],
    /// The code that uses them in that cell.
    code: &'static str,
}

const SETS: [Set; 2] = [
    Set {
        name: "tokio, futures, log, chrono",
        dependencies: &[
            r#"tokio = { version = "1", features = ["full"] }"#,
            r#"futures = "0.3""#,
            r#"log = "0.4""#,
            r#"chrono = "0.4""#,
        ],
        code: "tokio::time::sleep(std::time::Duration::from_millis(1)).await;\nlog::info!(\"{}\", chrono::Utc::now());\n\
               futures::future::ready(5).await",
    },
    Set {
        name: "plotters",
        dependencies: &[
            r#"plotters = { version = "0.3", default-features = false, features = ["evcxr", "all_series"] }"#,
        ],
        code: "use plotters::prelude::*;\n\
               evcxr_figure((320, 240), |root| { root.fill(&WHITE)?; Ok(()) })",
    },
];

/// Enough for a kernel that takes twice as long as cargo.
const TIMEOUT: Duration = Duration::from_secs(600);

/// Prints a row for each set of crates and each kernel.
pub fn compare(venv: &Venv) {
    println!(
        "{:30}{:16}{:>14}{:>16}{:>12}",
        "seconds", "", "first kernel", "second kernel", "println!"
    );
    println!("{:46}{:>42.3}", "without crates", println(&without(venv)));
    for set in &SETS {
        println!("{:30}{:16}{:>14.1}", set.name, "cargo", build(set));
        let lines = set.dependencies.iter().map(|line| format!(":dep {line}\n"));
        let setup = lines.collect::<String>() + set.code;
        // Its own cache, so that nothing is cached yet.
        let sandbox = Sandbox::with_fresh_cache();
        for kernel in Kernel::with_crates(&setup, &sandbox) {
            // Build what every notebook needs first.
            let empty = Kernel {
                setup: "1".to_owned(),
                ..kernel
            };
            hold(venv, &sandbox, &empty, 0);
            let kernel = Kernel {
                setup: setup.clone(),
                ..empty
            };
            let first = hold(venv, &sandbox, &kernel, 0);
            let second = hold_for_one_cell(venv, &sandbox, &kernel);
            println!(
                "{:30}{:16}{:>14.1}{:>16.2}{:>12.3}",
                "",
                kernel.name,
                first.setup,
                second.setup,
                println(&second)
            );
        }
    }
}

fn without(venv: &Venv) -> Session {
    let sandbox = Sandbox::with_fresh_cache();
    let [ours, ..] = Kernel::with_crates("1", &sandbox);
    hold(venv, &sandbox, &ours, 0);
    hold_for_one_cell(venv, &sandbox, &ours)
}

/// Returns the median of the `println!` runs.
fn println(session: &Session) -> f64 {
    session.cell(0).expect("it has run")
}

/// Returns how long cargo takes to build the crates after downloading them, in seconds.
fn build(set: &Set) -> f64 {
    let sandbox = Sandbox::new();
    let manifest = format!(
        "[package]\nname = \"crates\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[dependencies]\n{}",
        set.dependencies.join("\n")
    );
    fs::write(sandbox.work().join("Cargo.toml"), manifest).expect("a manifest");
    fs::write(sandbox.work().join("lib.rs"), "").expect("a library");
    let cargo = |argument: &[&str]| {
        run::to_end(sandbox.command("cargo").args(argument), TIMEOUT).expect_code(0)
    };
    cargo(&["fetch"]);
    let begin = Instant::now();
    cargo(&["build", "--release"]);
    begin.elapsed().as_secs_f64()
}

//! `threadbook doctor` on machines with something missing.

use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use support::built;
use support::machine::{Machine, NEEDED};
use support::run::{self, Ended, without_root};

const WITHIN: Duration = Duration::from_secs(120);

fn doctor(machine: &Machine) -> Ended {
    let ended = run::to_end(&mut machine.threadbook("doctor"), WITHIN);
    machine.sandbox.expect_nothing_left();
    ended
}

fn findings_on(machine: &Machine) -> (Option<i32>, Value) {
    findings(&mut machine.threadbook("doctor"))
}

fn findings(command: &mut Command) -> (Option<i32>, Value) {
    let ended = run::to_end(command.arg("--json"), WITHIN);
    let report =
        serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended}"));
    (ended.code(), report)
}

/// Returns the report's finding with this name.
#[track_caller]
fn finding<'a>(report: &'a Value, name: &str) -> &'a Value {
    let mut findings = report["findings"].as_array().expect("findings").iter();
    findings
        .find(|finding| finding["name"] == name)
        .unwrap_or_else(|| panic!("no finding `{name}`: {report}"))
}

#[test]
fn a_complete_machine_passes() {
    let machine = Machine::with(NEEDED);
    let ended = doctor(&machine).expect_code(0);
    for part in [
        "ok        cargo              cargo 1.",
        "ok        rustc              rustc 1.",
        "ok        C linker  ",
        "ok        cache directory  ",
        "ok        runtime directory  ",
        "GB free",
        "optional  JupyterLab",
        "optional  kernelspec",
        "optional  yt-dlp",
        "fix: ",
        "Nothing required is missing.\n",
    ] {
        assert!(ended.stdout.contains(part), "{part} is missing: {ended}");
    }
    let (code, report) = findings_on(&machine);
    assert_eq!((code, &report["ok"]), (Some(0), &Value::Bool(true)));
    // The doctor creates nothing.
    assert!(!machine.sandbox.cache().exists());
}

#[test]
fn a_missing_program_is_reported() {
    for (program, name, remedy) in [
        ("cargo", "cargo", "rustup"),
        ("rustc", "rustc", "rustup"),
        ("cc", "C linker", "gcc"),
        ("ld", "C linker", "gcc"),
    ] {
        let machine = Machine::without(program);
        let ended = doctor(&machine).expect_code(1);
        assert!(
            ended.stdout.contains(&format!("MISSING   {name}")),
            "{ended}"
        );
        let (code, report) = findings_on(&machine);
        assert_eq!((code, &report["ok"]), (Some(1), &Value::Bool(false)));
        let found = finding(&report, name);
        assert_eq!(
            (&found["ok"], &found["required"]),
            (&Value::Bool(false), &Value::Bool(true))
        );
        assert!(
            found["remedy"]
                .as_str()
                .is_some_and(|text| text.contains(remedy)),
            "{found}"
        );
    }
}

#[test]
fn an_old_compiler_is_reported() {
    let machine = Machine::without("rustc");
    machine.add("rustc", "rustc 1.80.0 (051478957 2024-07-21)");
    let (code, report) = findings_on(&machine);
    assert_eq!(code, Some(1));
    let found = finding(&report, "rustc");
    assert!(
        found["detail"]
            .as_str()
            .is_some_and(|text| text.contains("1.80.0") && text.contains("too old")),
        "{found}"
    );
}

/// The suggested command fixes the problem.
#[test]
fn the_remedy_for_a_missing_kernelspec_works() {
    let machine = Machine::with(NEEDED);
    machine.add("jupyter-lab", "4.6.6");
    let (code, report) = findings_on(&machine);
    assert_eq!(
        code,
        Some(1),
        "with JupyterLab the kernelspec is required: {report}"
    );
    assert_eq!(finding(&report, "JupyterLab")["detail"], "4.6.6");
    let apply_remedy = |report: &Value| {
        let remedy = finding(report, "kernelspec")["remedy"]
            .as_str()
            .expect("a remedy")
            .to_owned();
        let mut shell = machine.sandbox.command("/bin/sh");
        run::to_end(shell.args(["-c", &remedy]), WITHIN).expect_code(0);
        findings_on(&machine)
    };
    let (code, report) = apply_remedy(&report);
    assert_eq!(
        (code, &finding(&report, "kernelspec")["ok"]),
        (Some(0), &Value::Bool(true))
    );

    // Now the kernelspec names a program that does not exist.
    let spec = machine
        .sandbox
        .path("home/.local/share/jupyter/kernels/threadbook/kernel.json");
    let text = fs::read_to_string(&spec).expect("the kernelspec");
    fs::write(
        &spec,
        text.replace(
            &built::threadbook().display().to_string(),
            "/nowhere/threadbook",
        ),
    )
    .expect("a file");
    let (code, report) = findings_on(&machine);
    assert_eq!(code, Some(1));
    let found = finding(&report, "kernelspec");
    assert!(
        found["detail"]
            .as_str()
            .is_some_and(|text| text.contains("/nowhere/threadbook, which does not exist")),
        "{found}"
    );
    assert_eq!(apply_remedy(&report).0, Some(0));
}

#[test]
fn the_remedy_for_unwritable_directories_works() {
    let machine = Machine::with(NEEDED);
    let locked = machine.sandbox.path("locked");
    fs::create_dir(&locked).expect("a directory");
    set_mode(&locked, 0o555);
    for (variable, name) in [
        ("XDG_CACHE_HOME", "cache directory"),
        ("JUPYTER_RUNTIME_DIR", "runtime directory"),
    ] {
        let mut command = without_root(machine.threadbook("doctor").env(variable, &locked));
        let (code, report) = findings(&mut command);
        assert_eq!(code, Some(1), "{report}");
        let found = finding(&report, name);
        assert!(
            found["detail"]
                .as_str()
                .is_some_and(|text| text.contains("is not writable")),
            "{found}"
        );
        let remedy = found["remedy"].as_str().expect("a remedy");
        run::to_end(Command::new("/bin/sh").args(["-c", remedy]), WITHIN).expect_code(0);
        let (code, report) = findings(&mut without_root(
            machine.threadbook("doctor").env(variable, &locked),
        ));
        assert_eq!(code, Some(0), "{report}");
        set_mode(&locked, 0o555);
    }
    set_mode(&locked, 0o755);
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
}

/// `threadbook doctor | head -1` closes the pipe early.
#[test]
fn a_closed_stdout_causes_no_message() {
    let machine = Machine::with(NEEDED);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let ended = machine
        .threadbook("doctor")
        .stdout(writer)
        .output()
        .expect("threadbook starts");
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

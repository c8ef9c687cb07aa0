//! Parameters from the command line.

use super::*;

/// papermill makes the same notebook.
#[test]
fn parameters_are_injected_as_by_papermill() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut made = python::of([
        ("first", "import os"),
        ("defaults", "n = 1\nname = 'x'"),
        ("show", "print(n, name, x, on)"),
    ]);
    let without_defaults = made.clone();
    tag(&mut made, 1, "parameters");
    let mut injected = made.clone();
    injected["cells"][0] = notebook::code_cell("old", "n = 9");
    tag(&mut injected, 0, "injected-parameters");
    let parameters = [
        ("n", "4"),
        ("name", "a \"b\" c"),
        ("x", "0.5"),
        ("on", "True"),
    ];
    for (name, made) in [
        ("with", made),
        ("without", without_defaults),
        ("again", injected),
    ] {
        let file = format!("{name}.ipynb");
        notebook::write(&sandbox.work().join(&file), &made);
        let mut papermill = vec![
            "--prepare-only",
            "--log-level",
            "ERROR",
            &file,
            "theirs.ipynb",
        ];
        for (name, value) in parameters {
            papermill.extend(["-p", name, value]);
        }
        Venv::open()
            .run(&sandbox, "papermill", &papermill, BOUND)
            .expect_code(0);

        let given = parameters.map(|(name, value)| format!("{name}={value}"));
        let mut arguments = vec!["run", &file, "--output-dir", "ours", "--allow-errors"];
        for parameter in &given {
            arguments.extend(["-p", parameter]);
        }
        let ended = python::threadbook(&sandbox, &arguments).expect_code(0);
        assert_eq!(
            ended.stderr.contains("no cell has the tag `parameters`"),
            name == "without",
            "{ended}"
        );
        let cells = |notebook: &Value| -> Vec<(String, Value)> {
            let cells = notebook::code_cells(notebook).into_iter();
            cells
                .map(|cell| {
                    (
                        cell.source().trim_end().to_owned(),
                        cell.0["metadata"]["tags"].clone(),
                    )
                })
                .collect()
        };
        // papermill gives each cell an empty list of tags.
        let mut theirs = cells(&read(&sandbox, "theirs.ipynb"));
        for (_, tags) in &mut theirs {
            if *tags == json!([]) {
                *tags = Value::Null;
            }
        }
        let executed = notebook::read(&sandbox.work().join("ours").join(&file));
        assert_eq!(cells(&executed), theirs, "{name}");
        if name == "with" {
            assert_eq!(printed(&executed, "show"), "4 a \"b\" c 0.5 True\n");
        }
    }
}

#[test]
fn a_rust_notebook_takes_parameters() {
    let sandbox = Sandbox::new();
    let mut made = notebook::of([
        (
            "defaults",
            "let threads: u64 = 1;\nlet name: String = String::from(\"x\");\nlet mut rate = 1.0_f32;",
        ),
        (
            "show",
            "rate += 1.0;\nprintln!(\"{threads} {name} {rate} {on}\");\nlet total: u64 = threads * 2;\ntotal",
        ),
    ]);
    tag(&mut made, 0, "parameters");
    notebook::write(&sandbox.work().join("rust.ipynb"), &made);
    let arguments = [
        "run",
        "rust.ipynb",
        "--output-dir",
        "out",
        "-p",
        "threads=4",
        "-p",
        "name=a \"b\"",
        "-p",
        "rate=3",
    ];
    sandbox
        .run(arguments.into_iter().chain(["--parameter", "on=true"]))
        .expect_code(0);
    let executed = notebook::read(&sandbox.work().join("out/rust.ipynb"));
    let show = notebook::cell(&executed, "show");
    assert_eq!(show.stream("stdout"), "4 a \"b\" 4 true\n");
    assert_eq!(show.result().as_deref(), Some("8"));
}

use std::fs;

use serde_json::Value;

use super::*;

#[test]
fn what_is_installed_is_found_and_removed() {
    let prefix = tempfile::tempdir().unwrap();
    let target = InstallTarget::Prefix(prefix.path().to_owned());
    assert!(matches!(
        uninstall(&target),
        Err(SpecError::NotInstalled(_))
    ));
    let folder = install(&target).unwrap();
    assert_eq!(
        folder,
        prefix.path().join("share/jupyter/kernels/threadbook")
    );
    // Installs over the existing kernelspec.
    install(&target).unwrap();

    let stored: Value =
        serde_json::from_slice(&fs::read(folder.join("kernel.json")).unwrap()).unwrap();
    let program = std::env::current_exe().unwrap();
    assert_eq!(
        stored,
        json!({
            "argv": [program, "kernel", "{connection_file}"],
            "display_name": "Threadbook (Rust)",
            "language": "rust",
            "metadata": {"debugger": false},
            "interrupt_mode": "message",
            "env": {},
        })
    );
    let found = find_in(&[below(prefix.path().to_owned())], "Threadbook").unwrap();
    assert_eq!(found.name, "threadbook");
    assert_eq!(found.folder.as_deref(), Some(folder.as_path()));

    assert_eq!(uninstall(&target).unwrap(), folder);
    assert_eq!(names_in(&below(prefix.path().to_owned())), [""; 0]);
}

#[test]
fn an_unknown_name_is_answered_with_those_that_exist() {
    let data = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let folders = data.each_ref().map(|folder| folder.path().to_owned());
    let add = |data_folder: &Path, name: &str, content: &str| {
        let folder = folder_in(data_folder, name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("kernel.json"), content).unwrap();
    };
    assert_eq!(
        find_in(&folders, "julia").unwrap_err().to_string(),
        "no kernel named `julia` is installed; installed kernels: none"
    );
    add(
        &folders[0],
        "python3",
        r#"{"argv": ["first"], "display_name": "P", "language": "python"}"#,
    );
    add(
        &folders[1],
        "python3",
        r#"{"argv": ["second"], "display_name": "P", "language": "python"}"#,
    );
    add(
        &folders[1],
        "ir",
        r#"{"argv": [], "display_name": "R", "language": "R"}"#,
    );
    assert_eq!(
        find_in(&folders, "julia").unwrap_err().to_string(),
        "no kernel named `julia` is installed; installed kernels: ir, python3"
    );
    assert_eq!(find_in(&folders, "python3").unwrap().spec.argv, ["first"]);
    let broken = find_in(&folders, "ir").unwrap_err().to_string();
    assert!(
        broken.ends_with("kernels/ir/kernel.json is not a kernelspec: its `argv` is empty"),
        "{broken}"
    );
}

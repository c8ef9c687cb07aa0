use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

const NOTEBOOK: &str = r##"{"cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Hello"]}],
 "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"##;

struct Folder(tempfile::TempDir);

impl Folder {
    /// Creates a directory with these notebooks.
    fn with(notebooks: &[&str]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for name in notebooks {
            let path = folder.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, NOTEBOOK).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn plan(&self, places: &Destinations) -> Result<Vec<Job>, String> {
        let shown = |error: RunError| {
            error
                .to_string()
                .replace(&format!("{}/", self.0.path().display()), "")
        };
        plan(&[self.0.path().to_owned()], places, &Selection::default()).map_err(shown)
    }
}

#[test]
fn results_have_the_names_of_their_notebooks() {
    let folder = Folder::with(&["a.b.ipynb"]);
    let (notebooks, pages) = (folder.path("out/executed"), folder.path("out/pages"));
    let places = Destinations {
        notebooks: Some(&notebooks),
        pages: Some(&pages),
        ..Default::default()
    };
    let jobs = folder.plan(&places).unwrap();
    assert_eq!(jobs[0].notebook, Some(notebooks.join("a.b.ipynb")));
    assert_eq!(jobs[0].page, Some(pages.join("a.b.html")));
    assert_eq!(jobs[0].title(), "a.b");
    jobs[0].write().unwrap();
    assert_eq!(
        Document::read(&notebooks.join("a.b.ipynb")).unwrap(),
        jobs[0].document
    );
    assert!(
        fs::read_to_string(pages.join("a.b.html"))
            .unwrap()
            .contains("Hello")
    );

    let in_place = folder
        .plan(&Destinations {
            in_place: true,
            ..Default::default()
        })
        .unwrap();
    assert_eq!(in_place[0].notebook, Some(in_place[0].source.clone()));
    let nowhere = folder.plan(&Destinations::default()).unwrap();
    assert_eq!((&nowhere[0].notebook, &nowhere[0].page), (&None, &None));
}

#[test]
fn a_folder_per_student_keeps_its_place() {
    let folder = Folder::with(&["kim/hw.ipynb", "sam/hw.ipynb"]);
    let [out, pages] = ["out", "pages"].map(|name| folder.path(name));
    let places = Destinations {
        notebooks: Some(&out),
        pages: Some(&pages),
        ..Default::default()
    };
    for job in folder.plan(&places).unwrap() {
        job.write().unwrap();
    }
    for student in ["kim", "sam"] {
        assert!(out.join(student).join("hw.ipynb").is_file());
        assert!(pages.join(student).join("hw.html").is_file());
    }
}

#[test]
fn what_cannot_be_done_is_known_before_anything_is_run() {
    let folder = Folder::with(&["a.ipynb", "sub/a.ipynb"]);
    let out = folder.path("out");
    let places = Destinations {
        notebooks: Some(&out),
        ..Default::default()
    };
    let paths = ["a.ipynb", "sub"].map(|name| folder.path(name));
    let same = plan(&paths, &places, &Selection::default())
        .unwrap_err()
        .to_string();
    assert!(same.contains("would both be written to"), "{same}");
    assert!(!out.exists());

    let both = Destinations {
        in_place: true,
        notebooks: Some(&out),
        ..Default::default()
    };
    assert!(
        folder
            .plan(&both)
            .unwrap_err()
            .contains("--in-place or --output-dir")
    );

    let read_only = folder.path("sub/a.ipynb");
    fs::set_permissions(&read_only, fs::Permissions::from_mode(0o444)).unwrap();
    let refused = folder
        .plan(&Destinations {
            in_place: true,
            ..Default::default()
        })
        .unwrap_err();
    assert_eq!(refused, "cannot write sub/a.ipynb: the file is read-only");

    let file = folder.path("a.ipynb");
    let no_folder = folder
        .plan(&Destinations {
            pages: Some(&file.join("x")),
            ..Default::default()
        })
        .unwrap_err();
    assert!(
        no_folder.starts_with("cannot write a.ipynb/x"),
        "{no_folder}"
    );

    fs::write(folder.path("b.ipynb"), "{}").unwrap();
    let broken = folder.plan(&Destinations::default()).unwrap_err();
    assert_eq!(
        broken,
        "b.ipynb is not a notebook: it has no `nbformat` number"
    );
}

#[test]
fn a_notebook_in_another_language_wants_another_kernel() {
    let choice = Selection {
        language: "rust",
        only_this_language: true,
        ..Default::default()
    };
    let planned = |metadata: &str| {
        let folder = Folder::with(&[]);
        let path = folder.path("a.ipynb");
        let mut notebook: serde_json::Value = serde_json::from_str(NOTEBOOK).unwrap();
        notebook["metadata"] = serde_json::from_str(metadata).unwrap();
        fs::write(&path, notebook.to_string()).unwrap();
        let planned = plan(&[path], &Destinations::default(), &choice);
        planned
            .map(|jobs| jobs.len())
            .map_err(|error| error.to_string())
    };
    for same in [
        "{}",
        r#"{"language_info": {"name": "Rust"}}"#,
        r#"{"kernelspec": {"name": "evcxr", "display_name": "R", "language": "rust"}}"#,
    ] {
        assert_eq!(planned(same), Ok(1), "{same}");
    }
    let python =
        r#"{"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}}"#;
    let message = planned(python).unwrap_err();
    let expected = "a.ipynb: the notebook is written in python, but the built-in kernel runs rust; choose another kernel with --kernel python3";
    assert!(message.ends_with(expected), "{message}");
    let message = planned(r#"{"language_info": {"name": "julia"}}"#).unwrap_err();
    assert!(message.ends_with("--kernel NAME"), "{message}");
}

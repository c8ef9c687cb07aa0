//! Notebooks for Python's own kernel, which the runner can use as any other.

use super::notebook;
use super::run::{self, Ended};
use super::sandbox::{BOUND, Sandbox};
use super::venv::Venv;
use serde_json::{Value, json};

/// A notebook for ipykernel of these code cells, each with its id.
pub fn of<'a>(cells: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let mut notebook = notebook::of(cells);
    notebook["metadata"] = json!({
        "kernelspec": { "name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python" },
        "language_info": { "name": "python" },
    });
    notebook
}

/// Runs `threadbook` with these arguments and `--kernel python3` to its end, as in an activated environment.
#[track_caller]
pub fn threadbook(sandbox: &Sandbox, arguments: &[&str]) -> Ended {
    let mut command = sandbox.threadbook();
    command
        .env("PATH", Venv::open().search_path())
        .args(arguments)
        .args(["--kernel", "python3"]);
    run::to_end(&mut command, BOUND)
}

/// What was written to a stream.
pub fn stream(name: &str, text: &str) -> Value {
    json!({ "output_type": "stream", "name": name, "text": text })
}

/// What was shown by `display`.
pub fn display(mime: &str, content: &str) -> Value {
    json!({ "output_type": "display_data", "data": { mime: content }, "metadata": {} })
}

/// A cell's value.
pub fn result(text: &str) -> Value {
    json!({
        "output_type": "execute_result", "data": { "text/plain": text }, "metadata": {}, "execution_count": 1,
    })
}

/// An error without its traceback, which nobody compares.
pub fn error(ename: &str, evalue: &str) -> Value {
    json!({ "output_type": "error", "ename": ename, "evalue": evalue, "traceback": [] })
}

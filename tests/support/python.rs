//! Notebooks for ipykernel, which the runner can use like any other kernel.

use super::notebook;
use super::run::{self, Ended};
use super::sandbox::{BOUND, Sandbox};
use super::venv::Venv;
use serde_json::{Value, json};

/// Returns a notebook for ipykernel with these code cells, each an id and a source.
pub fn of<'a>(cells: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let mut notebook = notebook::of(cells);
    notebook["metadata"] = json!({
        "kernelspec": { "name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python" },
        "language_info": { "name": "python" },
    });
    notebook
}

/// Runs `threadbook` with these arguments and `--kernel python3`, as in an activated environment.
#[track_caller]
pub fn threadbook(sandbox: &Sandbox, arguments: &[&str]) -> Ended {
    let mut command = sandbox.threadbook();
    command
        .env("PATH", Venv::open().search_path())
        .args(arguments)
        .args(["--kernel", "python3"]);
    run::to_end(&mut command, BOUND)
}

/// Returns a stream output.
pub fn stream(name: &str, text: &str) -> Value {
    json!({ "output_type": "stream", "name": name, "text": text })
}

/// Returns an output of `display`.
pub fn display(mime: &str, content: &str) -> Value {
    json!({ "output_type": "display_data", "data": { mime: content }, "metadata": {} })
}

/// Returns an output with a cell's value.
pub fn result(text: &str) -> Value {
    json!({
        "output_type": "execute_result", "data": { "text/plain": text }, "metadata": {}, "execution_count": 1,
    })
}

/// Returns an error output without a traceback, which is not compared.
pub fn error(ename: &str, evalue: &str) -> Value {
    json!({ "output_type": "error", "ename": ename, "evalue": evalue, "traceback": [] })
}

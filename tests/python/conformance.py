"""Runs Jupyter's own tests of a kernel (jupyter_kernel_test) with Rust samples."""

import pathlib
import unittest

import jupyter_kernel_test

HELPER = pathlib.Path(__file__).resolve().parents[2]
SETUP = f':dep threadbook = {{ path = "{HELPER}" }}\nuse threadbook::prelude::*;'
# In seconds. The first run builds the helper crate, which takes longer than the tests' timeout for a cell.
SETUP_TIMEOUT = 300


class Cells(jupyter_kernel_test.KernelTests):
    kernel_name = "threadbook"
    language_name = "rust"
    file_extension = ".rs"

    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("to stderr");'
    code_generate_error = 'let n: i32 = "text";'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "vec![1, 2]", "result": "[1, 2]"},
        {"code": '"größe"', "result": "'größe'"},
    ]
    code_display_data = [
        {"code": 'display(Html("<b>bold</b>"));', "mime": "text/html"},
        {"code": 'display(Svg("<svg/>"));', "mime": "image/svg+xml"},
        {"code": 'display(Json("[1]"));', "mime": "application/json"},
    ]
    code_clear_output = "clear_output(false);"
    code_page_something = "?:dep"

    completion_samples = [
        {"text": ":de", "matches": {":dep"}},
        {"text": "let number = 42; numb", "matches": {"number"}},
        {"text": "let größe = 1; grö", "matches": {"größe"}},
        {"text": "println!(\"{}\", std::f64::consts::", },
    ]
    complete_code_samples = [
        "1 + 1",
        "let x = 1",
        "let x = 1;",
        "fn f() -> u8 { 1 }",
        "println!(\"}\");",
        "for i in 0..3 {\n    println!(\"{i}\");\n}",
        ":dep rand = \"0.9\"",
        "// only a comment",
    ]
    incomplete_code_samples = [
        "fn f(",
        "fn f() {",
        "let x =",
        "let text = \"open",
        "/* open",
        "vec![1,",
        "match x {",
        "v.iter().",
    ]
    invalid_code_samples = [")", "(1]", "let let", "import os", ":nothing"]

    code_inspect_sample = "/// Twice `n`.\nfn twice(n: u8) -> u8 { n + n }\ntwice"
    code_history_pattern = "6 [*] [0-9]"
    supported_history_operations = ("tail", "range", "search")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kc.execute_interactive(SETUP, timeout=SETUP_TIMEOUT, store_history=False)


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "threadbook"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main(verbosity=2)
